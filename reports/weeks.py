"""ISO weeks in UTC: from Monday 00:00 up to, not including, the next Monday 00:00."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_FORM = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class IsoWeek:
    """One week by its Monday.

    >>> str(IsoWeek(date(2026, 11, 16)))
    '2026-W47'
    """

    monday: date

    def __post_init__(self) -> None:
        if self.monday.weekday() != 0:
            message = f"{self.monday} is not a Monday"
            raise ValueError(message)

    def __str__(self) -> str:
        year, week, _ = self.monday.isocalendar()
        return f"{year:04d}-W{week:02d}"

    @property
    def start(self) -> datetime:
        """The week's first instant."""
        return datetime.combine(self.monday, time(), UTC)

    @property
    def end(self) -> datetime:
        """The first instant after the week."""
        return self.start + _WEEK

    @property
    def last_day(self) -> date:
        """The week's Sunday."""
        return self.monday + timedelta(days=6)

    def before(self) -> "IsoWeek":
        """The week before."""
        return IsoWeek(self.monday - _WEEK)


def parse_week(text: str) -> IsoWeek:
    """The week of a text such as 2026-W47.

    >>> parse_week("2026-W53").monday
    datetime.date(2026, 12, 28)

    Raises:
        ValueError: it is not such a text, or the year has no such week.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        message = f"{text!r} is not an ISO week"
        raise ValueError(message)
    return IsoWeek(date.fromisocalendar(int(found[1]), int(found[2]), 1))


def week_of(at: datetime) -> IsoWeek:
    """The week that an instant falls in.

    >>> str(week_of(datetime(2026, 11, 22, 23, 59, tzinfo=UTC)))
    '2026-W47'
    """
    day = at.astimezone(UTC).date()
    return IsoWeek(day - timedelta(days=day.weekday()))


def previous_week(now: datetime, zone: str = "UTC") -> IsoWeek:
    """The week that a letter written now is about: the one before this, as the calendar of `zone` says.

    East of Greenwich a Monday begins before the UTC week has ended: until it has, it is the one before that.

    >>> str(previous_week(datetime(2026, 11, 23, 8, tzinfo=UTC), "Europe/Berlin"))
    '2026-W47'

    Raises:
        zoneinfo.ZoneInfoNotFoundError: nobody knows the zone.
    """
    day = now.astimezone(ZoneInfo(zone)).date()
    found = IsoWeek(day - timedelta(days=day.weekday())).before()
    return found if found.end <= now else found.before()
