"""Writing alerts: every change of state is a legal move and a row that says who, when and why."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import AlertMoveRow, AlertRow, FlipRow, VerdictRow
from strategy.lifecycle import ENDED, HELD, Move, State, after

_HELD = AlertRow.state.in_(HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Who moves an alert, when and why; `reason` is that of a dismissal, `claim_due` what a claim promises.

    `answers_id` is the move it takes back.
    """

    at: datetime
    by: str
    why: str
    reason: str | None = None
    claim_due: date | None = None
    answers_id: int | None = None


def held_alert(session: Session, feature_id: int) -> AlertRow | None:
    """The alert that has the feature's place, if one has: active, claimed, snoozed or dismissed."""
    query = select(AlertRow).where(AlertRow.feature_id == feature_id, _HELD)
    return session.scalars(query).one_or_none()


def held_features(session: Session, feature_ids: Collection[int]) -> set[int]:
    """Those of these features whose place an alert has."""
    return set(session.scalars(select(AlertRow.feature_id).where(AlertRow.feature_id.in_(feature_ids), _HELD)))


def last_alert(session: Session, feature_id: int) -> AlertRow | None:
    """The feature's newest alert in whatever state, None where it never had one."""
    query = select(AlertRow).where(AlertRow.feature_id == feature_id).order_by(AlertRow.id.desc()).limit(1)
    return session.scalars(query).one_or_none()


def alert_of(session: Session, alert_id: int) -> AlertRow:
    """The alert of this number."""
    return session.scalars(select(AlertRow).where(AlertRow.id == alert_id)).one()


def last_move(session: Session, alert: AlertRow) -> AlertMoveRow | None:
    """The newest move of an alert."""
    query = select(AlertMoveRow).where(AlertMoveRow.alert_id == alert.id).order_by(AlertMoveRow.id.desc()).limit(1)
    return session.scalars(query).one_or_none()


def move_alert(session: Session, alert: AlertRow, move: Move, step: Step) -> AlertMoveRow:
    """Make one legal move and append it; an alert that is no longer claimed or snoozed forgets what that set.

    The judge speaks of a day's first instant: a move is never told as earlier than the one before it.

    Raises:
        IllegalMove: the table holds no such move from the alert's state.
    """
    before = State(alert.state)
    state = after(before, move)
    previous = last_move(session, alert)
    if previous is not None and previous.at > step.at:
        step = replace(step, at=previous.at)
    alert.state = state
    alert.closed_at = step.at if state in ENDED else None
    if state is State.ACTIVE:
        alert.owner = alert.claim_due = None
    if state is not State.SNOOZED:
        alert.snoozed_until = alert.wake_usd_month = None
    return _append(session, alert, move, before, step)


def close_alert(session: Session, alert: AlertRow, flip: FlipRow, by: str) -> None:
    """Close an alert because the judge changed its mind; the flip says why."""
    move_alert(session, alert, Move.CLOSE, Step(at=flip.at, by=by, why=flip.cause_detail))
    alert.closed_flip_id = flip.id
    session.flush()


def refresh_alert(session: Session, alert: AlertRow, verdict: VerdictRow) -> None:
    """Bring an alert's figures up to the newest verdict; a claimed or a dismissed one keeps those it was decided on."""
    if alert.state in (State.ACTIVE, State.SNOOZED):
        alert.saving_usd_month = verdict.saving_usd_month
        alert.confidence = verdict.confidence
        alert.due_by = verdict.due_by
        alert.verdict_id = verdict.id
        session.flush()


def raise_alert(session: Session, flip: FlipRow, verdict: VerdictRow, by: str, at: datetime | None = None) -> AlertRow:
    """Open an alert for a feature that has become due, as of the flip, or (with `at`) that is due again as it was.

    Raises:
        ValueError: the verdict is not due, or names no target.
    """
    if verdict.verdict != "due" or verdict.target is None:
        message = f"verdict {verdict.id} is {verdict.verdict}: only a due one opens an alert"
        raise ValueError(message)
    before = last_alert(session, verdict.feature_id)
    alert = AlertRow(
        feature_id=verdict.feature_id,
        state=after(None, Move.OPEN),
        opened_at=at or flip.at,
        opened_flip_id=flip.id,
        follows_id=before.id if before else None,
        now=verdict.now,
        target=verdict.target,
        saving_usd_month=verdict.saving_usd_month,
        confidence=verdict.confidence,
        due_by=verdict.due_by,
        cause=flip.cause_detail,
        verdict_id=verdict.id,
    )
    session.add(alert)
    session.flush()
    _append(session, alert, Move.OPEN, None, Step(at=alert.opened_at, by=by, why=flip.cause_detail))
    return alert


def _append(session: Session, alert: AlertRow, move: Move, before: State | None, step: Step) -> AlertMoveRow:
    row = AlertMoveRow(
        alert_id=alert.id,
        at=step.at,
        by=step.by,
        move=move,
        from_state=before,
        to_state=alert.state,
        reason=step.reason,
        why=step.why,
        claim_due=step.claim_due,
        answers_id=step.answers_id,
    )
    session.add(row)
    session.flush()
    return row
