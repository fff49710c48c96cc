"""The facts a judgement uses, as values: calls, scores, prices, retirements, the snapshot.

Times are aware UTC instants, money is Decimal USD, tokens are whole numbers. `input_tokens` is the
total input; `cached_input_tokens` and `cache_write_tokens` are parts of it, `reasoning_tokens` is a
part of `output_tokens` (the OpenTelemetry rule). None is unknown, never zero.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from strategy.kinds import Code, Outcome, PriceKind, Strategy
from strategy.profile import Feature

# A request is priced by its own size (never tier a sum: x1.83 error measured), so a rollup keeps the
# largest of these bounds that the request's input exceeds. They are every tier start in the price feed.
SIZE_BOUNDS: tuple[int, ...] = (0, 32_000, 100_000, 128_000, 199_999, 200_000, 256_000, 272_000, 512_000, 524_288)

# Each latency bucket is 10 % wider than the one before, so a percentile read from them is within 5 %.
LATENCY_GROWTH = 1.1


def size_tier(input_tokens: int | None) -> int:
    """The size bucket of one request: the largest bound its input exceeds, 0 where unknown.

    >>> size_tier(3_000), size_tier(200_000), size_tier(200_001)
    (0, 199999, 200000)
    """
    if input_tokens is None or input_tokens <= SIZE_BOUNDS[1]:
        return 0
    return SIZE_BOUNDS[bisect_left(SIZE_BOUNDS, input_tokens) - 1]


class Call(NamedTuple):
    """One counted call (or `calls` alike ones) as every collector hands it over.

    A tuple, for the receiver makes one of every span.

    `key` is 16 bytes that name the call for ever: the same call seen again is dropped by it. `windowed`
    says that a late window bounds how long a repetition is taken, so the key may be forgotten after it.
    `feature` is None where nothing resolved, `model` is as the sender wrote it. `shape` says what came out, in words of
    ours: the kind of output and why it ended, such as `json/stop`; either may be empty.
    """

    key: bytes
    at: datetime
    feature: str | None
    provider: str
    model: str
    source: str
    windowed: bool = False
    processing: str = "standard"
    calls: int = 1
    errors: int = 0
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost_usd: Decimal | None = None
    latency_ms: float | None = None
    shape: str | None = None


class CallSums(NamedTuple):
    """Many calls of one hour (whole hours since 1970), feature, model, size tier and processing, summed.

    Tokens that a call did not tell are in no sum. A tuple, for a large file has a hundred thousand of them.
    """

    feature: str | None
    hour: int
    provider: str
    model: str
    tier: int
    processing: str
    source: str
    calls: int
    errors: int
    calls_with_tokens: int
    calls_without_tokens: int
    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    reported_calls: int
    reported_nano_usd: int


class LatencySums(NamedTuple):
    """How many calls of a day (days since 1970) fell into one latency bucket."""

    feature: str | None
    day: int
    provider: str
    model: str
    source: str
    bucket: int
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One evaluation result. `strategy` is what was scored; scores of different versions never mix.

    The last four count the items on which baseline and candidate were both right, only the baseline, only the
    candidate, or neither; all are given where both were scored on the same items, else none.
    """

    key: bytes
    feature: str
    metric: str
    score: Decimal
    n: int | None
    at: datetime
    strategy: str | None = None
    evaluator: str | None = None
    evaluator_version: str | None = None
    run_id: str | None = None
    scale_min: Decimal | None = None
    scale_max: Decimal | None = None
    higher_is_better: bool = True
    source: str = "file"
    both_ok: int | None = None
    base_only: int | None = None
    cand_only: int | None = None
    both_bad: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """One line of a bill: what a provider charged for a UTC day. Negative where it gives back.

    `slot` names what a later bill replaces as a whole; `category` is usage, credit, tax, purchase or adjustment; or
    tokens, which is no charge but how many (in all, cached ones included) the provider says there were.
    """

    slot: str
    provider: str
    day: date
    amount_usd: Decimal
    project: str | None = None
    category: str = "usage"
    source: str = "invoice"
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price in force from `valid_from` until `valid_to` (None: open), for requests above a size."""

    model: str
    kind: PriceKind
    usd_per_mtok: Decimal
    valid_from: datetime
    valid_to: datetime | None = None
    tier_min_input_tokens: int = 0
    processing: str = "standard"
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formerly:
    """What the book said of a model until `until`, the instant at which it learnt something else."""

    model: str
    until: datetime
    lines: tuple[Price, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """The day a model stops answering, with what its vendor names in its place."""

    model: str
    on: date
    replacement: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUse:
    """One UTC day of a feature's traffic; cost_usd is None where no call of the day could be priced."""

    day: date
    calls: int
    errors: int
    cost_usd: Decimal | None
    unpriced_calls: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMix:
    """What the calls of the level window carried, by model and request size; `model` is the book's id.

    `calls` are those with tokens; a model of None is traffic whose name no price book entry claims.
    """

    model: str | None
    tier: int
    processing: str
    calls: int
    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """A feature's traffic before `as_of`: complete UTC days, oldest first, missing days left out."""

    days: tuple[DayUse, ...] = ()
    mix: tuple[TokenMix, ...] = ()
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What was said last of a feature on a day before, while it ran on `now`, and since when."""

    outcome: Outcome
    code: Code | None
    target: str | None
    now: Strategy
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything one judgement may know, frozen. The same snapshot gives the same verdict, byte for byte.

    `prices` holds every price line, past, present and announced, of the models in the mix and of the
    models that candidates would use; `constants` the numbers in force with their keys. `before` is what was said
    before, `moved` the day on which the present strategy was first seen after another; None where there was neither.
    `formerly` is what the book said of a model before what it learnt in the days for which a price has to hold.
    """

    feature: Feature
    usage: Usage
    scores: tuple[Score, ...]
    prices: tuple[Price, ...]
    retirements: tuple[Retirement, ...]
    constants: tuple[tuple[str, str], ...]
    as_of: datetime
    before: Before | None = None
    moved: date | None = None
    formerly: tuple[Formerly, ...] = ()
