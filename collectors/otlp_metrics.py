"""Metrics requests to points: calls and tokens of GenAI clients, under their old and new names.

Tokens are the sum of a histogram, calls its count. Metrics know no cached tokens (before the newest names) and often no
feature, so spans are preferred wherever a service sends them: docs/decisions/0014.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
)

from collectors import otlp_names as names
from collectors.names import MODEL_LENGTH, clean_name
from collectors.otlp_asked import UNKNOWN_MODEL
from collectors.otlp_evaluations import AHEAD, Refused
from collectors.otlp_read import Pairs, attributes_of
from collectors.resolver import Attributes, ResolverConfig, claims, resolve
from collectors.tokens import BadNumber, whole
from strategy.metrics import Measure, MetricPoint

SOURCE = "otlp_metrics"
# A sum over a process' life may be a thousand times what one request may hold.
_MOST = 10**15
_CALLS_NEW = "gen_ai.client.inference.duration"
# The second is Spring AI's.
_CALLS_OLD = frozenset({"gen_ai.client.operation.duration", "gen_ai.client.operation"})
_TOKENS_OLD, _TOKENS_NEW = "gen_ai.client.token.usage", "gen_ai.client.inference.usage."
_NEW = {
    "input_tokens": Measure.INPUT,
    "output_tokens": Measure.OUTPUT,
    "cache_read.input_tokens": Measure.CACHED,
    "cache_write.input_tokens": Measure.CACHE_WRITE,
    "reasoning.output_tokens": Measure.REASONING,
}
_OLD = {"input": Measure.INPUT, "output": Measure.OUTPUT, "completion": Measure.OUTPUT}
_TOKEN_TYPE = "gen_ai.token.type"  # noqa: S105 (a kind of token, no secret)
_OPERATIONS = names.CALL_OPERATIONS | names.EMBEDDING_OPERATIONS
_DELTA = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
_CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE

_DataPoint = HistogramDataPoint | ExponentialHistogramDataPoint | NumberDataPoint


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedPoints:
    """What a metrics request holds: points of calls, points refused by reason, points of other metrics.

    Reasons: bad_time, late, future, bad_number, bad_temporality.
    """

    points: tuple[MetricPoint, ...] = ()
    refused: Counter[str] = field(default_factory=Counter)
    ignored: int = 0


class _Given(NamedTuple):
    """One point with what stands around it; `newest` says that its sender also writes the newest names."""

    resource: Attributes
    attributes: Attributes
    name: str
    stream: bytes
    temporality: int
    point: _DataPoint
    newest: bool


def points_from_metrics(
    request: ExportMetricsServiceRequest,
    *,
    resolver: ResolverConfig,
    received_at: datetime,
    oldest: datetime | None = None,
) -> ReceivedPoints:
    """The points in a metrics request that speak of calls; `oldest` is the late window's start (None: no window)."""
    bounds = 1 if oldest is None else _nanoseconds(oldest), _nanoseconds(received_at + AHEAD)
    found: list[MetricPoint] = []
    refused: Counter[str] = Counter()
    ignored = 0
    for given in _points(request, names.SPAN_ATTRIBUTES | resolver.attributes() | {_TOKEN_TYPE}):
        measure = _measure(given)
        if measure is None:
            ignored += 1
            continue
        try:
            found.append(_read(given, measure, resolver, bounds))
        except Refused as reason:
            refused[str(reason)] += 1
        except BadNumber:
            refused["bad_number"] += 1
    return ReceivedPoints(points=tuple(found), refused=refused, ignored=ignored)


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp()) * 10**9


