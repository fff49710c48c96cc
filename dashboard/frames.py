"""Rows to tidy frames, for drawing only: no decision is taken from a frame. Knows no Streamlit.

Money becomes a float here and nowhere else; whatever is printed as a figure is formatted from the Decimal.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

import pandas as pd

from dashboard import said, wording
from dashboard.palette import strategy_of
from db.queries.alerts import Alert
from db.queries.ledger import Migration
from db.queries.standing import DayChange
from db.queries.verdicts import Flip
from offramp.actions.usage import UsageRow
from offramp.policy import load_policy
from strategy.money import cents
from strategy.severity import expected_usd_month, severity

SPARK_DAYS = 28


def days_before(end: date, number: int) -> list[date]:
    """The `number` whole days before `end`, oldest first."""
    return [end - timedelta(days=back) for back in range(number, 0, -1)]


class Spent(Protocol):
    """What a feature, or all together, cost on a day."""

    @property
    def feature(self) -> str | None:
        """Whose; None for nobody's, or for all together."""

    @property
    def day(self) -> date | None:
        """The day."""

    @property
    def cost_usd(self) -> Decimal | None:
        """None is unknown."""


def spark(rows: Sequence[Spent], days: Sequence[date]) -> dict[str | None, list[float]]:
    """Daily spend by feature over `days`; a day without calls is 0, an unpriced one draws nothing as well."""
    places = {day: place for place, day in enumerate(days)}
    found: dict[str | None, list[float]] = {}
    for row in rows:
        if row.day in places:
            line = found.setdefault(row.feature, [0.0] * len(days))
            line[places[row.day]] += float(row.cost_usd or 0)
    return found


def total_cost(rows: Sequence[Spent]) -> Decimal | None:
    """The exact cost of these rows; None where none of them could be priced."""
    costs = [row.cost_usd for row in rows if row.cost_usd is not None]
    return sum(costs, Decimal(0)) if costs else None


def total_per_day(rows: Sequence[Spent], days: Sequence[date]) -> list[float]:
    """Daily spend of all rows together over `days`."""
    return [sum(line) for line in zip(*spark(rows, days).values(), strict=True)]


def alert_table(alerts: Sequence[Alert], sparks: Mapping[str | None, list[float]]) -> pd.DataFrame:
    """One row per alert, as the table on the home page shows it."""
    documents = {alert.feature: json.loads(alert.document) for alert in alerts}
    columns: dict[str, list[Any]] = {
        "Feature": [alert.name or alert.feature for alert in alerts],
        "Saving": [
            None if alert.saving_usd_month is None else float(cents(alert.saving_usd_month)) for alert in alerts
        ],
        "To": [[wording.OF_ONE_STRATEGY.get(alert.target) or strategy_of(alert.target)] for alert in alerts],
        "From": [[strategy_of(alert.now)] for alert in alerts],
        "State": [alert.state for alert in alerts],
        "Severity": [severity_of(alert) for alert in alerts],
        "How sure": [_sure(alert) for alert in alerts],
        "Due by": [wording.short_day(alert.due_by) or "no date" for alert in alerts],
        "Since": [alert.opened_at.replace(tzinfo=None) for alert in alerts],
        "Owner": [alert.owner or wording.UNKNOWN for alert in alerts],
        "Spend": [sparks.get(alert.feature, []) for alert in alerts],
        "Range": [said.saving_range(documents.get(alert.feature)) for alert in alerts],
        "Cause": [alert.cause for alert in alerts],
    }
    return pd.DataFrame(columns)


def severity_of(alert: Alert) -> str:
    """How urgent an alert is: urgent where it has a date, else by its saving times how sure it is."""
    expected = expected_usd_month(alert.saving_usd_month, alert.confidence)
    return severity(expected, alert.due_by, load_policy())


def _sure(alert: Alert) -> float | None:
    return None if alert.confidence is None else float(alert.confidence)


