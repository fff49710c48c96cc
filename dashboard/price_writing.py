"""What the Prices page does when a button is pressed: one decision, in a callback, once however often it is clicked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dashboard import loads, person, selection
from db.failures import DatabaseError, database_words
from db.queries.proposals import Proposal, proposals
from db.queries.verdicts import Flip
from db.session import reading
from offramp.actions.actors import By, NotAllowed, name_of
from offramp.actions.failure import BadInput
from offramp.actions.price_decisions import accept, reject
from offramp.actions.price_news import moved_since
from offramp.actions.rejudge import rejudge
from offramp.clock import now
from offramp.policy import load_policy

ACCEPTED, REJECTED = "accepted", "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What became of a yes or no: what was decided and the verdicts it moved, or the one thing that is wrong."""

    status: str = ""
    model: str = ""
    by: str = ""
    flipped: tuple[Flip, ...] = ()
    problem: str | None = None
    unjudged: str | None = None


def decide(url: str, token: str, ids: Sequence[int], status: str) -> None:
    """Accept or refuse these proposals as the form's person; the same decision again writes nothing."""
    values = selection.field_values(token)
    by, why = (str(values.get(name) or "").strip() for name in ("by", "why"))
    selection.press(
        f"{token}-{status}",
        lambda: decide_once(url, ids, status, by=person.by(by), why=why),
        done=lambda told: told.problem is None,
    )


def decide_once(url: str, ids: Sequence[int], status: str, *, by: By, why: str) -> Decision:
    """Decide, judge again whom it touches, and say which verdicts moved; what was decided so before is left alone."""
    if not by:
        return Decision(problem="Say who decides: a price change is somebody's word.")
    engine, at = loads.engine(url), now()
    try:
        found = _stored(url, ids)
        if {each.status for each in found} != {status}:
            found = (accept if status == ACCEPTED else reject)(engine, ids, by=by, why=why, at=at)
    except NotAllowed as refused:
        return Decision(problem=f"{refused.problems[0].error}: {refused.problems[0].cure}.")
    except BadInput as problem:
        loads.forget()
        return Decision(problem=problem.problems[0].error)
    except DatabaseError as problem:
        return Decision(problem=f"nothing was decided: {database_words(problem)}")
    loads.forget()
    decided = Decision(status=status, model=found[0].model, by=found[0].decided_by or name_of(by))
    return _judged(url, decided, found[0].decided_at or at) if status == ACCEPTED else decided


def _stored(url: str, ids: Sequence[int]) -> list[Proposal]:
    with reading(loads.engine(url)) as session:
        return proposals(session, ids=ids)


def _judged(url: str, decided: Decision, since: datetime) -> Decision:
    """Judge again whom it touches; what flipped is read back, for a first click may have done it."""
    try:
        rejudge(loads.engine(url), load_policy(), now())
        loads.forget()
        with reading(loads.engine(url)) as session:
            return replace(decided, flipped=moved_since(session, decided.model, since))
    except (BadInput, DatabaseError) as problem:
        return replace(
            decided, unjudged=database_words(problem) if isinstance(problem, DatabaseError) else str(problem)
        )


def suppose(token: str, asked: str) -> None:
    """Add the form's model and price to what the page supposes; the URL says what that is."""
    values = selection.field_values(token)
    model = str(values.get("model") or "").strip()
    amounts = [str(values.get(name) or "").strip().lstrip("$") for name in ("input", "output")]
    if not model or not amounts[0]:
        nothing = Decision(problem="Name a model and at least its input price.")
        selection.press(token, lambda: nothing, done=lambda _: False)
        return
    kept = [text for text in asked.split() if text.rpartition("=")[0] != model]
    price = ":".join(amount for amount in amounts if amount)
    selection.suppose(" ".join([*kept, f"{model.replace(' ', '')}={price.replace(' ', '')}"]))
