"""Moves an alert for a person: claim, snooze, dismiss, reopen. Finishing is `offramp.actions.finish`.

The feature's row is locked first, so that of two people who claim at once one wins and the other is told who did.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from db.queries.features import features
from db.session import Engine, Session
from db.store import alerts as store
from db.store.verdicts import latest_verdict, lock_features
from db.tables import AlertRow
from offramp.actions.actors import By, acting, may_write_feature, name_of
from offramp.actions.ended import not_ended
from offramp.actions.failure import BadInput, Problem
from strategy.lifecycle import Dismissal, IllegalMove, Move, State, after
from strategy.money import dollars

_LIMITS = {"by": 100, "note": 2_000}
_NOTHING_LEFT = {
    State.FINISHED: "it is being measured; `offramp ledger` shows how far that is",
    State.SUCCEEDED: "the saving was measured; `offramp ledger` shows it",
    State.FAILED: "the saving was measured; register what it runs on now, and it is judged afresh",
    State.CLOSED: "the judge opens another when the feature is due again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What became of an alert: its feature, its state, who moved it and why."""

    feature: str
    move: str
    state: str
    by: str
    why: str

    def document(self) -> dict[str, str]:
        """For `--json` and HTTP."""
        return {"feature": self.feature, "move": self.move, "state": self.state, "by": self.by, "why": self.why}


def claim(engine: Engine, slug: str, *, by: By, due: date, at: datetime, note: str | None = None) -> Moved:
    """Take an alert: `by` will have done it by `due`. What it rests on is frozen until it is given back or finished.

    Raises:
        BadInput: the move is illegal, or the name or the day cannot be used.
    """
    _not_past(due, at, "due")
    with acting(engine, by, Move.CLAIM, slug, at) as session:
        alert = moving(session, slug, Move.CLAIM, by)
        step = store.Step(at=at, by=name_of(by), why=_why(f"To be done by {due}.", note), claim_due=due)
        moved = make(session, alert, Move.CLAIM, step)
        alert.owner, alert.claim_due = moved.by, due
        return Moved(feature=slug, move=Move.CLAIM, state=alert.state, by=moved.by, why=moved.why)


def snooze(
    engine: Engine,
    slug: str,
    *,
    by: By,
    at: datetime,
    until: date | None = None,
    saving_at_least: Decimal | None = None,
    note: str | None = None,
) -> Moved:
    """Let an alert rest until a day, or until it saves so many USD a month.

    Raises:
        BadInput: the move is illegal, or it is not said until when.
    """
    if (until is None) is (saving_at_least is None):
        cure = "give a day (--until), or an amount (--saving-at-least)"
        raise BadInput([Problem(error="say either until when or until which saving", field="until", cure=cure)])
    if until is not None:
        _not_past(until, at, "until")
    with acting(engine, by, Move.SNOOZE, slug, at) as session:
        alert = moving(session, slug, Move.SNOOZE, by)
        if saving_at_least is not None:
            _more_than_now(saving_at_least, alert)
        told = f"Until {until}." if saving_at_least is None else f"Until it saves {dollars(saving_at_least)} a month."
        moved = make(session, alert, Move.SNOOZE, store.Step(at=at, by=name_of(by), why=_why(told, note)))
        alert.snoozed_until, alert.wake_usd_month = until, saving_at_least
        return Moved(feature=slug, move=Move.SNOOZE, state=alert.state, by=moved.by, why=moved.why)


def dismiss(engine: Engine, slug: str, *, by: By, reason: str, note: str, at: datetime) -> Moved:
    """Say no to a migration, with a reason of the list and a note; it stays silent until its facts move materially.

    Raises:
        BadInput: the move is illegal, the reason is none of the list, or the note is empty.
    """
    if reason not in tuple(Dismissal):
        raise BadInput([Problem(error=f"no reason {reason!r}", field="reason", cure=f"use {', '.join(Dismissal)}")])
    if not note.strip():
        cure = "say in a sentence why; who reads it in half a year will want to know"
        raise BadInput([Problem(error="is empty", field="note", cure=cure)])
    with acting(engine, by, Move.DISMISS, slug, at) as session:
        alert = moving(session, slug, Move.DISMISS, by)
        moved = make(session, alert, Move.DISMISS, store.Step(at=at, by=name_of(by), why=note, reason=reason))
        return Moved(feature=slug, move=Move.DISMISS, state=alert.state, by=moved.by, why=moved.why)


