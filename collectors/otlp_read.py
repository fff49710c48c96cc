"""What lies on the wire as small values of ours: only attributes that were asked for.

Of events only evaluations are read: in others, and in log records, some clients put prompts.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from collectors.otlp_errors import BadBody
from collectors.otlp_lean import LeanSpan
from collectors.otlp_names import EVALUATION_ATTRIBUTES, EVALUATION_EVENT, EVENT_NAME, SPAN_ATTRIBUTES
from collectors.resolver import Attributes, ResolverConfig, Value

_LONGEST_STATUS = 120


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


def has_failed(status: bytes) -> bool:
    """Whether an encoded status says that the span failed.

    Raises:
        BadBody: it is no status.
    """
    # Nearly all are one of a few; a message of some length is nobody else's.
    return _is_error(status) if len(status) > _LONGEST_STATUS else _known_error(status)


def _is_error(status: bytes) -> bool:
    try:
        return Status.FromString(status).code == Status.STATUS_CODE_ERROR
    except DecodeError:
        raise BadBody("the status of a span is not a protobuf one") from None


_known_error = lru_cache(maxsize=64)(_is_error)


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


def evaluations_of(
    span: LeanSpan, scope: InstrumentationScope, resource: Attributes, resolver: ResolverConfig
) -> Iterator[GivenEvaluation]:
    """The evaluations among the events of a span."""
    wanted = SPAN_ATTRIBUTES | EVALUATION_ATTRIBUTES | resolver.attributes()
    for event in span.events:
        if event.name == EVALUATION_EVENT:
            attributes = attributes_of(event.attributes, wanted)
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
            value = value_of(pair.value)
            if value is not None:
                found[key] = value
    return found


def value_of(given: AnyValue) -> Value | None:
    """The value of an attribute; None where it is none that we read."""
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
