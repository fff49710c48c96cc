"""What the judge and the calendar do with alerts: open, close, wake, re-open, by the table that people obey."""

from datetime import datetime
from decimal import Decimal

from db.session import Session
from db.store import alerts as store
from db.tables import AlertRow, FlipRow, VerdictRow
from strategy.lifecycle import Move, State, moved_materially
from strategy.money import dollars
from strategy.policy import Policy

JUDGE = "the judge"
CALENDAR = "the calendar"


def follow_flip(session: Session, flip: FlipRow, verdict: VerdictRow) -> None:
    """Close the alert that a flip ends, and open the one it begins; a dismissed migration is not proposed again."""
    alert = store.held_alert(session, verdict.feature_id)
    due = verdict.verdict == "due"
    if alert is not None and alert.state == State.DISMISSED and (not due or _is_same(alert, verdict)):
        return
    if alert is not None:
        store.close_alert(session, alert, flip, JUDGE)
    if due:
        store.raise_alert(session, flip, verdict, JUDGE)


def keep_up(session: Session, verdict: VerdictRow, policy: Policy) -> None:
    """Bring the alert up to a new verdict: wake it at the saving it waits for, re-open it where the facts moved."""
    alert = store.held_alert(session, verdict.feature_id)
    if alert is None or verdict.verdict != "due" or not _is_same(alert, verdict):
        return
    saving, wanted = verdict.saving_usd_month, alert.wake_usd_month
    if saving is not None and wanted is not None and saving >= wanted:
        why = f"It saves {dollars(saving)} a month now; it was to wait for {dollars(wanted)}."
        store.move_alert(session, alert, Move.WAKE, store.Step(at=verdict.as_of, by=JUDGE, why=why))
    share = policy.number("reopen_share")
    if alert.state == State.DISMISSED and moved_materially(alert.saving_usd_month, saving, share):
        _reopen(session, alert, saving, verdict.as_of)
    store.refresh_alert(session, alert, verdict)


def wake_by_date(session: Session, feature_id: int, as_of: datetime) -> None:
    """Wake the feature's snoozed alert on the day it waits for."""
    alert = store.held_alert(session, feature_id)
    if alert is None or alert.snoozed_until is None or alert.snoozed_until > as_of.date():
        return
    why = f"It was to wait until {alert.snoozed_until}."
    store.move_alert(session, alert, Move.WAKE, store.Step(at=as_of, by=CALENDAR, why=why))


def _is_same(alert: AlertRow, verdict: VerdictRow) -> bool:
    """Whether the verdict asks for the very migration of the alert."""
    return (alert.now, alert.target) == (verdict.now, verdict.target)


def _reopen(session: Session, alert: AlertRow, saving: Decimal | None, at: datetime) -> None:
    old = store.last_move(session, alert)
    then = "an unknown amount" if alert.saving_usd_month is None else dollars(alert.saving_usd_month)
    now = "an unknown amount" if saving is None else dollars(saving)
    why = f"It saves {now} a month now; it was {then} when it was dismissed."
    step = store.Step(at=at, by=JUDGE, why=why, answers_id=None if old is None else old.id)
    store.move_alert(session, alert, Move.REOPEN, step)