def reopen(engine: Engine, slug: str, *, by: By, at: datetime, note: str | None = None) -> Moved:
    """Take a no back, end a snooze, or give a claimed alert back.

    Raises:
        BadInput: the move is illegal, or the judge no longer asks for this migration.
    """
    with acting(engine, by, Move.REOPEN, slug, at) as session:
        alert = moving(session, slug, Move.REOPEN, by)
        _still_due(session, slug, alert)
        old = store.last_move(session, alert)
        told = {State.CLAIMED: "Given back.", State.SNOOZED: "Woken."}.get(State(alert.state), "Taken up again.")
        step = store.Step(at=at, by=name_of(by), why=_why(told, note), answers_id=None if old is None else old.id)
        moved = make(session, alert, Move.REOPEN, step)
        verdict = latest_verdict(session, alert.feature_id)
        if verdict is not None:
            store.refresh_alert(session, alert, verdict)
        return Moved(feature=slug, move=Move.REOPEN, state=alert.state, by=moved.by, why=moved.why)


def moving(session: Session, slug: str, move: Move, by: By) -> AlertRow:
    """The feature's alert, locked, if this move is legal for it, and somebody's to make.

    Raises:
        NotAllowed: it is another's.
        BadInput: there is no such feature or alert, or the move is illegal; the legal ones are named.
    """
    not_ended(session, [slug])
    heads = features(session, [slug])
    if not heads:
        raise BadInput([Problem(error=f"no feature {slug!r}", field="feature", cure="see `offramp features`")])
    may_write_feature(by, slug, [heads[0].owner])
    lock_features(session, [heads[0].id])
    alert = store.held_alert(session, heads[0].id) or store.last_alert(session, heads[0].id)
    if alert is None:
        raise BadInput([Problem(error=f"{slug} has no alert", field="feature", cure="see `offramp alerts`")])
    try:
        after(State(alert.state), move)
    except IllegalMove as refused:
        raise _refusal(session, slug, alert, refused) from None
    return alert


def make(session: Session, alert: AlertRow, move: Move, step: store.Step) -> store.Step:
    """Make a person's move; gives it with its texts as they are kept.

    Raises:
        BadInput: the name is empty, or a text is too long.
    """
    step = replace(step, by=_line("by", step.by), why=_line("note", step.why))
    store.move_alert(session, alert, move, step)
    return step


def _refusal(session: Session, slug: str, alert: AlertRow, refused: IllegalMove) -> BadInput:
    last = store.last_move(session, alert)
    who = "" if last is None else f" by {last.by} on {last.at.date()}"
    due = f", to be done by {alert.claim_due}" if alert.claim_due else ""
    legal = ", ".join(refused.legal)
    cure = f"legal now: {legal}" if legal else f"no move is left: {_NOTHING_LEFT[State(alert.state)]}"
    error = f"{slug} is {alert.state}{who}{due}: {refused.move} is not possible"
    return BadInput([Problem(error=error, field="state", cure=cure)])


def _still_due(session: Session, slug: str, alert: AlertRow) -> None:
    verdict = latest_verdict(session, alert.feature_id)
    asked = None if verdict is None else (verdict.verdict, verdict.now, verdict.target)
    if asked != ("due", alert.now, alert.target):
        error = f"the judge no longer asks {slug} to move from {alert.now} to {alert.target}"
        raise BadInput([Problem(error=error, field="state", cure=f"`offramp explain {slug}` tells why")])


def _more_than_now(wanted: Decimal, alert: AlertRow) -> None:
    now = alert.saving_usd_month
    if wanted <= 0 or (now is not None and wanted <= now):
        have = "" if now is None else f"; it saves {dollars(now)} a month already"
        error = f"{dollars(wanted)} a month is no reason to wait{have}"
        raise BadInput([Problem(error=error, field="saving_at_least", cure="name a larger saving, or a day")])


def _not_past(day: date, at: datetime, field: str) -> None:
    if day < at.date():
        raise BadInput([Problem(error=f"{day} is past", field=field, cure="name today or a later day")])


def _why(told: str, note: str | None) -> str:
    return " ".join(part for part in (told, (note or "").strip()) if part)


def _line(field: str, text: str) -> str:
    """Text of a person on one line.

    Raises:
        BadInput: it is empty or too long.
    """
    clean = " ".join(text.split())
    if not clean or len(clean) > _LIMITS[field] or not clean.isprintable():
        problem = Problem(
            error=f"has {len(clean)} characters", field=field, cure=f"write 1 to {_LIMITS[field]} printable characters"
        )
        raise BadInput([problem])
    return clean
