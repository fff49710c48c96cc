"""What a finished migration changed, split into volume, price and strategy, to the cent.

The split is the variance analysis of cost accountants, in the order volume, price, strategy (one must be chosen, for
the three multiply): more calls at the old cost of a call are volume; what the old tokens of a call cost more or less at
today's prices, at today's calls, is price; all the rest is what the migration did. So a pure price cut and a pure
change of volume leave nothing to the strategy, and the three add up to the total by construction. Exact fractions
throughout; rounded once, to cents, by largest remainder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from strategy.money import DAYS_PER_MONTH, ZERO

_CENTS = 100
_MOST_RATIO = Decimal(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What was, frozen: so many days, calls and USD for tokens; `running_usd_month` was paid beside the calls."""

    days: int
    calls: Decimal
    usage_usd: Decimal
    running_usd_month: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Calls between two price changes; `baseline_usd` is what the baseline's tokens would have cost at its prices."""

    calls: Decimal
    baseline_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What came after: so many days, its calls by the prices in force, the USD for tokens and beside the calls."""

    days: int
    stretches: tuple[Stretch, ...]
    usage_usd: Decimal
    running_usd_month: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """The change in cost over a span in USD, whole cents; below zero is cheaper. The three add up to the total."""

    volume_usd: Decimal
    price_usd: Decimal
    strategy_usd: Decimal

    @property
    def total_usd(self) -> Decimal:
        """The whole change."""
        return self.volume_usd + self.price_usd + self.strategy_usd


def split(base: Baseline, span: Span) -> Effects:
    """The change in cost of a span against as many days of the baseline."""
    unit = _ratio(base.usage_usd, base.calls)
    scale = Fraction(span.days, base.days)
    calls = sum((Fraction(stretch.calls) for stretch in span.stretches), Fraction(0))
    volume = unit * (calls - Fraction(base.calls) * scale)
    price = sum(
        (Fraction(stretch.calls) * (_ratio(stretch.baseline_usd, base.calls) - unit) for stretch in span.stretches),
        Fraction(0),
    )
    months = Fraction(span.days) / Fraction(DAYS_PER_MONTH)
    running = Fraction(span.running_usd_month - base.running_usd_month) * months
    total = Fraction(span.usage_usd) - Fraction(base.usage_usd) * scale + running
    parts = _in_cents((volume, price, total - volume - price))
    return Effects(volume_usd=parts[0], price_usd=parts[1], strategy_usd=parts[2])


def added(effects: Sequence[Effects]) -> Effects:
    """Several spans together."""
    return Effects(
        volume_usd=sum((each.volume_usd for each in effects), ZERO),
        price_usd=sum((each.price_usd for each in effects), ZERO),
        strategy_usd=sum((each.strategy_usd for each in effects), ZERO),
    )


def realised_usd_month(effects: Effects, days: int) -> Decimal:
    """What the migration itself saved, as USD a month: the strategy effect alone, for prices and volume are no merit.

    >>> lower = Effects(volume_usd=Decimal(5), price_usd=Decimal(-9), strategy_usd=Decimal("-70.00"))
    >>> realised_usd_month(lower, 7)
    Decimal('300.00')
    """
    return (-effects.strategy_usd * DAYS_PER_MONTH / days).quantize(Decimal("0.01"))


def learnt(ratios: Sequence[Decimal], prior: Decimal) -> Decimal:
    """What a promise of this kind is worth: realised over promised of those measured, shrunk to 1 by `prior` of them.

    A single ratio counts for no less than nothing and no more than twice what was promised.

    >>> learnt((), Decimal(3)), learnt((Decimal("0.5"),), Decimal(3))
    (Decimal('1.00'), Decimal('0.88'))
    """
    known = sum((min(max(ratio, ZERO), _MOST_RATIO) for ratio in ratios), prior)
    return (known / (prior + len(ratios))).quantize(Decimal("0.01"))


def corrected(money: Mapping[str, Any], now: str, factor: Decimal) -> tuple[Decimal | None, ...]:
    """The saving a month that a verdict's `money` promises, times what a promise is worth: base, low end, high end.

    Never below nothing and never above what the feature costs there; None where it is unknown.
    """
    return tuple(_corrected(side, now, factor) for side in (money, money["low"], money["high"]))


def _corrected(side: Mapping[str, Any], now: str, factor: Decimal) -> Decimal | None:
    saving, spend = side.get("saving_usd_month"), side.get("monthly_usd", {}).get(now)
    if saving is None or spend is None:
        return None
    return min(max(Decimal(saving) * factor, ZERO), Decimal(spend)).quantize(Decimal("0.01"))


def _ratio(amount: Decimal, calls: Decimal) -> Fraction:
    """USD per call; a feature without calls, such as plain code, has none."""
    return Fraction(amount) / Fraction(calls) if calls else Fraction(0)


def _in_cents(parts: Sequence[Fraction]) -> list[Decimal]:
    """Whole cents that add up to the rounded sum; what is nothing stays nothing."""
    exact = [part * _CENTS for part in parts]
    down = [floor(part) for part in exact]
    missing = round(sum(exact, Fraction(0))) - sum(down)
    by_rest = sorted(range(len(parts)), key=lambda place: (down[place] - exact[place], place))
    for place in by_rest[:missing]:
        down[place] += 1
    return [Decimal(cents) / _CENTS for cents in down]
