"""The slot rules hold across every clock change of five years."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.slots import HOURLY, MONDAY, Daily, Every, Rule, Weekly, newest_slot, slots_between

_FROM = datetime(2026, 1, 1, tzinfo=UTC)
_TO = datetime(2031, 1, 3, tzinfo=UTC)
_SECONDS = int((_TO - _FROM).total_seconds())
_DAYS = [date(2026, 1, 2) + timedelta(days=number) for number in range(5 * 365)]  # within the window in every zone
# The hours in which clocks are changed, by half hours, and one in the calm of the day.
_TIMES = [*(time(hour, minute) for hour in (0, 1, 2, 3, 22, 23) for minute in (0, 30)), time(9)]
# Every region that still changes its clocks in an odd way, beside the usual ones.
_ZONES = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Santiago",
    "America/Nuuk",
    "America/Havana",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Jerusalem",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Antarctica/Troll",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Easter",
    "Pacific/Norfolk",
]


@pytest.mark.parametrize("zone", _ZONES)
def test_a_local_week_has_exactly_one_monday_slot(zone: str) -> None:
    """Monday 09:00 comes once per local week, through all clock changes of 2026 to 2030."""
    local = [slot.astimezone(ZoneInfo(zone)) for slot in slots_between(Weekly(MONDAY, time(9), zone), _FROM, _TO)]
    assert {(slot.weekday(), slot.hour, slot.minute) for slot in local} == {(0, 9, 0)}
    days = [slot.date() for slot in local]
    assert days == [days[0] + timedelta(weeks=number) for number in range(len(days))]
    assert len(days) in {261, 262}


@pytest.mark.parametrize("zone", _ZONES)
def test_every_wall_time_gives_one_slot_per_local_day(zone: str) -> None:
    """A wall time that the clock skips or repeats is still one slot on its day."""
    for at in _TIMES:
        slots = slots_between(Daily(at, zone), _FROM, _TO)
        days = [slot.astimezone(ZoneInfo(zone)).date() for slot in slots]
        assert sorted(set(days)) == days
        assert set(_DAYS) <= set(days)


@pytest.mark.parametrize("at", [time(0), time(2, 30), time(9)])
def test_all_known_zones_agree_on_one_weekly_slot(at: time) -> None:
    """No zone of the time zone database misses or doubles a week in five years."""
    for zone in sorted(available_timezones()):
        slots = slots_between(Weekly(MONDAY, at, zone), _FROM, _TO)
        days = [slot.astimezone(ZoneInfo(zone)).date() for slot in slots]
        assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(weeks=1)}, zone


def test_a_skipped_wall_time_moves_behind_the_gap_and_a_repeated_one_is_taken_once() -> None:
    """02:30 in Berlin: 03:30 summer time on the spring day, the first 02:30 on the autumn day."""
    rule = Daily(time(2, 30), "Europe/Berlin")
    spring = slots_between(rule, datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC))
    autumn = slots_between(rule, datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC))
    assert spring == [datetime(2026, 3, 29, 1, 30, tzinfo=UTC)]
    assert autumn == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


def test_a_whole_skipped_day_is_not_doubled() -> None:
    """Samoa left out 30 December 2011: its slot is the next day's, once."""
    rule = Daily(time(9), "Pacific/Apia")
    slots = slots_between(rule, datetime(2011, 12, 29, tzinfo=UTC), datetime(2012, 1, 1, tzinfo=UTC))
    assert len(slots) == len(set(slots)) == 3


def test_the_interval_is_open_before_and_closed_after() -> None:
    """A slot equal to `after` is past, one equal to `until` is due."""
    nine, eleven = datetime(2026, 11, 22, 9, tzinfo=UTC), datetime(2026, 11, 22, 11, tzinfo=UTC)
    assert slots_between(HOURLY, nine, eleven) == [nine + timedelta(hours=1), eleven]
    assert slots_between(HOURLY, nine, nine) == []


_RULES: list[Rule] = [HOURLY, Every(timedelta(seconds=7)), Daily(time(4)), Weekly(6, time(23, 59), "Pacific/Chatham")]


@pytest.mark.parametrize("rule", _RULES, ids=["hourly", "seven-seconds", "daily", "weekly"])
@given(second=st.integers(0, _SECONDS))
def test_the_newest_slot_is_the_last_one_due(rule: Rule, second: int) -> None:
    """Nothing lies between the newest slot and the present."""
    at = _FROM + timedelta(seconds=second)
    newest = newest_slot(rule, at)
    assert newest <= at
    assert slots_between(rule, newest, at) == []


@given(second=st.integers(0, _SECONDS), zone=st.sampled_from(_ZONES))
def test_two_windows_that_meet_see_each_slot_once(second: int, zone: str) -> None:
    """Cutting a window in two neither loses nor doubles a slot."""
    cut = _FROM + timedelta(seconds=second)
    rule = Weekly(MONDAY, time(9), zone)
    start, end = cut - timedelta(weeks=5), cut + timedelta(weeks=5)
    assert slots_between(rule, start, cut) + slots_between(rule, cut, end) == slots_between(rule, start, end)