def _points(request: ExportMetricsServiceRequest, wanted: frozenset[str]) -> Iterator[_Given]:
    for group in request.resource_metrics:
        resource = attributes_of(group.resource.attributes, wanted)
        sender = _bytes(group.resource.attributes)
        newest = any(_is_new(metric.name) for scoped in group.scope_metrics for metric in scoped.metrics)
        for scoped in group.scope_metrics:
            for metric in scoped.metrics:
                temporality, points = _data(metric)
                for point in points:
                    attributes = attributes_of(point.attributes, wanted)
                    start = point.start_time_unix_nano.to_bytes(8, "big")
                    parts = sender, scoped.scope.name.encode(), metric.name.encode(), _bytes(point.attributes), start
                    yield _Given(resource, attributes, metric.name, _digest(parts), temporality, point, newest)


def _data(metric: Metric) -> tuple[int, Iterable[_DataPoint]]:
    match metric.WhichOneof("data"):
        case "histogram":
            return metric.histogram.aggregation_temporality, metric.histogram.data_points
        case "exponential_histogram":
            return metric.exponential_histogram.aggregation_temporality, metric.exponential_histogram.data_points
        case "sum":
            return metric.sum.aggregation_temporality, metric.sum.data_points
        case _:
            return 0, ()


def _bytes(pairs: Pairs) -> bytes:
    # In whatever order a sender writes them, they name the same series.
    return b"\x1f".join(sorted(pair.SerializeToString(deterministic=True) for pair in pairs))


def _digest(parts: Iterable[bytes]) -> bytes:
    return blake2b(b"\x1e".join(parts), digest_size=16).digest()


def _is_new(name: str) -> bool:
    return name == _CALLS_NEW or name.startswith(_TOKENS_NEW)


def _measure(given: _Given) -> Measure | None:
    """What the point counts; None where it speaks of no call, or where the newest names say the same again."""
    operation = given.attributes.get(names.OPERATION[0])
    # Traceloop's point of a failed call says nothing but the error.
    if operation is not None and operation not in _OPERATIONS:
        return None
    if _is_new(given.name):
        return Measure.CALLS if given.name == _CALLS_NEW else _NEW.get(given.name.removeprefix(_TOKENS_NEW))
    if given.newest:
        return None
    if given.name == _TOKENS_OLD:
        return _OLD.get(str(given.attributes.get(_TOKEN_TYPE)))
    return Measure.CALLS if given.name in _CALLS_OLD else None


def _read(given: _Given, measure: Measure, resolver: ResolverConfig, bounds: tuple[int, int]) -> MetricPoint:
    point = given.point
    time_ns, start_ns = point.time_unix_nano, point.start_time_unix_nano
    if not time_ns or start_ns > time_ns:
        raise Refused("bad_time")
    if time_ns > bounds[1]:
        raise Refused("future")
    if time_ns < bounds[0]:
        raise Refused("late")
    if given.temporality not in (_DELTA, _CUMULATIVE):
        raise Refused("bad_temporality")
    total, observed = _amounts(point, measure)
    said = claims(resolver, given.attributes, given.resource)
    return MetricPoint(
        stream=given.stream,
        cumulative=given.temporality == _CUMULATIVE,
        start_ns=start_ns,
        time_ns=time_ns,
        service=said.service or "",
        feature=resolve([said]),
        provider=clean_name(_first(given.attributes, names.PROVIDER), MODEL_LENGTH).lower(),
        model=clean_name(_first(given.attributes, names.MODEL), MODEL_LENGTH) or UNKNOWN_MODEL,
        measure=measure,
        failed=names.ERROR_TYPE[0] in given.attributes,
        total=total,
        observed=observed,
    )


def _amounts(point: _DataPoint, measure: Measure) -> tuple[int, int]:
    if isinstance(point, NumberDataPoint):
        return whole(point.as_int if point.HasField("as_int") else point.as_double, _MOST), 0
    count = whole(point.count, _MOST)
    return (count, count) if measure is Measure.CALLS else (whole(point.sum, _MOST), count)


def _first(attributes: Attributes, keys: tuple[str, ...]) -> str:
    return next((str(found) for key in keys if (found := attributes.get(key)) not in (None, "", names.NO_NAME)), "")