def alert_csv(alerts: Sequence[Alert]) -> pd.DataFrame:
    """The same alerts as a file: exact cents as text, ISO times, and no cell that a spreadsheet runs."""
    return pd.DataFrame(
        [
            {
                "feature": alert.feature,
                "name": wording.cell(alert.name or ""),
                "state": alert.state,
                "severity": severity_of(alert),
                "now": alert.now,
                "target": alert.target,
                "saving_usd_month": "" if alert.saving_usd_month is None else f"{cents(alert.saving_usd_month):f}",
                "how_sure": _sure(alert),
                "opened_at": alert.opened_at.isoformat(),
                "due_by": alert.due_by.isoformat() if alert.due_by else "",
                "due_by_reason": wording.cell(alert.due_by_reason or ""),
                "owner": wording.cell(alert.owner or ""),
                "cause": wording.cell(alert.cause),
            }
            for alert in alerts
        ]
    )


def daily(rows: Sequence[UsageRow]) -> pd.DataFrame:
    """One row per day with its spend, calls, failed share and wait; an unpriced day's spend is missing, not zero."""
    return pd.DataFrame(
        [
            {
                "day": pd.Timestamp(row.day),
                "usd": None if row.cost_usd is None else float(row.cost_usd),
                "calls": row.calls,
                "failed": row.errors / row.calls if row.calls else None,
                "p95": row.latency_p95_ms,
            }
            for row in rows
            if row.day is not None
        ],
        columns=["day", "usd", "calls", "failed", "p95"],
    )


def standing_over_time(changes: Sequence[DayChange], days: Sequence[date]) -> pd.DataFrame:
    """How many features were due, and how many waited, at the end of each of these days.

    `saving` is USD a month of those due, as it stood when each became so.
    """
    rows = []
    rest, due, waiting, saving = list(changes), 0, 0, Decimal(0)
    for day in days:
        while rest and rest[0].day <= day:
            change = rest.pop(0)
            due, waiting, saving = due + change.due, waiting + change.waiting, saving + change.saving_usd_month
        rows.append({"day": day, "due": due, "waiting": waiting, "saving": float(saving)})
    return pd.DataFrame(rows, columns=["day", "due", "waiting", "saving"])


def flip_marks(flips: Sequence[Flip]) -> list[dict[str, Any]]:
    """The flips as marks on a time line; the first judgement is none, for nothing flipped."""
    return [
        {"at": _naive(flip.at), "kind": "verdict flips", "what": f"{_outcome(flip)}. {flip.cause_detail}"}
        for flip in flips
        if flip.from_verdict is not None
    ]


def price_mark(at: datetime, what: str) -> dict[str, Any]:
    """A price change as a mark on a time line."""
    return {"at": _naive(at), "kind": "price changes", "what": what}


def migration_marks(found: Sequence[Migration]) -> list[dict[str, Any]]:
    """The finished migrations as marks on a time line."""
    return [
        {
            "at": _naive(each.finished_at),
            "kind": "migrations",
            "what": f"{wording.option(each.now)} to {wording.option(each.target)} went live",
        }
        for each in found
    ]


def marks(found: Sequence[Mapping[str, Any]], start: date | None) -> pd.DataFrame:
    """Marks on or after the first day drawn."""
    rows = [item for item in found if start is None or item["at"].date() >= start]
    return pd.DataFrame(rows, columns=["at", "kind", "what"])


def flip_table(flips: Sequence[Flip]) -> pd.DataFrame:
    """The history of verdicts, newest first."""
    return pd.DataFrame(
        [
            {
                "When": _naive(flip.at),
                "Verdict": _outcome(flip),
                "Before": "" if flip.from_verdict is None else wording.words(flip.from_verdict),
                "Saving": wording.usd(flip.saving_after_usd_month),
                "Cause": said.cause(flip.cause, flip.cause_detail),
            }
            for flip in reversed(flips)
        ],
        columns=["When", "Verdict", "Before", "Saving", "Cause"],
    )


def _outcome(flip: Flip) -> str:
    to = f" to {wording.option(flip.to_target)}" if flip.to_target else ""
    code = f" ({wording.words(flip.to_code).lower()})" if flip.to_code else ""
    return wording.words(flip.to_verdict) + to + code


def _naive(at: datetime) -> pd.Timestamp:
    return pd.Timestamp(at.replace(tzinfo=None))
