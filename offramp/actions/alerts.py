"""Lists the alerts, as the page, the command line and HTTP show them."""

from collections.abc import Sequence
from typing import Any

from db.queries.alerts import Alert, alerts
from db.session import Engine, reading
from offramp.actions.failure import BadInput, Problem
from offramp.policy import load_policy
from strategy.lifecycle import OPEN, State, legal
from strategy.severity import expected_usd_month, order, severity
from strategy.shown import instant, money

STATES = tuple(str(state) for state in State)


def list_alerts(engine: Engine, *, state: str | None = None, owner: str | None = None) -> list[Alert]:
    """Open alerts, or those of one state (`all`: every one), or of one owner; by date and expected saving, open first.

    Raises:
        BadInput: there is no such state.
    """
    if state is not None and state not in (*STATES, "all"):
        raise BadInput([Problem(error=f"no state {state!r}", field="state", cure=f"use all or {', '.join(STATES)}")])
    states = OPEN if state is None else None if state == "all" else (state,)
    with reading(engine) as session:
        found = alerts(session, states=states)
    return sorted((alert for alert in found if owner is None or alert.owner == owner), key=_order)


def _order(alert: Alert) -> tuple[object, ...]:
    return alert.state not in OPEN, *order(expected_usd_month(alert.saving_usd_month, alert.confidence), alert.due_by)


def alerts_document(found: Sequence[Alert]) -> list[dict[str, Any]]:
    """Alerts as design's `alerts --json`; what stands after `closed_at` is more than the contract asks for."""
    return [_document(alert) for alert in found]


def _document(alert: Alert) -> dict[str, Any]:
    expected = expected_usd_month(alert.saving_usd_month, alert.confidence)
    return {
        "feature": alert.feature,
        "state": alert.state,
        "now": alert.now,
        "target": alert.target,
        "saving_usd_month": money(alert.saving_usd_month),
        "opened_at": instant(alert.opened_at),
        "due_by": alert.due_by.isoformat() if alert.due_by else None,
        "owner": alert.owner,
        "cause": alert.cause,
        "closed_at": instant(alert.closed_at),
        "due_by_reason": alert.due_by_reason,
        "severity": severity(expected, alert.due_by, load_policy()),
        "confidence": None if alert.confidence is None else float(alert.confidence),
        "expected_usd_month": money(expected),
        "legal_moves": [str(move) for move in legal(State(alert.state))],
        "moved_by": alert.decided_by,
        "moved_at": instant(alert.decided_at),
        "reason": alert.reason,
        "note": alert.note,
        "claim_due": alert.claim_due.isoformat() if alert.claim_due else None,
        "snoozed_until": alert.snoozed_until.isoformat() if alert.snoozed_until else None,
        "snoozed_until_saving_usd_month": money(alert.wake_usd_month),
        "evidence": alert.evidence,
    }
