"""What a move is worth under all that is uncertain: E[NPV], P(NPV > 0), and its quantiles (step 6).

The uncertain inputs (level, trend, lifetime, overrun, quality of both sides) are drawn once as fixed common points of a
low-discrepancy sequence, so equal inputs give equal verdicts. Inputs and results are floats: estimates in USD, never
amounts that are shown to the cent or summed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from statistics import NormalDist

from strategy.forecast import Forecast, trend_days
from strategy.paired import AS_TODAY, Belief
from strategy.terms import Terms

_POINTS, _SLOPES, _STEP = 96, 8, 15
_DIMENSIONS = 6
_YEAR = 365.0
_FARTHEST = 2.0
_STANDARD = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A way to serve the feature: USD per call and a year, USD once, days until it runs, and what is believed of it.

    `next_noise` is the variance with which the next eval would tell its quality; None where none is to be expected.
    """

    name: str
    usd_per_call: float
    usd_per_year: float
    one_off_usd: float
    lead_days: int
    belief: Belief = AS_TODAY
    next_noise: float | None = None


@dataclass(frozen=True, slots=True)
class Stakes:
    """What errors cost: USD for one, and the loss of quality that is still accepted."""

    error_usd: float = 0.0
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class Ahead:
    """Discounted calls per call of level, summed to the end of each grid step, for each class of slope; and days."""

    level: float
    calls: tuple[tuple[float, ...], ...]
    days: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Worth:
    """What a move is worth in USD: expected, the chance it is more than nothing, and the expected one-off."""

    mean: float
    positive: float
    one_off: float
    draws: tuple[float, ...]

    def quantile(self, share: float) -> float:
        """The value that this share of the draws does not exceed."""
        return sorted(self.draws)[min(len(self.draws) - 1, int(share * len(self.draws)))]


@dataclass(frozen=True, slots=True)
class _Point:
    level: float
    slope: int
    life: int
    overrun: float
    option: float
    present: float


@lru_cache(maxsize=16)
def _points(
    volume_sd: float, hazard: float, horizon: int, overrun_mean: float, overrun_sd: float
) -> tuple[_Point, ...]:
    """The common points: Roberts' R sequence, each coordinate put through its distribution."""
    root = 2.0
    for _ in range(_POINTS):
        root = (1.0 + root) ** (1.0 / (_DIMENSIONS + 1))
    steps = [root ** -(k + 1) for k in range(_DIMENSIONS)]
    last = horizon // _STEP
    made = []
    for i in range(_POINTS):
        level, slope, life, overrun, option, present = ((0.5 + (i + 1) * step) % 1.0 for step in steps)
        made.append(
            _Point(
                level=math.exp(volume_sd * _STANDARD.inv_cdf(level) - volume_sd**2 / 2),
                slope=int(slope * _SLOPES),
                life=min(last, round(-math.log(1.0 - life) / hazard * _YEAR / _STEP)) if hazard > 0 else last,
                overrun=math.exp(overrun_mean + overrun_sd * _STANDARD.inv_cdf(overrun)),
                option=_STANDARD.inv_cdf(option),
                present=_STANDARD.inv_cdf(present),
            )
        )
    return tuple(made)


def points_of(terms: Terms) -> tuple[_Point, ...]:
    """The common points under these terms."""
    return _points(terms.volume_sd, terms.hazard, terms.horizon_days, terms.overrun_mean, terms.overrun_sd)


@lru_cache(maxsize=4)
def _classes() -> tuple[float, ...]:
    """The middles of equal shares of a normal, stretched to unit variance."""
    raw = [_STANDARD.inv_cdf((k + 0.5) / _SLOPES) for k in range(_SLOPES)]
    size = math.sqrt(sum(value**2 for value in raw) / _SLOPES)
    return tuple(value / size for value in raw)


def ahead_of(forecast: Forecast, terms: Terms) -> Ahead:
    """The volume ahead by class of slope, summed once for all options."""
    grid = _grid(terms.horizon_days, terms.discount, terms.trend_days, terms.level_days)
    calls = []
    for z in _classes():
        slope = forecast.slope + z * forecast.slope_sd
        calls.append(_summed([math.exp(slope * trend) * kept for trend, kept in grid]))
    return Ahead(forecast.level, tuple(calls), _summed([kept for _, kept in grid]))


