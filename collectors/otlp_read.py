"""One span as it lies on the wire to a small value of ours: only keys that were asked for.

Of events only evaluations are read: in others, and in log records, some clients put prompts.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol
from zlib import crc32

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collectors.otlp_kinds import span_kind
from collectors.otlp_names import EVALUATION_ATTRIBUTES, EVALUATION_EVENT, EVENT_NAME, SPAN_ATTRIBUTES
from collectors.resolver import Attributes, ResolverConfig, Value
from strategy.spans import SpanKind

_STATUS_ERROR = 2


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


def read_spans(request: ExportTraceServiceRequest, resolver: ResolverConfig) -> list[SeenSpan]:
    """Every span of a request, in order."""
    wanted = SPAN_ATTRIBUTES | resolver.attributes()
    return [
        SeenSpan(
            trace_id=span.trace_id,
            span_id=span.span_id,
            parent_id=span.parent_span_id,
            scope=scope,
            kind=span_kind(span.name, attributes),
            start_ns=span.start_time_unix_nano,
            end_ns=span.end_time_unix_nano,
            failed=span.status.code == _STATUS_ERROR,
            attributes=attributes,
            resource=resource,
            evaluations=tuple(_evaluations(span, scoped.scope, resource, wanted)) if span.events else (),
        )
        for group in request.resource_spans
        for resource in [attributes_of(group.resource.attributes, wanted)]
        for scoped in group.scope_spans
        for scope in [crc32(scoped.scope.name.encode())]
        for span in scoped.spans
        for attributes in [attributes_of(span.attributes, wanted)]
    ]


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
    span: Span, scope: InstrumentationScope, resource: Attributes, wanted: frozenset[str]
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
            given = pair.value
            # Nearly all are texts and counts, and asking for their kind costs more than asking for them.
            value: Value | None = given.string_value or given.int_value or _value(given)
            if value is not None:
                found[key] = value
    return found


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
