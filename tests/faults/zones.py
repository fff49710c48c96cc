"""Every zone there is, every half hour of the day, five years: one slot a local day, one a local week."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from offramp.slots import Daily, Weekly, slots_between
from tests.faults.outcome import Outcome

_FROM, _TO = datetime(2026, 1, 1, tzinfo=UTC), datetime(2031, 1, 3, tzinfo=UTC)
_DAYS = [date(2026, 1, 3) + timedelta(days=number) for number in range(5 * 365)]  # within the window in every zone
_STEP = timedelta(hours=6)
_Kind = tuple[tuple[datetime, timedelta], ...]


def changes_of_the_clock(*, most_zones: int) -> Outcome:
    """Daily and weekly slots at 48 wall times in all zones, or in so many; zones whose clocks agree are tried once."""
    known = sorted(available_timezones())
    kinds: dict[_Kind, str] = {}
    for name in known:
        kinds.setdefault(_changes(name), name)
    chosen = list(kinds.values())[:most_zones]
    missed = doubled = slots = 0
    for name in chosen:
        for half_hour in range(48):
            at = time(half_hour // 2, 30 * (half_hour % 2))
            found = _local_days(Daily(at, name), name)
            missed, doubled = missed + len(set(_DAYS) - set(found)), doubled + len(found) - len(set(found))
            slots += len(found)
        for weekday in range(7):
            weeks = _local_days(Weekly(weekday, time(2, 30), name), name)
            expected = {day for day in _DAYS if day.weekday() == weekday}
            missed, doubled = missed + len(expected - set(weeks)), doubled + len(weeks) - len(set(weeks))
            slots += len(weeks)
    whole = f"all {len(known)} zones" if len(chosen) == len(kinds) else f"{len(chosen)} zones"
    return Outcome(
        fault="changes of the clock, every zone",
        database="any",
        done=f"{whole}, 48 times of day, 2026 to 2030",
        acknowledged=slots,
        lost=missed,
        doubled=doubled,
        also=f"daily and weekly slots; {len(chosen)} zones have clocks of their own",
    )


def _local_days(rule: Daily | Weekly, name: str) -> Sequence[date]:
    zone = ZoneInfo(name)
    return [slot.astimezone(zone).date() for slot in slots_between(rule, _FROM, _TO)]


def _changes(name: str) -> _Kind:
    """When the clocks of a zone change, to the minute, and what they say then."""
    zone, at, found = ZoneInfo(name), _FROM - _STEP, [(_FROM, _offset(ZoneInfo(name), _FROM))]
    while at < _TO:
        if _offset(zone, at) != (then := _offset(zone, at + _STEP)):
            minute = next(m for m in range(361) if _offset(zone, at + timedelta(minutes=m)) == then)
            found.append((at + timedelta(minutes=minute), then))
        at += _STEP
    return tuple(found)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
