"""The frames of the Portfolio page. Knows no Streamlit; no decision is taken from a frame."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from dashboard import wording
from dashboard.palette import STRATEGIES, strategy_of
from db.queries.ledger import Migration
from offramp.actions.features import FeatureLine
from offramp.actions.spend import DaySpend
from strategy.money import cents
from strategy.policy import Policy

_WINDOW, _MONTH = Decimal(28), Decimal(30)
# Half a year, the payback that the bands of the seeds imply (docs/sources.md).
PAYBACK_DAYS = 182
_TARGETS = ("code", "embed", "distill", "hybrid")


def placed(lines: Sequence[FeatureLine]) -> pd.DataFrame:
    """One row per feature that has both calls and a cost: only those have a place on the map."""
    rows = [
        {
            "slug": line.slug,
            "name": line.name or line.slug,
            "owner": line.owner or wording.UNKNOWN,
            "strategy": strategy_of(line.strategy) if line.strategy else "not registered",
            "verdict": standing(line),
            "due": line.should_move,
            "calls": float(line.calls_28d * _MONTH / _WINDOW),
            "usd_per_call": float(line.cost_usd_28d / line.calls_28d),
            "usd": float(line.cost_usd_28d * _MONTH / _WINDOW),
        }
        for line in lines
        if line.calls_28d and line.cost_usd_28d
    ]
    columns = ["slug", "name", "owner", "strategy", "verdict", "due", "calls", "usd_per_call", "usd"]
    return pd.DataFrame(rows, columns=columns)


def frontiers(frame: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """For each target the cost per call above which its usual one-off is back in half a year, were it free to run.

    One-off = engineer-days times a day's cost, plus data and training (strategy/constants.yaml). Two points a line: it
    is straight where both axes are logarithms.
    """
    low, high = float(frame["calls"].min()) / 2, float(frame["calls"].max()) * 2
    rows = []
    for target in _TARGETS:
        days, other = policy.number(f"{target}_engineer_days"), policy.number(f"{target}_one_off_usd")
        one_off = float(days * policy.number("engineer_day_usd") + other)
        rows += [
            {"target": target, "calls": calls, "usd_per_call": one_off * float(_MONTH) / (PAYBACK_DAYS * calls)}
            for calls in (low, high)
        ]
    return pd.DataFrame(rows, columns=["target", "calls", "usd_per_call"])


def sentence(lines: Sequence[FeatureLine]) -> str:
    """How many features still run on a prompt, and what share of the known spend is theirs."""
    board = stages(lines)
    registered = sum(len(members) for members in board.values())
    total = sum((line.cost_usd_28d or Decimal(0) for line in lines), Decimal(0))
    prompted = sum((line.cost_usd_28d or Decimal(0) for line in board["prompt"]), Decimal(0))
    share = f"; they are {wording.percent(prompted / total)} of what is known to be spent" if total else ""
    return f"{len(board['prompt'])} of {wording.plural(registered, 'feature')} run on a prompt{share}."


def stages(lines: Sequence[FeatureLine]) -> dict[str, list[FeatureLine]]:
    """The registered features at each strategy, in the strategies' order."""
    registered = [line for line in lines if line.registered and line.strategy]
    return {name: [line for line in registered if strategy_of(str(line.strategy)) == name] for name in STRATEGIES}


def moved(found: Sequence[Migration]) -> list[str]:
    """What changed its strategy, from what to what and since when; the newest first."""
    return [
        f"{each.name or each.feature}: {wording.option(each.now)} to {wording.option(each.target)} "
        f"since {wording.short_day(each.finished_at.date())}"
        for each in sorted(found, key=lambda each: each.finished_at, reverse=True)
    ]


def spend_by_strategy(days: Sequence[DaySpend], strategies: Mapping[str | None, str]) -> pd.DataFrame:
    """USD a day by the strategy that each feature runs on today; what nobody registered stands apart."""
    found: dict[tuple[Any, str], Decimal] = {}
    for row in days:
        if row.cost_usd is not None:
            place = (row.day, strategies.get(row.feature, "not registered"))
            found[place] = found.get(place, Decimal(0)) + row.cost_usd
    rows = [
        {"day": pd.Timestamp(day), "strategy": name, "usd": float(usd)} for (day, name), usd in sorted(found.items())
    ]
    return pd.DataFrame(rows, columns=["day", "strategy", "usd"])


def table(lines: Sequence[FeatureLine]) -> pd.DataFrame:
    """Every feature, the dearest first; what is unknown is missing, not zero."""
    return pd.DataFrame(
        {
            "Feature": [line.name or line.slug for line in lines],
            "Runs on": [[strategy_of(line.strategy)] if line.strategy else [] for line in lines],
            "Verdict": [standing(line) for line in lines],
            "Cost": [None if line.cost_usd_28d is None else float(cents(line.cost_usd_28d)) for line in lines],
            "Calls": [line.calls_28d for line in lines],
            "Per call": [_per_call(line) for line in lines],
            "Owner": [line.owner or wording.UNKNOWN for line in lines],
        }
    )


def as_csv(lines: Sequence[FeatureLine]) -> pd.DataFrame:
    """The same as a file: exact cents as text, and no cell that a spreadsheet runs."""
    return pd.DataFrame(
        [
            {
                "feature": line.slug,
                "name": wording.cell(line.name or ""),
                "owner": wording.cell(line.owner or ""),
                "strategy": line.strategy or "",
                "verdict": line.verdict or "",
                "target": line.target or "",
                "calls_28d": line.calls_28d,
                "cost_usd_28d": "" if line.cost_usd_28d is None else f"{cents(line.cost_usd_28d):f}",
            }
            for line in lines
        ]
    )


def standing(line: FeatureLine) -> str:
    """What the verdict says, in a word or two."""
    if not line.registered:
        return "not registered"
    if line.verdict is None:
        return "not judged yet"
    return f"{line.verdict}: {wording.option(line.target)}" if line.target else line.verdict


def _per_call(line: FeatureLine) -> float | None:
    return float(line.cost_usd_28d / line.calls_28d) if line.cost_usd_28d is not None and line.calls_28d else None
