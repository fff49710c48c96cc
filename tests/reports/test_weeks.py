"""ISO weeks begin on Monday 00:00 UTC, and the week before is told by the organisation's calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.weeks import IsoWeek, parse_week, previous_week, week_of

_MONDAYS = st.integers(0, 3000).map(lambda weeks: date(2020, 1, 6) + timedelta(weeks=weeks))


@given(_MONDAYS)
def test_a_week_is_read_back_from_its_name(monday: date) -> None:
    """The name of every week means that week, also around New Year."""
    week = IsoWeek(monday)
    assert parse_week(str(week)) == week
    assert (week.end - week.start, week.before().end) == (timedelta(days=7), week.start)
    assert week_of(week.start) == week_of(week.end - timedelta(microseconds=1)) == week


@pytest.mark.parametrize(
    "text", ["2026-47", "2026-W54", "2025-W53", "2026-W00", "W47", "2026-W47\n", "\uff12026-W47", ""]
)
def test_what_is_no_week_is_refused(text: str) -> None:
    """A week that its year does not have is no week."""
    with pytest.raises(ValueError, match="week"):
        parse_week(text)


def test_a_week_starts_on_a_monday() -> None:
    """Another day cannot name a week."""
    with pytest.raises(ValueError, match="2026-11-17 is not a Monday"):
        IsoWeek(date(2026, 11, 17))


@pytest.mark.parametrize(
    ("now", "zone", "week"),
    [
        pytest.param("2026-11-23T09:00", "UTC", "2026-W47", id="monday-morning"),
        pytest.param("2026-11-22T23:59", "UTC", "2026-W46", id="sunday-night"),
        pytest.param("2026-11-22T20:00", "Pacific/Auckland", "2026-W46", id="their-monday-before-the-week-has-ended"),
        pytest.param("2026-11-23T00:00", "Pacific/Auckland", "2026-W47", id="the-week-has-ended"),
        pytest.param("2026-11-23T01:00", "America/Los_Angeles", "2026-W46", id="their-sunday"),
        pytest.param("2026-11-23T17:00", "America/Los_Angeles", "2026-W47", id="their-monday"),
        pytest.param("2027-01-04T09:00", "UTC", "2026-W53", id="new-year"),
    ],
)
def test_the_week_before_is_one_that_has_ended(now: str, zone: str, week: str) -> None:
    """A letter is never about a week that still runs, wherever its readers live."""
    assert str(previous_week(datetime.fromisoformat(now).replace(tzinfo=UTC), zone)) == week
