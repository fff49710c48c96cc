"""When a job is due: planned instants computed by our own rules, in UTC.

APScheduler's cron skips the Monday after a spring clock change and fires twice in the autumn (measured on
3.11.3), so it only ticks. Here a local day or week has exactly one slot: a wall time that the clock
skips is moved to the other side of the gap on the same day, one that comes twice is taken the first time.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONDAY = 0


@dataclass(frozen=True, slots=True)
class Every:
    """One slot per interval, counted from 1970 in UTC: `Every(timedelta(hours=1))` is the full hours."""

    interval: timedelta


@dataclass(frozen=True, slots=True)
class Daily:
    """One slot per local day, at a wall time of an IANA zone."""

    at: time
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Weekly:
    """One slot per local week, on a weekday (0 is Monday) at a wall time of an IANA zone."""

    weekday: int
    at: time
    zone: str = "UTC"


Rule = Every | Daily | Weekly
HOURLY = Every(timedelta(hours=1))


def slots_between(rule: Rule, after: datetime, until: datetime) -> list[datetime]:
    """The slots later than `after` and not later than `until`, oldest first, as UTC instants.

    >>> weekly = Weekly(MONDAY, time(9), "Europe/Berlin")
    >>> march = slots_between(weekly, datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    >>> [slot.isoformat() for slot in march]
    ['2026-03-23T08:00:00+00:00', '2026-03-30T07:00:00+00:00']

    Raises:
        zoneinfo.ZoneInfoNotFoundError: the rule names a zone nobody knows.
    """
    if isinstance(rule, Every):
        return _intervals(rule.interval, after, until)
    zone = ZoneInfo(rule.zone)
    wanted = _local_days(rule, after.astimezone(zone).date() - _DAY, until.astimezone(zone).date() + _DAY)
    # A set: where a whole local day was skipped (Samoa, 2011), two wall times are one instant.
    found = {_instant(day, rule.at, zone) for day in wanted}
    return sorted(slot for slot in found if after < slot <= until)


def newest_slot(rule: Rule, until: datetime) -> datetime:
    """The last slot that is not later than `until`."""
    back = rule.interval if isinstance(rule, Every) else 9 * _DAY  # a week may be stretched by a clock change
    return slots_between(rule, until - back, until)[-1]


def _intervals(interval: timedelta, after: datetime, until: datetime) -> list[datetime]:
    first = (after - _EPOCH) // interval + 1
    last = (until - _EPOCH) // interval
    return [_EPOCH + number * interval for number in range(first, last + 1)]


def _local_days(rule: Daily | Weekly, first: date, last: date) -> list[date]:
    skip, step = (0, 1) if isinstance(rule, Daily) else ((rule.weekday - first.weekday()) % 7, 7)
    return [first + number * _DAY for number in range(skip, (last - first).days + 1, step)]


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    # fold=0 is the first of two, and in a gap lands just behind it; where that is the next day (Nuuk's
    # Saturday has no 23:30 in March), fold=1 lands just before the gap.
    first, other = (datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    return first if first.astimezone(zone).date() == day else other
