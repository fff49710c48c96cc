"""What only time brings, and when: the days and calls of a cold start, days of holding, the volume a trend leads to."""

import math
from collections.abc import Iterator
from datetime import date, timedelta

from strategy.case import Case
from strategy.core import Finding
from strategy.kinds import Code
from strategy.policy import Policy
from strategy.wanted import Wanted


def awaited(case: Case, finding: Finding, breakeven: int | None) -> Iterator[Wanted]:
    """What time brings, where that is what is waited for; `breakeven` is the calls a day the move needs."""
    if finding.code is Code.COLD_START:
        yield from _traffic(case)
    elif finding.code is Code.APPROACHING and finding.ripe is not None:
        yield _ripe(finding, case.policy, finding.ripe)
    elif finding.code is Code.APPROACHING and breakeven is not None and breakeven > case.load.calls_per_day:
        yield _growth(case, breakeven)


def _traffic(case: Case) -> Iterator[Wanted]:
    """The days and calls that a first judgement needs, with the day on which they are there at the present rate."""
    volume, today = case.volume, case.snapshot.as_of.date()
    least, days, calls = (int(case.policy.number(key)) for key in ("min_days", "min_recent_days", "min_calls"))
    if volume.last_day is None:
        yield Wanted(kind="days", never=True, text=f"traffic: none has come yet, and {least} days of it are needed")
        return
    if volume.days_seen < least:
        rest = today + timedelta(days=least - volume.days_seen)
        said = f"traffic: {volume.days_seen} of {least} days are there; the rest on {rest}"
        yield Wanted(kind="days", by=rest, text=said)
    window = int(case.policy.number("level_days"))
    seen = [use for use in case.snapshot.usage.days if today - timedelta(days=window) <= use.day < today]
    if volume.recent_days < days:
        by = _there([(use.day, 1) for use in seen], days, today, window)
        said = f"traffic: calls on {volume.recent_days} of {days} days in the last {window}"
        yield Wanted(kind="days", by=by, never=by is None, text=f"{said}; {_when(by)}")
    if volume.recent_calls < calls:
        by = _there([(use.day, use.calls) for use in seen], calls, today, window)
        said = f"traffic: {volume.recent_calls:,} of {calls:,} calls in the last {window} days"
        yield Wanted(kind="calls", by=by, never=by is None, text=f"{said}; {_when(by)}")


def _when(by: date | None) -> str:
    return "never at this rate" if by is None else f"enough by {by} at this rate"


def _there(seen: list[tuple[date, int]], wanted: int, today: date, window: int) -> date | None:
    """The day on which the window holds as many as are wanted, if they go on coming as they did; None is never."""
    total, first = sum(count for _, count in seen), min((day for day, _ in seen), default=today)
    for ahead in range(1, window + 1):
        start = today + timedelta(days=ahead - window)
        kept = sum(count for day, count in seen if day >= start)
        if kept + total * ahead // max(1, (today - first).days) >= wanted:
            return today + timedelta(days=ahead)
    return None


def _ripe(finding: Finding, policy: Policy, by: date) -> Wanted:
    if finding.calm == "dwell":
        said = f"days: {policy.text('dwell_days')} days of rest after the move are over"
    else:
        said = f"days: its money has held for {policy.text('persist_days')} days"
    return Wanted(kind="days", by=by, text=f"{said} on {by}, if nothing moves")


def _growth(case: Case, breakeven: int) -> Wanted:
    """When the present growth brings the volume at which it pays."""
    calls, growth = case.load.calls_per_day, case.volume.growth
    said = f"calls: {breakeven:,} a day are needed and {calls:,.0f} come"
    if growth is None or growth <= 1 or not calls:
        why = "never at this rate" if growth is not None else "how fast they grow is not known yet"
        return Wanted(kind="calls", never=growth is not None, text=f"{said}; {why}")
    windows = math.log(breakeven / float(calls)) / math.log(float(growth))
    days = math.ceil(windows * float(case.policy.number("level_days")))
    if days > case.policy.number("horizon_days"):
        return Wanted(
            kind="calls", never=True, text=f"{said}; not within {case.policy.text('horizon_days')} days at this rate"
        )
    by = case.snapshot.as_of.date() + timedelta(days=days)
    return Wanted(kind="calls", by=by, text=f"{said}; at the present growth they do by {by}")
