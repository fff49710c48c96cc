"""A move of an alert as a JSON body asks for it, with the options of the command line by their names."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from db.session import Engine
from offramp.actions.alert_moves import Moved, claim, dismiss, reopen, snooze
from offramp.actions.failure import BadInput, Problem
from offramp.actions.finish import finish
from offramp.policy import load_policy
from strategy.lifecycle import BY_PEOPLE, Move

_FIELDS: Mapping[Move, tuple[str, ...]] = {
    Move.CLAIM: ("by", "due", "note"),
    Move.SNOOZE: ("by", "until", "saving_at_least", "note"),
    Move.DISMISS: ("by", "reason", "note"),
    Move.FINISH: ("by", "model", "note"),
    Move.REOPEN: ("by", "note"),
}


def move_by_request(engine: Engine, slug: str, move: str, body: object, *, at: datetime) -> Moved:
    """Make the move that a body asks for; a field that it does not know is named.

    Raises:
        BadInput: there is no such move, a field is wrong or missing, or the move is refused.
    """
    if move not in tuple(str(each) for each in BY_PEOPLE):
        raise BadInput([Problem(error=f"no move {move!r}", field="move", cure=f"use {', '.join(BY_PEOPLE)}")])
    if not isinstance(body, dict):
        raise BadInput([Problem(error="the body is no object", cure='send {"by": "…"}')])
    given = _read(Move(move), body)
    by = str(given.pop("by"))
    match Move(move):
        case Move.CLAIM:
            return claim(engine, slug, by=by, at=at, **given)
        case Move.SNOOZE:
            return snooze(engine, slug, by=by, at=at, **given)
        case Move.DISMISS:
            return dismiss(engine, slug, by=by, at=at, **given)
        case Move.FINISH:
            return finish(engine, load_policy(), slug, by=by, at=at, **given)
        case _:
            return reopen(engine, slug, by=by, at=at, **given)


def _read(move: Move, body: Mapping[str, Any]) -> dict[str, Any]:
    known, required = _FIELDS[move], {"by"} | ({"due"} if move is Move.CLAIM else set())
    required |= {"reason", "note"} if move is Move.DISMISS else set()
    problems = [
        Problem(error="is not known here", field=str(name), cure=f"use {', '.join(known)}")
        for name in body
        if name not in known
    ]
    problems += [
        Problem(error="is missing", field=name, cure="give it") for name in known if name in required - set(body)
    ]
    if problems:
        raise BadInput(problems)
    return {name: _value(name, value) for name, value in body.items() if value is not None or name in required}


def _value(name: str, value: object) -> object:
    if not isinstance(value, str):
        raise BadInput([Problem(error=f"{value!r:.50} is not text", field=name, cure="put it in quotes")])
    try:
        if name in {"due", "until"}:
            return date.fromisoformat(value)
        if name == "saving_at_least":
            return _amount(value)
    except (ValueError, InvalidOperation):
        cure = "write 2500.00" if name == "saving_at_least" else "write 2026-12-15"
        raise BadInput([Problem(error=f"{value[:50]!r} is not understood", field=name, cure=cure)]) from None
    return value


def _amount(text: str) -> Decimal:
    amount = Decimal(text)
    if not amount.is_finite():
        raise InvalidOperation
    return amount.quantize(Decimal("0.01"))
