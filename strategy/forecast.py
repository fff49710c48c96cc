"""What volume to expect: a calm level, a shrunk and damped trend, and the discounted calls ahead (step 5).

Decision research, section 3: v(h) = L e^(14 b) exp(b tau (1 - e^(-h/tau))); a raw daily threshold raises 6 false alerts
a feature-year, the winsorised 28-day mean 0.003 (section 7). All floats: these are estimates, not money.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from strategy.terms import Terms

_WEEK = 7
_LEAST_WEEKS = 3


@dataclass(frozen=True, slots=True)
class Forecast:
    """`level` in calls a day over the level window, `slope` and its `slope_sd` in log per day.

    `recent_days` are the days with a figure in the level window, `seen_days` those since the first figure.
    """

    level: float
    slope: float
    slope_sd: float
    recent_days: int
    seen_days: int

    def is_cold(self, terms: Terms) -> bool:
        """Too little history to call anything due."""
        return self.seen_days < terms.min_days or self.recent_days < terms.min_recent_days


def forecast_of(calls: Sequence[float | None], terms: Terms) -> Forecast:
    """The forecast from daily calls since the first day, oldest first; None is a missing day, which is not zero."""
    ripe = list(calls)
    if ripe and ripe[-1] is None:
        del ripe[-terms.late_days :]
    window = ripe[-terms.slope_days :]
    known = [value for value in window[-terms.level_days :] if value is not None]
    if not known:
        return Forecast(0.0, 0.0, terms.slope_prior_sd, 0, len(ripe))
    middle = median(known)
    cap = terms.winsor * middle
    tamed = [middle if value is None else min(value, cap) for value in window]
    level, newest = fmean(tamed[-terms.level_days :]), fmean(tamed[-_WEEK:])
    if newest < terms.step_down * level:
        # It fell away: the newest week alone tells the level, and no trend is read from the step.
        return Forecast(newest, 0.0, terms.slope_prior_sd, len(known), len(ripe))
    slope, slope_sd = _slope(tamed, terms)
    return Forecast(level, slope, slope_sd, len(known), len(ripe))


def _slope(tamed: Sequence[float], terms: Terms) -> tuple[float, float]:
    """The trend of the whole weeks up to the newest day, shrunk towards none by how poorly it is known."""
    prior = terms.slope_prior_sd
    weeks = len(tamed) // _WEEK
    means = [fmean(tamed[len(tamed) - _WEEK * (k + 1) : len(tamed) - _WEEK * k]) for k in range(weeks)][::-1]
    if weeks < _LEAST_WEEKS or min(means) <= 0:
        return 0.0, prior
    logs = [math.log(value) for value in means]
    middle, height = (weeks - 1) / 2, fmean(logs)
    spread = sum((k - middle) ** 2 for k in range(weeks))
    raw = sum((k - middle) * (value - height) for k, value in enumerate(logs)) / spread
    off = sum((value - height - raw * (k - middle)) ** 2 for k, value in enumerate(logs))
    noise = off / (weeks - 2) / spread / _WEEK**2
    kept = prior**2 / (prior**2 + noise)
    return raw / _WEEK * kept, math.sqrt(noise * kept)


def trend_days(day: float, fading: float, window: int) -> float:
    """The days of trend up to a day ahead: the level is half its window old, and the trend fades.

    >>> round(trend_days(0, 75, 28), 1), round(trend_days(1000, 75, 28), 1)
    (14.0, 89.0)
    """
    return window / 2 + fading * (1.0 - math.exp(-day / fading))
