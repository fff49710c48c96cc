"""The level is calm: bursts are capped, missing days are not zeros, quiet weekdays are."""

from datetime import timedelta
from decimal import Decimal

from strategy.facts import Usage
from strategy.volume import volume_of
from tests.strategy.made import BEFORE_CUT, POLICY, days, mix

TODAY = BEFORE_CUT.date()


def level(counts: list[int]) -> Decimal | None:
    """The calls a day of some days before today."""
    return volume_of(Usage(days=days(counts, TODAY)), TODAY, POLICY).calls_per_day


def test_a_viral_day_counts_three_times_the_median_at_most() -> None:
    """28 days of 1,000 with one of 50,000 make (27 + 3) x 1,000 / 28."""
    assert level([1000] * 27 + [50_000]) == Decimal(30_000) / 28


def test_a_missing_day_counts_as_the_median_and_a_quiet_weekday_as_nothing() -> None:
    """Losing one day changes nothing; never working on Sundays does."""
    whole = days([1000] * 28, TODAY)
    gap = tuple(use for use in whole if use.day != TODAY - timedelta(days=3))
    assert volume_of(Usage(days=gap), TODAY, POLICY).calls_per_day == 1000
    workdays = tuple(use for use in whole if use.day.weekday() < 6)
    assert round(volume_of(Usage(days=workdays), TODAY, POLICY).calls_per_day or 0) == 857
    few = days([1000] * 5, TODAY)[:3]
    assert volume_of(Usage(days=few), TODAY, POLICY).calls_per_day == 1000


def test_no_traffic_is_unknown() -> None:
    """No day: no level, cold; days to come are not looked at."""
    volume = volume_of(Usage(), TODAY, POLICY)
    assert (volume.calls_per_day, volume.last_day, volume.is_cold(POLICY)) == (None, None, True)
    later = volume_of(Usage(days=days([5] * 3, TODAY + timedelta(days=30))), TODAY, POLICY)
    assert later.calls_per_day is None


def test_a_cold_start_is_too_few_days_or_calls() -> None:
    """14 days seen, 7 of them recent, 100 calls; each alone is not enough."""
    assert volume_of(Usage(days=days([1000] * 13, TODAY)), TODAY, POLICY).is_cold(POLICY)
    assert not volume_of(Usage(days=days([1000] * 14, TODAY)), TODAY, POLICY).is_cold(POLICY)
    assert volume_of(Usage(days=days([1] * 60, TODAY)), TODAY, POLICY).is_cold(POLICY)
    old = days([1000] * 60, TODAY)[:35]
    assert volume_of(Usage(days=old), TODAY, POLICY).is_cold(POLICY)


def test_growth_compares_two_windows_and_is_capped() -> None:
    """Half as much a month ago is growth of 2, which is the most that counts; too little history is None."""
    assert volume_of(Usage(days=days([100] * 28 + [110] * 28, TODAY)), TODAY, POLICY).growth == Decimal("1.1")
    assert volume_of(Usage(days=days([100] * 28 + [500] * 28, TODAY)), TODAY, POLICY).growth == 2
    assert volume_of(Usage(days=days([100] * 30, TODAY)), TODAY, POLICY).growth is None
    assert volume_of(Usage(days=days([0] * 28 + [100] * 28, TODAY)), TODAY, POLICY).growth is None


def test_failures_without_tokens_cost_nothing_and_other_gaps_the_average() -> None:
    """10 of 100 calls failed: without tokens for 10 they cost nothing; for 30, the other 20 cost the average."""
    spent = days([100] * 28, TODAY, errors=10)
    share = {
        known: volume_of(Usage(days=spent, mix=(mix(known * 28),)), TODAY, POLICY).charged_share
        for known in (100, 90, 70)
    }
    assert share == {100: Decimal(1), 90: Decimal("0.9"), 70: Decimal("0.9")}
