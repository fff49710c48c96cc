"""Which alerts a link selects, and in which order; knows no Streamlit."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dashboard import wording
from dashboard.selection import Selection
from db.queries.alerts import AlertFilter, AlertOrder
from offramp.policy import load_policy
from strategy.lifecycle import OPEN

_NOTHING = Decimal(-1)
SEVERITIES = ("urgent", "high", "medium", "low")
# The orders of the table by their name in the URL; without one, what is urgent comes first.
ORDERS: Mapping[AlertOrder, str] = {
    "saving": "largest saving first",
    "sure": "surest first",
    "due": "earliest date first",
    "newest": "newest first",
    "feature": "by name",
}


def wanted(chosen: Selection) -> AlertFilter:
    """What a link asks for; what is decided or over is listed by its state, and without one what waits for somebody."""
    states = (chosen.state,) if chosen.state else OPEN
    text, severity = chosen.text, _severity(chosen.severity)
    return AlertFilter(states=states, owner=chosen.owner, target=chosen.target, text=text, **severity)


def order_of(chosen: Selection) -> AlertOrder | None:
    """The order that a link asks for; none where it asks for one we do not know."""
    return next((order for order in ORDERS if order == chosen.order), None)


def in_words(chosen: Selection) -> str:
    """Which filters are in force, as people say it; empty where there is none.

    >>> in_words(Selection(owner="checkout", severity="high", order="due"))
    'owner checkout · severity high · earliest date first'
    """
    lists = {"owner": chosen.owner, "target": chosen.target, "state": chosen.state, "severity": chosen.severity}
    told = [f"{name} {wording.option(value)}" for name, value in lists.items() if value]
    order = order_of(chosen)
    return " · ".join([*told, *([f"with {chosen.text!r}"] if chosen.text else []), *([ORDERS[order]] if order else [])])


def _severity(name: str | None) -> dict[str, Any]:
    """A severity as `strategy.severity` grades it: a date makes it urgent, else what it is expected to save a month."""
    policy = load_policy()
    high, medium = policy.number("severity_high_usd_month"), policy.number("severity_medium_usd_month")
    bounds: Mapping[str | None, dict[str, Any]] = {
        None: {},
        "urgent": {"forced": True},
        "high": {"forced": False, "expected_from": high},
        "medium": {"forced": False, "expected_from": medium, "expected_below": high},
        "low": {"forced": False, "expected_below": medium},
    }
    return bounds.get(name, {"forced": False, "expected_below": _NOTHING})
