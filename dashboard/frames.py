"""Rows to tidy frames, for drawing only: no decision is taken from a frame. Knows no Streamlit.

Money becomes a float here and nowhere else; whatever is printed as a figure is formatted from the Decimal.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from dashboard import said, wording
from dashboard.palette import STRATEGIES, strategy_of
from db.queries.verdicts import Alert, Flip
from offramp.actions.usage import UsageRow
from strategy.facts import Score
from strategy.fields import TASK_FIELDS
from strategy.kinds import Source
from strategy.money import DAYS_PER_MONTH, cents

SPARK_DAYS = 28


def days_before(end: date, number: int) -> list[date]:
    """The `number` whole days before `end`, oldest first."""
    return [end - timedelta(days=back) for back in range(number, 0, -1)]


def spark(rows: Sequence[UsageRow], days: Sequence[date]) -> dict[str | None, list[float]]:
    """Daily spend by feature over `days`; a day without calls is 0, an unpriced one draws nothing as well."""
    places = {day: place for place, day in enumerate(days)}
    found: dict[str | None, list[float]] = {}
    for row in rows:
        if row.day in places:
            line = found.setdefault(row.feature, [0.0] * len(days))
            line[places[row.day]] += float(row.cost_usd or 0)
    return found


def total_per_day(rows: Sequence[UsageRow], days: Sequence[date]) -> list[float]:
    """Daily spend of all rows together over `days`."""
    return [sum(line) for line in zip(*spark(rows, days).values(), strict=True)]


def alert_table(
    alerts: Sequence[Alert], documents: Mapping[str, Mapping[str, Any]], sparks: Mapping[str | None, list[float]]
) -> pd.DataFrame:
    """One row per alert, as the table on the home page shows it."""
    columns: dict[str, list[Any]] = {
        "Feature": [alert.name or alert.feature for alert in alerts],
        "From": [[strategy_of(alert.now)] for alert in alerts],
        "To": [[strategy_of(alert.target)] for alert in alerts],
        "Saving": [
            None if alert.saving_usd_month is None else float(cents(alert.saving_usd_month)) for alert in alerts
        ],
        "Range": [said.saving_range(documents.get(alert.feature)) for alert in alerts],
        "How sure": [said.surety(documents.get(alert.feature)) for alert in alerts],
        "Due by": [wording.short_day(alert.due_by) or "no date" for alert in alerts],
        "Spend": [sparks.get(alert.feature, []) for alert in alerts],
        "Owner": [alert.owner or wording.UNKNOWN for alert in alerts],
        "Since": [alert.opened_at.replace(tzinfo=None) for alert in alerts],
        "Cause": [alert.cause for alert in alerts],
    }
    return pd.DataFrame(columns)


def alert_csv(alerts: Sequence[Alert], documents: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The same alerts as a file: exact cents as text, ISO times, and no cell that a spreadsheet runs."""
    return pd.DataFrame(
        [
            {
                "feature": alert.feature,
                "name": wording.cell(alert.name or ""),
                "state": alert.state,
                "now": alert.now,
                "target": alert.target,
                "saving_usd_month": "" if alert.saving_usd_month is None else f"{cents(alert.saving_usd_month):f}",
                "how_sure": said.surety(documents.get(alert.feature)),
                "opened_at": alert.opened_at.isoformat(),
                "due_by": alert.due_by.isoformat() if alert.due_by else "",
                "owner": wording.cell(alert.owner or ""),
                "cause": wording.cell(alert.cause),
            }
            for alert in alerts
        ]
    )


def total_saving(alerts: Sequence[Alert]) -> Decimal:
    """USD a month of these alerts, each rounded to the cent first, so that page, CSV and report agree."""
    return sum((cents(alert.saving_usd_month) for alert in alerts if alert.saving_usd_month), Decimal("0.00"))


def matrix(document: Mapping[str, Any]) -> pd.DataFrame:
    """The matrix, one row per property and strategy: label, value, source, fit. Strategies in canonical order."""
    rows = []
    for place, line in enumerate(document.get("matrix") or ()):
        value = matrix_value(line)
        label = f"{wording.words(line['property'])}|{value}"
        rows += [
            {
                "place": place,
                "label": label,
                "property": wording.words(line["property"]),
                "value": value,
                "strategy": strategy,
                "fit": line["fit"].get(strategy, "unknown"),
            }
            for strategy in STRATEGIES
        ]
    return pd.DataFrame(rows, columns=["place", "label", "property", "value", "strategy", "fit"])


def matrix_value(line: Mapping[str, Any]) -> str:
    """A matrix value with its unit and where it comes from.

    >>> matrix_value({"value": 1240, "unit": "ms", "source": "measured"})
    '1,240 ms · measured'
    """
    value, unit = line.get("value"), line.get("unit") or ""
    if value is None or line.get("source") == Source.UNKNOWN:
        return wording.UNKNOWN
    text = wording.UNKNOWN if value is None else _number(value)
    shown = f"${text}" if unit.startswith("USD") else text
    words = unit.removeprefix("USD").strip()
    return f"{shown}{' ' + words if words else ''} · {line['source']}"


def _number(value: object) -> str:
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return str(value).replace("_", " ")
    if number == number.to_integral_value() and abs(number) >= 1:
        return f"{number:,.0f}"
    return f"{float(number):,.3g}" if abs(number) < 1 else f"{float(number):,.1f}"


