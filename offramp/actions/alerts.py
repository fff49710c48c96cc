"""Lists the alerts, as the page, the command line and HTTP show them."""

from collections.abc import Sequence
from typing import Any

from db.queries.verdicts import Alert, alerts
from db.session import Engine, reading
from offramp.actions.failure import BadInput, Problem
from strategy.shown import instant, money

STATES = ("active", "claimed", "snoozed", "dismissed", "finished", "succeeded", "failed", "closed")


def list_alerts(engine: Engine, *, state: str | None = None, owner: str | None = None) -> list[Alert]:
    """Open alerts, or those of one state (`all`: closed ones too), or of one owner; largest saving first.

    Raises:
        BadInput: there is no such state.
    """
    if state is not None and state not in (*STATES, "all"):
        raise BadInput([Problem(error=f"no state {state!r}", field="state", cure=f"use all or {', '.join(STATES)}")])
    with reading(engine) as session:
        found = alerts(session, open_only=state is None)
    return [
        alert
        for alert in found
        if (state in (None, "all") or alert.state == state) and (owner is None or alert.owner == owner)
    ]


def alerts_document(found: Sequence[Alert]) -> list[dict[str, Any]]:
    """Alerts as design's `alerts --json`."""
    return [
        {
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
        }
        for alert in found
    ]
