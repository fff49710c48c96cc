"""A person's yes or no to proposed prices. A yes appends lines to the book; a no is remembered and not asked again."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from db.queries.proposals import Proposal, proposals
from db.session import Engine, Session, reading
from db.store.prices import append_prices, cancel_prices
from db.store.proposals import decide
from db.store.turns import Turn, take_turn
from offramp.actions.actors import By, acting, may_write_all, name_of
from offramp.actions.failure import BadInput, Problem
from offramp.actions.own_prices import follow_lists
from strategy.shown import exact, instant


def accept(engine: Engine, ids: Collection[int] | None, *, by: By, at: datetime, why: str = "") -> list[Proposal]:
    """Take the named proposals into the book; without ids every open one, but none that is quarantined.

    Raises:
        NotAllowed: only an admin may.
        BadInput: an id does not exist or was decided before; nothing is taken.
    """
    with acting(engine, by, "accept prices", _told(ids), at) as session:
        may_write_all(by, "accept prices")
        take_turn(session, Turn.PRICES)
        chosen = _waiting(session, ids)
        append_accepted(session, chosen, by=name_of(by), why=why, at=at)
        decide(session, [each.id for each in chosen], "accepted", by=name_of(by), why=why, at=at)
    return _now(engine, chosen)


def reject(engine: Engine, ids: Collection[int], *, by: By, at: datetime, why: str = "") -> list[Proposal]:
    """Refuse the named proposals: the book stays as it is, and the same list proposes them no more.

    Raises:
        NotAllowed: only an admin may.
        BadInput: an id does not exist or was decided before; nothing is refused.
    """
    with acting(engine, by, "refuse prices", _told(ids), at) as session:
        may_write_all(by, "refuse prices")
        take_turn(session, Turn.PRICES)
        chosen = _waiting(session, ids)
        decide(session, [each.id for each in chosen], "rejected", by=name_of(by), why=why, at=at)
    return _now(engine, chosen)


def _told(ids: Collection[int] | None) -> str:
    return "every open proposal" if ids is None else ", ".join(str(each) for each in sorted(ids))


def append_accepted(session: Session, chosen: Sequence[Proposal], *, by: str, at: datetime, why: str = "") -> int:
    """Append the lines of proposals that were accepted, each with who accepted it and why; how many lines were new."""
    said = f"accepted: {why}" if why else "accepted"
    lines = {each.id: each.line for each in chosen}
    written = cancel_prices(
        session,
        [line for each in chosen if each.change == "cancelled" and (line := lines[each.id])],
        recorded_at=at,
        recorded_by=by,
        reason=f"cancelled, {said}",
    )
    for change, sha256 in dict.fromkeys((each.change, each.sha256) for each in chosen):
        if change not in {"cancelled", "removed"}:
            same = [each for each in chosen if (each.change, each.sha256) == (change, sha256)]
            written += append_prices(
                session,
                [line for each in same if (line := lines[each.id])],
                recorded_at=at,
                recorded_by=by,
                source_version=same[0].source,
                source_sha256=sha256,
                reason=f"{change.replace('_', ' ')}, {said}",
            )
    return written + (follow_lists(session, at) if written else 0)


def together(found: Iterable[Proposal]) -> list[list[Proposal]]:
    """Proposals as they are decided: what one list says of one model from one instant on belongs together."""
    groups: dict[object, list[Proposal]] = {}
    for each in found:
        groups.setdefault((each.sha256, each.model, each.valid_from), []).append(each)
    return list(groups.values())


def _waiting(session: Session, ids: Collection[int] | None) -> list[Proposal]:
    if ids is None:
        return proposals(session, statuses=("open",))
    found = {each.id: each for each in proposals(session, ids=ids)}
    problems = [
        Problem(error=f"no proposal {number}", field="ID", cure="see `offramp prices proposals`")
        if number not in found
        else Problem(error=f"proposal {number} was {found[number].status} before", field="ID")
        for number in sorted(ids)
        if number not in found or found[number].status not in {"open", "quarantined"}
    ]
    if problems:
        raise BadInput(problems)
    return list(found.values())


def _now(engine: Engine, chosen: Sequence[Proposal]) -> list[Proposal]:
    with reading(engine) as session:
        return proposals(session, ids=[each.id for each in chosen])


def proposal_document(each: Proposal) -> dict[str, Any]:
    """One proposal as design's `prices proposals --json`."""
    return {
        "id": each.id,
        "model": each.model,
        "kind": each.kind.value,
        "change": each.change,
        "old": _usd(each.old),
        "new": _usd(each.new),
        "valid_from": instant(each.valid_from),
        "status": each.status,
        "why": each.why,
        "tier_min_input_tokens": each.tier_min_input_tokens,
        "processing": each.processing,
        "declared": each.declared,
        "source": each.source,
        "sha256": each.sha256,
        "found_at": instant(each.found_at),
        "decided_at": instant(each.decided_at),
        "decided_by": each.decided_by,
        "decided_why": each.decided_why or None,
    }


def _usd(amount: Decimal | None) -> str | None:
    return None if amount is None else exact(amount)
