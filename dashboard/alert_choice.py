"""Which alerts a link selects, and in which order; knows no Streamlit."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dashboard import frames, said
from dashboard.selection import Selection
from db.queries.alerts import Alert

SEVERITIES = ("urgent", "high", "medium", "low")
# The orders of the table by their name in the URL; without one, what is urgent comes first.
ORDERS: Mapping[str, str] = {
    "saving": "largest saving first",
    "sure": "surest first",
    "due": "earliest date first",
    "newest": "newest first",
    "feature": "by name",
}


def matches(alert: Alert, chosen: Selection) -> bool:
    """Whether an alert is among those that a link asks for."""
    text = (chosen.text or "").casefold()
    return (
        chosen.owner in (None, alert.owner)
        and chosen.target in (None, alert.target)
        and chosen.state in (None, alert.state)
        and chosen.severity in (None, frames.severity_of(alert))
        and text in f"{alert.feature} {alert.name or ''} {alert.owner or ''} {alert.cause}".casefold()
    )


def ordered(alerts: Sequence[Alert], order: str | None, documents: Mapping[str, Mapping[str, Any]]) -> list[Alert]:
    """The alerts in the order that a link asks for; as they come (urgent first) where it asks for none we know."""
    match order:
        case "saving":
            return sorted(alerts, key=lambda alert: -(alert.saving_usd_month or 0))
        case "sure":
            return sorted(alerts, key=lambda alert: -(said.surety(documents.get(alert.feature)) or 0))
        case "due":
            return sorted(alerts, key=lambda alert: alert.due_by or date.max)
        case "newest":
            return sorted(alerts, key=lambda alert: alert.opened_at, reverse=True)
        case "feature":
            return sorted(alerts, key=lambda alert: (alert.name or alert.feature).casefold())
        case _:
            return list(alerts)
