"""One span as it lies on the wire to a small value of ours: only keys that were asked for.

Of events only evaluations are read: in others, and in log records, some clients put prompts.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol
from zlib import crc32

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from collectors.otlp_kinds import span_kind
from collectors.otlp_lean import LeanRequest, LeanSpan
from collectors.otlp_names import EVALUATION_ATTRIBUTES, EVALUATION_EVENT, EVENT_NAME, RESPONSE_ID, SPAN_ATTRIBUTES
from collectors.resolver import Attributes, ResolverConfig, Value
from strategy.spans import SpanKind

# Some 5 MB: the names and counts that come again and again.
_MOST_KEPT, _LONGEST_KEPT = 20_000, 120


class GivenEvaluation(NamedTuple):
    """An evaluation as it was sent, in a log record or as the event of a span."""

    trace_id: bytes
    span_id: bytes
    time_ns: int
    evaluator: str
    version: str
    attributes: Attributes
    resource: Attributes


class Pairs(Protocol):
    """A repeated field of attributes."""

    def __iter__(self) -> Iterator[KeyValue]: ...


class SeenSpan(NamedTuple):
    """A span with the attributes that were asked for; times are nanoseconds since 1970, 0 where not given.

    `scope` is a number made of the instrumentation's name.
    """

    trace_id: bytes
    span_id: bytes
    parent_id: bytes
    scope: int
    kind: SpanKind
    start_ns: int
    end_ns: int
    failed: bool
    attributes: Attributes
    resource: Attributes
    evaluations: tuple[GivenEvaluation, ...]


class KnownPairs(dict[bytes, tuple[str, Value] | None]):
    """Encoded attributes, each with its name and value, None where it is not wanted; read when first asked for."""

    def __init__(self, wanted: frozenset[str]) -> None:
        super().__init__()
        self._wanted = wanted

    def __missing__(self, encoded: bytes) -> tuple[str, Value] | None:
        """Read one, and keep it if it may come again."""
        pair = KeyValue.FromString(encoded)
        value = _value_of(pair.value) if pair.key in self._wanted else None
        found = None if value is None else (pair.key, value)
        # Each answer has an id of its own, and long texts are not names.
        if len(encoded) <= _LONGEST_KEPT and pair.key not in RESPONSE_ID:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[encoded] = found
        return found


@lru_cache(maxsize=4)
def _known_pairs(wanted: frozenset[str]) -> KnownPairs:
    return KnownPairs(wanted)


def read_spans(request: LeanRequest, resolver: ResolverConfig) -> Iterator[SeenSpan]:
    """Every span of a request, in order."""
    wanted = SPAN_ATTRIBUTES | resolver.attributes()
    known = _known_pairs(wanted)
    for group in request.resource_spans:
        resource = attributes_of(group.resource.attributes, wanted)
        for scoped in group.scope_spans:
            scope = crc32(scoped.scope.name.encode())
            for span in scoped.spans:
                attributes = dict(filter(None, map(known.__getitem__, span.attributes)))
                status = span.status
                yield SeenSpan(
                    span.trace_id,
                    span.span_id,
                    span.parent_span_id,
                    scope,
                    span_kind(span.name, attributes),
                    span.start_time_unix_nano,
                    span.end_time_unix_nano,
                    (_failed if len(status) <= _LONGEST_KEPT else _failed.__wrapped__)(status),
                    attributes,
                    resource,
                    tuple(_evaluations(span, scoped.scope, resource, wanted)) if span.events else (),
                )


@lru_cache(maxsize=64)
def _failed(status: bytes) -> bool:
    return Status.FromString(status).code == Status.STATUS_CODE_ERROR


def evaluations_in(request: ExportLogsServiceRequest, resolver: ResolverConfig) -> tuple[list[GivenEvaluation], int]:
    """The evaluations among the log records of a request, and how many records are none."""
    wanted = EVALUATION_ATTRIBUTES | resolver.attributes()
    found: list[GivenEvaluation] = []
    others = 0
    for group in request.resource_logs:
        resource = attributes_of(group.resource.attributes, wanted)
        for scoped in group.scope_logs:
            for record in scoped.log_records:
                attributes = attributes_of(record.attributes, wanted)
                if EVALUATION_EVENT not in (record.event_name, attributes.get(EVENT_NAME[0])):
                    others += 1
                    continue
                at = record.time_unix_nano or record.observed_time_unix_nano
                scope = scoped.scope.name, scoped.scope.version
                found.append(GivenEvaluation(record.trace_id, record.span_id, at, *scope, attributes, resource))
    return found, others


def _evaluations(
    span: LeanSpan, scope: InstrumentationScope, resource: Attributes, wanted: frozenset[str]
) -> Iterator[GivenEvaluation]:
    for event in span.events:
        if event.name == EVALUATION_EVENT:
            attributes = attributes_of(event.attributes, wanted | EVALUATION_ATTRIBUTES)
            at = event.time_unix_nano or span.end_time_unix_nano
            yield GivenEvaluation(span.trace_id, span.span_id, at, scope.name, scope.version, attributes, resource)


def first_of(attributes: Attributes, names: tuple[str, ...]) -> Value | None:
    """The value of the first of these attributes that is there and not empty."""
    for name in names:
        found = attributes.get(name)
        if found not in (None, "", ()):
            return found
    return None


def attributes_of(pairs: Pairs, wanted: frozenset[str]) -> Mapping[str, Value]:
    """The attributes that are wanted; the others are never read."""
    found: dict[str, Value] = {}
    for pair in pairs:
        key = pair.key
        if key in wanted:
            value = _value_of(pair.value)
            if value is not None:
                found[key] = value
    return found


def _value_of(given: AnyValue) -> Value | None:
    # Nearly all are texts and counts, and asking for their kind costs more than asking for them.
    return given.string_value or given.int_value or _value(given)


def _value(value: AnyValue) -> Value | None:
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "int_value":
            return value.int_value
        case "bool_value":
            return value.bool_value
        case "double_value":
            return value.double_value
        case "array_value":
            return tuple(item.string_value for item in value.array_value.values if item.HasField("string_value"))
        case _:
            return None