@lru_cache(maxsize=16)
def _grid(horizon: int, discount: float, fading: float, window: int) -> tuple[tuple[float, float], ...]:
    """For each grid day the days of trend that lead to it, and what a dollar of that day is worth today."""
    return tuple(
        (trend_days(day, fading, window), math.exp(-discount * day / _YEAR)) for day in range(0, horizon + 1, _STEP)
    )


def _summed(rates: Sequence[float]) -> tuple[float, ...]:
    """The integral up to each grid day, by trapezes."""
    return tuple(accumulate((_STEP * (a + b) / 2 for a, b in pairwise(rates)), initial=0.0))


def _until(sums: Sequence[float], day: float) -> float:
    """The integral up to a day between grid days."""
    step = min(int(day / _STEP), len(sums) - 2)
    return sums[step] + (sums[step + 1] - sums[step]) * (day / _STEP - step)


def worth_of(present: Option, option: Option, ahead: Ahead, stakes: Stakes, terms: Terms) -> Worth:
    """What moving from one option to another is worth over the common points; minus its one-off where it never pays."""
    points, once = points_of(terms), option.one_off_usd
    one_off = once * math.exp(terms.overrun_mean + terms.overrun_sd**2 / 2)
    upkeep = (option.usd_per_year - present.usd_per_year) / _YEAR
    units = _units(present, option, stakes, terms)
    most = max(units) * ahead.level * _FARTHEST * max(sums[-1] for sums in ahead.calls)
    if max(0.0, most) - min(0.0, upkeep) * ahead.days[-1] < once * min(point.overrun for point in points):
        return Worth(-one_off, 0.0, one_off, (-one_off,))
    lead = min(option.lead_days, terms.horizon_days)
    before = [_until(sums, lead) for sums in ahead.calls]
    days_before, first = _until(ahead.days, lead), lead / _STEP
    calls, days, level = ahead.calls, ahead.days, ahead.level
    draws = [
        (
            level * point.level * (calls[point.slope][point.life] - before[point.slope]) * unit
            - upkeep * (days[point.life] - days_before)
            if point.life > first
            else 0.0
        )
        - once * point.overrun
        for point, unit in zip(points, units, strict=True)
    ]
    return Worth(math.fsum(draws) / _POINTS, sum(draw > 0 for draw in draws) / _POINTS, one_off, tuple(draws))


@dataclass(frozen=True, slots=True)
class Served:
    """What a move with one lead has before it at each common point: discounted calls per call of level, and days.

    A worth without errors priced is linear in these, so one set serves every price, volume and one-off that is asked.
    `running` is the coordinate by which a running cost may stray, in standard deviations.
    """

    calls: tuple[float, ...]
    days: tuple[float, ...]
    overrun: tuple[float, ...]
    running: tuple[float, ...]


def served_after(ahead: Ahead, lead_days: int, terms: Terms) -> Served:
    """The sums that `worth_of` makes for a lead, without level, price and one-off."""
    points, lead = points_of(terms), min(lead_days, terms.horizon_days)
    before, days_before = [_until(sums, lead) for sums in ahead.calls], _until(ahead.days, lead)
    calls, days = [], []
    for point in points:
        lived = point.life > lead / _STEP
        calls.append(point.level * (ahead.calls[point.slope][point.life] - before[point.slope]) if lived else 0.0)
        days.append(ahead.days[point.life] - days_before if lived else 0.0)
    overruns, running = tuple(point.overrun for point in points), tuple(point.option for point in points)
    return Served(tuple(calls), tuple(days), overruns, running)


def _units(present: Option, option: Option, stakes: Stakes, terms: Terms) -> list[float]:
    """USD saved by a call at each point: price, errors, and what quality lost beyond the margin costs besides."""
    spared = present.usd_per_call - option.usd_per_call
    there = _losses(option.belief, [point.option for point in points_of(terms)], stakes, terms)
    here = _losses(present.belief, [point.present for point in points_of(terms)], stakes, terms)
    return [spared + kept - lost for kept, lost in zip(here, there, strict=True)]


def _losses(belief: Belief, draws: Sequence[float], stakes: Stakes, terms: Terms) -> list[float]:
    """USD that a call costs at each point by its quality: its errors against the baseline's, more beyond the margin."""
    error, steep, least = stakes.error_usd, stakes.error_usd * terms.breach_times, -stakes.margin
    mean, sd = belief.mean, belief.sd
    if sd == 0:
        return [-error * mean + (steep * (least - mean) if mean < least else 0.0)] * len(draws)
    found = [mean + sd * draw for draw in draws]
    return [-error * gap + (steep * (least - gap) if gap < least else 0.0) for gap in found]
