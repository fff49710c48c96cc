"""What one data point of a metric says about calls, as a value."""

from enum import StrEnum
from typing import NamedTuple


class Measure(StrEnum):
    """What a metric counts."""

    CALLS = "calls"
    INPUT = "input_tokens"
    OUTPUT = "output_tokens"
    CACHED = "cached_input_tokens"
    CACHE_WRITE = "cache_write_tokens"
    REASONING = "reasoning_tokens"


class MetricPoint(NamedTuple):
    """One data point. `stream` is 16 bytes made of resource, scope, name, attributes and start: a restart is another.

    `total` is the number of calls or tokens since the start; `observed` how many calls gave their tokens (0 where a
    counter does not say). `service` is whose metrics they are, to be held against its spans.
    """

    stream: bytes
    cumulative: bool
    start_ns: int
    time_ns: int
    service: str
    feature: str | None
    provider: str
    model: str
    measure: Measure
    failed: bool
    total: int
    observed: int


class Increase(NamedTuple):
    """What a point adds to what was known of its stream, and since when."""

    point: MetricPoint
    since_ns: int
    total: int
    observed: int