def monthly_costs(document: Mapping[str, Any]) -> pd.DataFrame:
    """USD a month by option, in canonical order, with its range where there is one, and the part it plays."""
    money = document.get("money") or {}
    low, high = ((money.get(side) or {}).get("monthly_usd") or {} for side in ("low", "high"))
    costs = money.get("monthly_usd") or {}
    rows = [
        {
            "option": wording.option(name),
            "strategy": strategy_of(name),
            "usd": float(costs[name]),
            "low": float(low.get(name) or costs[name]),
            "high": float(high.get(name) or costs[name]),
            "part": _part(document, name),
            "text": wording.usd_short(Decimal(costs[name])) + _part_words(_part(document, name)),
        }
        for name in sorted(costs, key=_canonical)
        if costs[name] is not None
    ]
    return pd.DataFrame(rows, columns=["option", "strategy", "usd", "low", "high", "part", "text"])


def _canonical(name: str) -> tuple[int, str]:
    strategy = strategy_of(name)
    return (STRATEGIES.index(strategy) if strategy in STRATEGIES else len(STRATEGIES), name)


def _part(document: Mapping[str, Any], name: str) -> str:
    return {document.get("now"): "now", document.get("target"): "target"}.get(name, "")


def _part_words(part: str) -> str:
    return f"  ({part})" if part else ""


def break_even(document: Mapping[str, Any]) -> pd.DataFrame:
    """Cumulated USD over the days of the horizon, of staying and of moving; empty where either is unknown."""
    money = document.get("money") or {}
    now, target = document.get("now"), document.get("target")
    costs, once = money.get("monthly_usd") or {}, money.get("one_off_usd") or {}
    columns = ["day", "option", "strategy", "usd"]
    monthly = _target_monthly(document)
    if not target or not now or costs.get(now) is None or monthly is None:
        return pd.DataFrame(columns=columns)
    payback = money.get("payback_days") or 0
    horizon = max(int(money.get("horizon_days") or 365), 1)
    last = min(horizon, max(90, int(payback * 2.5)))
    days = sorted({*range(0, last + 1, max(1, last // 60)), last})
    return pd.DataFrame(
        [
            {
                "day": day,
                "option": f"{verb} {wording.option(name)}",
                "strategy": strategy_of(name),
                "usd": float(Decimal(start) + Decimal(cost) * day / DAYS_PER_MONTH),
            }
            for verb, name, start, cost in (
                ("stay on", now, 0, costs[now]),
                ("move to", target, once.get(target) or once.get(strategy_of(target)) or 0, monthly),
            )
            for day in days
        ],
        columns=columns,
    )


def _target_monthly(document: Mapping[str, Any]) -> Decimal | None:
    """What the target costs a month; a variant's cost is the present one less the saving."""
    money = document.get("money") or {}
    costs, now, target = money.get("monthly_usd") or {}, document.get("now"), document.get("target") or ""
    for name in (target, strategy_of(target)):
        if costs.get(name) is not None and name != now:
            return Decimal(costs[name])
    if costs.get(now) is None or money.get("saving_usd_month") is None:
        return None
    return Decimal(costs[now]) - Decimal(money["saving_usd_month"])


def daily(rows: Sequence[UsageRow]) -> pd.DataFrame:
    """One row per day with its spend, calls and errors; an unpriced day's spend is missing, not zero."""
    return pd.DataFrame(
        [
            {
                "day": pd.Timestamp(row.day),
                "usd": None if row.cost_usd is None else float(row.cost_usd),
                "calls": row.calls,
                "errors": row.errors,
                "p95": row.latency_p95_ms,
            }
            for row in rows
            if row.day is not None
        ],
        columns=["day", "usd", "calls", "errors", "p95"],
    )


def scores(found: Sequence[Score]) -> pd.DataFrame:
    """One row per eval score; a series is one strategy, metric and evaluator version, never mixed."""
    return pd.DataFrame(
        [
            {
                "at": pd.Timestamp(score.at.replace(tzinfo=None)),
                "score": float(score.score),
                "strategy": strategy_of(score.strategy or ""),
                "metric": score.metric,
                "evaluator": " ".join(part for part in (score.evaluator, score.evaluator_version) if part) or "unknown",
                "n": score.n,
            }
            for score in found
        ],
        columns=["at", "score", "strategy", "metric", "evaluator", "n"],
    )


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
                "Saving": None if flip.saving_after_usd_month is None else float(cents(flip.saving_after_usd_month)),
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


def profile(document: Mapping[str, Any], measured: Collection[str] = ()) -> pd.DataFrame:
    """The task profile, every field of it: what was declared, and what nobody has said yet."""
    task = document.get("task") or {}
    return pd.DataFrame(
        [
            {
                "Question": spec.question,
                "Answer": _answer(task[spec.name], spec.unit) if spec.name in task else wording.UNKNOWN,
                "Source": "declared" if spec.name in task else "measured" if spec.name in measured else wording.UNKNOWN,
            }
            for spec in TASK_FIELDS
        ]
    )


def _answer(value: object, unit: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return f"{value:,} {unit}".strip() if isinstance(value, int) else str(value)
