"""Hourly traffic of the demo company: seeded, and the same rows on every platform.

Only additions, products and quotients of doubles and the seeded generator's own draws are used: exp, log and cos
differ in the last bit between systems, `sum` of doubles between Python versions, and a row must not.

The shapes carry figures measured on the ServeGen traces (Alibaba; Xiang et al., arXiv 2505.09999, 14 days), on the
33 language clients that are always on (2,000 or more requests a day, 330 or more of 336 hours):

- the hour of the day over the day's mean: `_HOURS`, the median client; trough 0.44 at 05:00, peak 1.20 at 16:00
- an hour over what the client's day and hour would give: `_GUSTS`, 5 % of hours below x0.23, 5 % above x2.05,
  1 % above x4.24, 0.1 % above x8.63 (2.1 % of all hours are above x3)
- peak hour over mean hour: quartiles 2.5, 4.5, 6.4
- spread of daily requests (standard deviation over mean): lowest tenth 0.08, quartiles 0.19, 0.44, 0.64
- the largest day over the mean day: quartiles 1.3, 1.9, 2.5
- weekend days over the mean: 0.8 (the level of the two quietest days in each week of the trace)

The trace is 14 days long and shows no trend over months; growth, launches and campaigns are made up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

from offramp.demo.company import DAYS, EvalPlan, Stream

_SEED = "larkspur-1"
_SATURDAY = 5
_NOON = 12
# Hundredths, so that their sum is exact.
_HOURS = (85, 71, 69, 57, 50, 44, 49, 55, 89, 94, 103, 114, 105, 110, 107, 105, 120, 116, 112, 109, 108, 106, 105, 101)
_GUSTS = (
    (0.0, 0.05),
    (0.05, 0.23),
    (0.25, 0.75),
    (0.50, 0.98),
    (0.75, 1.15),
    (0.95, 2.05),
    (0.99, 4.24),
    (0.999, 8.63),
    (1.0, 8.63),
)
_HOURS_SUM = sum(_HOURS)
# The mean of the distribution above; dividing by it leaves a day's traffic as it is.
_GUST_MEAN = 1.1


@dataclass(frozen=True, slots=True)
class Row:
    """`calls` alike calls in the hour from `at`; tokens are sums over them, latency is their mean."""

    at: datetime
    stream: Stream
    calls: int
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    latency_ms: int | None
    error: bool


@dataclass(frozen=True, slots=True)
class Scored:
    """One evaluation run; the score is in ten-thousandths."""

    at: datetime
    plan: EvalPlan
    score: int


def rows(streams: Sequence[Stream], start: date, days: Sequence[date]) -> Iterator[Row]:
    """The traffic of these days, in order of time; `start` is the demo's first day, where all trends begin."""
    for day in days:
        made = [row for stream in streams for row in _day_rows(stream, start, day)]
        yield from sorted(made, key=lambda row: row.at)


def scores(plans: Sequence[EvalPlan], start: date, days: Sequence[date]) -> Iterator[Scored]:
    """The evaluations run on these days, at 06:00 UTC."""
    for day in days:
        for plan in plans:
            number = (day - start).days - plan.day
            if number == 0 or (number > 0 and plan.every and number % plan.every == 0):
                chance = Random(f"{_SEED}/eval/{plan.feature}/{plan.strategy}/{day}").random()
                moved = plan.score + int((2 * chance - 1) * plan.wobble)
                yield Scored(datetime(day.year, day.month, day.day, 6, tzinfo=UTC), plan, moved)


def level(stream: Stream, number: int) -> float:
    """Calls a day that the trend gives on the demo's day `number`; after its last day the level stays."""
    if not stream.starts <= number < stream.ends:
        return 0.0
    span = max(DAYS - 1 - stream.starts, 1)
    part = min((number - stream.starts) / span, 1.0)
    bent = {"linear": part, "accelerating": part * part * part}[stream.trend]
    return stream.calls_per_day + (stream.grows_to - stream.calls_per_day) * bent


def _day_rows(stream: Stream, start: date, day: date) -> Iterator[Row]:
    number = (day - start).days
    chance = Random(f"{_SEED}/{stream.feature}/{stream.model}/{day}")
    wanted = level(stream, number) * _week(stream, day) * _sway(chance, stream.sway) * _burst(stream, number)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    total = 0
    for hour, weight in enumerate(_HOURS):
        gust = 1 + stream.gust * (_gust(chance.random()) - 1)
        calls = int(wanted * weight / _HOURS_SUM * gust + chance.random())
        total += calls
        wobble = 0.97 + 0.06 * chance.random()
        slowness = 0.7 + 0.5 * chance.random() + 0.6 * chance.random() * chance.random()
        if calls:
            yield _row(stream, midnight + timedelta(hours=hour), calls, wobble, slowness)
    failed = int(total * stream.error_rate + chance.random())
    if failed and stream.error_rate:
        yield Row(midnight + timedelta(hours=_NOON), stream, failed, 0, 0, 0, 0, None, error=True)


def _row(stream: Stream, at: datetime, calls: int, wobble: float, slowness: float) -> Row:
    given = int(calls * stream.input_tokens * wobble)
    answered = int(calls * stream.output_tokens * wobble)
    return Row(
        at,
        stream,
        calls,
        given,
        int(given * stream.cached_share),
        answered,
        int(answered * stream.reasoning_share),
        int(stream.latency_ms * slowness),
        error=False,
    )


def _week(stream: Stream, day: date) -> float:
    """The weekday's factor; a whole week's mean is 1."""
    return (stream.weekend if day.weekday() >= _SATURDAY else 1.0) * 7 / (5 + 2 * stream.weekend)


def _sway(chance: Random, spread: float) -> float:
    """A day's factor: nearly normal (twelve chances added), never below a fifth."""
    sum_of_twelve = sum(chance.getrandbits(16) for _ in range(12)) / 65_536
    return max(1 + spread * (sum_of_twelve - 6), 0.2)


def _burst(stream: Stream, number: int) -> float:
    times = [burst.times for burst in stream.bursts if 0 <= number - burst.day < burst.days]
    return max(times, default=1.0)


def _gust(chance: float) -> float:
    """The measured distribution read at one point, scaled to a mean of 1."""
    for (low, a), (high, b) in pairwise(_GUSTS):
        if chance <= high:
            return (a + (b - a) * (chance - low) / (high - low)) / _GUST_MEAN
    return _GUSTS[-1][1] / _GUST_MEAN
