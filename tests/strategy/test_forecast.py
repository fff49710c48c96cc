"""The forecast: a viral day, a weekend and a missing day do not move the level; a trend is shrunk and fades."""

import math

import pytest

from offramp.policy import load_policy
from strategy.forecast import forecast_of, trend_days
from strategy.terms import terms_of

TERMS = terms_of(load_policy())


def test_one_viral_day_hardly_moves_the_level() -> None:
    """A day of fifty times the traffic counts as three, so 28 days at 100 read as 107, not 275."""
    calls: list[float | None] = [100.0] * 60
    calls[50] = 5000.0
    assert forecast_of(calls, TERMS).level == pytest.approx(100 * 30 / 28)


def test_weekends_make_no_trend() -> None:
    """Whole weeks only: a weekly cycle has its mean as level and no slope."""
    calls: list[float | None] = [40.0 if day % 7 in (5, 6) else 100.0 for day in range(70)]
    found = forecast_of(calls, TERMS)
    assert found.level == pytest.approx((5 * 100 + 2 * 40) / 7)
    assert found.slope == pytest.approx(0.0, abs=1e-12)


def test_a_missing_day_is_the_median_and_never_zero() -> None:
    """Gaps leave the level alone; a missing newest day drops what may not be complete yet."""
    calls: list[float | None] = [100.0] * 60
    calls[40] = None
    assert forecast_of(calls, TERMS).level == 100.0
    late = [*calls[:58], 20.0, None]
    found = forecast_of(late, TERMS)
    assert (found.level, found.seen_days, found.recent_days) == (100.0, 58, 27)


def test_nothing_known_is_cold_and_not_zero_forever() -> None:
    """No day, too few days, and too many gaps are a cold start."""
    assert forecast_of([], TERMS).is_cold(TERMS)
    assert forecast_of([None] * 40, TERMS).is_cold(TERMS)
    assert forecast_of([100.0] * 13, TERMS).is_cold(TERMS)
    assert forecast_of([*[None] * 30, *[100.0] * 6], TERMS).is_cold(TERMS)
    assert not forecast_of([100.0] * 14, TERMS).is_cold(TERMS)


def test_a_clean_trend_is_kept_and_a_noisy_one_shrunk() -> None:
    """One per cent a day without noise is read as such; the same under wild weeks is pulled towards none."""
    clean = forecast_of([1000 * math.exp(0.01 * day) for day in range(56)], TERMS)
    assert clean.slope == pytest.approx(0.01, rel=1e-3)
    wild = forecast_of([1000 * math.exp(0.01 * day + (day // 7 % 2)) for day in range(56)], TERMS)
    assert 0 < wild.slope < 0.009
    assert wild.slope_sd > 10 * clean.slope_sd


def test_a_step_down_counts_at_once() -> None:
    """A newest week below 60 % of the level is the level, without a trend read from the step."""
    found = forecast_of([100.0] * 50 + [10.0] * 7, TERMS)
    assert (found.level, found.slope) == (10.0, 0.0)
    assert forecast_of([100.0] * 50 + [0.0] * 7, TERMS).level == 0.0


def test_weeks_without_calls_have_no_trend() -> None:
    """A logarithm of nothing is never taken."""
    found = forecast_of([0.0] * 30 + [1.0] * 5 + [0.0] * 3 + [1.0] * 18, TERMS)
    assert (found.slope, found.slope_sd) == (0.0, TERMS.slope_prior_sd)


def test_the_trend_fades() -> None:
    """The longest trend is half the window and the fading time."""
    assert trend_days(10_000, 75, 28) == pytest.approx(89.0)
