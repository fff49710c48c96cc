"""A verdict document to tidy frames: the matrix, the money, the profile. For drawing only; knows no Streamlit."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from dashboard import wording
from dashboard.palette import STRATEGIES, strategy_of
from strategy.fields import TASK_FIELDS
from strategy.kinds import Property, Source
from strategy.money import DAYS_PER_MONTH

# Below this many dollars a call, a thousand calls read better.
_TINY_PRICE = Decimal("0.001")


def matrix(document: Mapping[str, Any], task: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """The matrix, one row per property and strategy: label, value, source, fit. Strategies in canonical order.

    `task` is the declared profile: beside what was measured stands what was declared.
    """
    rows = []
    for place, line in enumerate(document.get("matrix") or ()):
        value = matrix_value(line) + _declared(line, task or {})
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
    if unit == "USD/call" and Decimal(str(value)) < _TINY_PRICE:
        value, unit = Decimal(str(value)) * 1000, "USD per 1,000 calls"
    text = _number(value)
    shown = f"${text}" if unit.startswith("USD") else text
    words = unit.removeprefix("USD").strip()
    return f"{shown}{' ' + words if words else ''} · {line['source']}"


def _declared(line: Mapping[str, Any], task: Mapping[str, Any]) -> str:
    """What was declared of a property that was measured; empty where only one of the two is known."""
    budget = task.get("latency_budget_ms")
    if line["property"] != Property.LATENCY or line.get("source") != Source.MEASURED or budget is None:
        return ""
    return f", {_number(budget)} declared"


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
    costs = {name: cost for name, cost in (money.get("monthly_usd") or {}).items() if cost is not None}
    rows = []
    for name in sorted(costs, key=_canonical):
        part = _part(document, name)
        head = wording.option(name) + (f" ({part})" if part else "")
        ends = sorted(float(end.get(name) or costs[name]) for end in (low, high))
        rows.append(
            {
                "option": wording.option(name),
                "strategy": strategy_of(name),
                "usd": float(costs[name]),
                "low": ends[0],
                "high": ends[1],
                "part": part,
                "label": f"{head}|{wording.usd_whole(Decimal(costs[name]))}",
            }
        )
    return pd.DataFrame(rows, columns=["option", "strategy", "usd", "low", "high", "part", "label"])


def _canonical(name: str) -> tuple[int, str]:
    strategy = strategy_of(name)
    return (STRATEGIES.index(strategy) if strategy in STRATEGIES else len(STRATEGIES), name)


def _part(document: Mapping[str, Any], name: str) -> str:
    target = document.get("target")
    return (
        "now" if name == document.get("now") else "target" if target and name in (target, strategy_of(target)) else ""
    )


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
