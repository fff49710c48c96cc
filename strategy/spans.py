"""What one span says, as a value: its place in a trace, what it claims, and the call it is, if it is one.

A span counts as soon as it arrives; what arrives within the next minutes (a parent that names the feature, a second
instrumentation of the same request) may move it. These values are what is remembered for that long.
"""

from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple

from strategy.facts import Call

_MOST_LATENCY_MS = 86_400_000.0


class SpanKind(IntEnum):
    """UNIT is an agent, workflow, chain or tool: never counted, and a call inside it is a call of its own."""

    CALL = 1
    EMBEDDING = 2
    UNIT = 3
    OTHER = 4
    EVALUATION = 5

    def counts(self) -> bool:
        """Whether a span of this kind is a call of a model.

        >>> [kind.name for kind in SpanKind if kind.counts()]
        ['CALL', 'EMBEDDING']
        """
        return self <= SpanKind.EMBEDDING


class Standing(IntEnum):
    """What a call counts as: itself, or a duplicate of the call around it or beside it."""

    COUNTED = 1
    NESTED = 2
    REPEATED = 3


class Claims(NamedTuple):
    """Whom a span names as its feature: stated on it, a named unit, stated on its resource, the service's name."""

    stated: str | None = None
    unit: str | None = None
    resource: str | None = None
    service: str | None = None


class Evaluation(NamedTuple):
    """One score of one answer; scores of different evaluators or versions never mix."""

    metric: str
    evaluator: str
    version: str
    score: Decimal
    at: datetime


class SpanFact(NamedTuple):
    """One span: where it stands, what it claims, and its call (without a feature, which the chain of parents gives).

    An evaluation is one too: inside the span that it scores.

    `key` and `parent` are 16 bytes; `scope` and `response` are numbers made of the instrumentation's name and of the
    provider's response id, to be compared only; times are nanoseconds since 1970, 0 where not given.
    """

    key: bytes
    parent: bytes | None
    kind: SpanKind
    claims: Claims
    scope: int
    start_ns: int
    end_ns: int
    response: int | None = None
    call: Call | None = None
    score: Evaluation | None = None


class Settled(NamedTuple):
    """What becomes of a call in view of the spans around it."""

    feature: str | None
    standing: Standing


class RecentSpan(NamedTuple):
    """A remembered span with what became of it; None where it is no call."""

    fact: SpanFact
    settled: Settled | None


def latency_ms(start_ns: int, end_ns: int) -> float | None:
    """How long a span took in milliseconds; None where its start is not given, not before its end, or a day before it.

    What begins as it ends is a log and measured nothing.

    >>> latency_ms(5_000_000, 7_500_000), latency_ms(0, 7_500_000), latency_ms(2, 2)
    (2.5, None, None)
    """
    milliseconds = (end_ns - start_ns) / 1e6
    return milliseconds if start_ns and 0 < milliseconds <= _MOST_LATENCY_MS else None
