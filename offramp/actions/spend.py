"""Tells what a day costs: of all features together, or of each of a few; what is computed from tokens and prices."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from db.session import Engine, reading
from offramp.actions.costing import CostedGroup, costed_groups

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySpend:
    """A day's computed cost, None where nothing of it has a price; `feature` is None for all of them together."""

    feature: str | None
    day: date
    cost_usd: Decimal | None
    unpriced_calls: int


def daily_spend(
    engine: Engine, *, start: datetime, end: datetime, features: Collection[str] | None = None, each: bool = False
) -> tuple[DaySpend, ...]:
    """The spend of each UTC day from `start` up to, not including, `end`; the same figures as `usage` gives by day.

    With `features` it is that of each of them, else that of all together, or, with `each`, of every one.
    """
    by = ("feature", "day") if each or features is not None else ("day",)
    with reading(engine) as session:
        groups = costed_groups(session, start, end, by=by, features=features)
    found: dict[tuple[str | None, int], list[CostedGroup]] = {}
    for costed in groups:
        found.setdefault((costed.group.feature, costed.group.day or 0), []).append(costed)
    return tuple(_of(feature, day, members) for (feature, day), members in sorted(found.items(), key=str))


def _of(feature: str | None, day: int, members: Sequence[CostedGroup]) -> DaySpend:
    costs = [costed.cost_usd for costed in members if costed.cost_usd is not None]
    return DaySpend(
        feature=feature,
        day=_EPOCH + timedelta(days=day),
        cost_usd=sum(costs, Decimal(0)) if costs else None,
        unpriced_calls=sum(costed.unpriced_calls for costed in members),
    )
