"""Calls over time as bars of an inline SVG, with the sentence that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reports.scan_value import Day
from reports.words import count

_MOST_BARS = 120
_WEEK = 7
_HEIGHT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day or week: its place from the left and its height, of 100; what it stands for, in words."""

    x: int
    height: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The bars, one unit wide each, and what they show in words."""

    bars: tuple[Bar, ...]
    width: int
    words: str


def calls_chart(days: Sequence[Day], first: date, last: date) -> Chart:
    """Calls a day from `first` to `last`, or a week where the days would be too many to tell apart."""
    span = (last - first).days + 1
    step = 1 if span <= _MOST_BARS else _WEEK
    sums = [0] * -(-span // step)
    for each in days:
        sums[(each.day - first).days // step] += each.calls
    most = max(sums)
    unit = "day" if step == 1 else "week"
    bars = [
        Bar(
            x=place,
            height=round(_HEIGHT * calls / most, 2),
            words=f"{first + timedelta(days=place * step)}: {count(calls, 'call')}",
        )
        for place, calls in enumerate(sums)
        if calls
    ]
    words = f"Calls a {unit} from {first} to {last}: from {min(sums):,} to {most:,}, {sums[-1]:,} on the last."
    return Chart(bars=tuple(bars), width=len(sums), words=words)
