"""What the pages do when somebody moves an alert: one action, in a callback."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from dashboard import loads, person, selection
from db.failures import DatabaseError, database_words
from offramp.actions.alert_moves import Moved, claim, dismiss, reopen, snooze
from offramp.actions.failure import BadInput, Problem
from offramp.actions.finish import finish
from offramp.clock import now
from offramp.policy import load_policy
from strategy.lifecycle import Move


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMoved:
    """What became of a press: the move that was made, or what is wrong and what to do."""

    moved: Moved | None = None
    problem: str | None = None
    cure: str | None = None


def move(url: str, token: str, slug: str, wanted: Move) -> None:
    """Make the move that the form holds; refused or failed, nothing is written and the page says why.

    A second click on a form whose move was made is told the same again.
    """
    selection.press(token, lambda: _tried(url, token, slug, wanted), done=lambda told: told.moved is not None)


def _tried(url: str, token: str, slug: str, wanted: Move) -> AlertMoved:
    try:
        return AlertMoved(moved=_made(url, token, slug, wanted))
    except BadInput as refused:
        first = refused.problems[0]
        named = f"{first.field}: " if first.field in ("by", "note", "saving_at_least", "until", "due", "model") else ""
        return AlertMoved(problem=named + first.error, cure=first.cure)
    except DatabaseError as failure:
        return AlertMoved(problem=f"nothing was written: {database_words(failure)}", cure="try again in a moment")
    finally:
        loads.forget()


def _made(url: str, token: str, slug: str, wanted: Move) -> Moved:
    values, engine, at = selection.field_values(token), loads.engine(url), now()
    by, note = person.by(str(values.get("by") or "").strip()), str(values.get("note") or "")
    if not by:
        raise BadInput([Problem(error="Say who you are: every move has a name.", cure="fill in your name")])
    match wanted:
        case Move.CLAIM:
            return claim(engine, slug, by=by, due=_day(values.get("due"), "due"), at=at, note=note)
        case Move.SNOOZE:
            amount = str(values.get("saving") or "").strip()
            until = None if amount else _day(values.get("until"), "until")
            return snooze(engine, slug, by=by, at=at, until=until, saving_at_least=_amount(amount), note=note)
        case Move.DISMISS:
            return dismiss(engine, slug, by=by, reason=str(values.get("reason") or ""), note=note, at=at)
        case Move.FINISH:
            model = str(values.get("model") or "").strip() or None
            return finish(engine, load_policy(), slug, by=by, at=at, model=model, note=note)
        case _:
            return reopen(engine, slug, by=by, at=at, note=note)


def _day(value: object, field: str) -> date:
    text = str(value or "").strip()
    try:
        return date.fromisoformat(text)
    except ValueError:
        error = f"{text!r} is no day" if text else "is missing"
        raise BadInput([Problem(error=error, field=field, cure="write it as 2027-01-31")]) from None


def _amount(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        return Decimal(text.lstrip("$").replace(",", "")).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise BadInput(
            [Problem(error=f"{text[:30]!r} is no amount", field="saving_at_least", cure="write 2500")]
        ) from None
