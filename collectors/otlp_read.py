"""One span as it lies on the wire to a small value of ours: only keys that were asked for, never events or links."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from collectors.otlp_kinds import span_kind
from collectors.otlp_names import SPAN_ATTRIBUTES
from collectors.resolver import Attributes, ResolverConfig, Value
from strategy.spans import SpanKind

_STATUS_ERROR = 2


class _Pairs(Protocol):
    def __iter__(self) -> Iterator[KeyValue]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSpan:
    """A span with the attributes that were asked for; times are nanoseconds since 1970, 0 where not given."""

    trace_id: bytes
    span_id: bytes
    parent_id: bytes
    scope: str
    kind: SpanKind
    start_ns: int
    end_ns: int
    failed: bool
    attributes: Attributes
    resource: Attributes

    def first(self, names: tuple[str, ...]) -> Value | None:
        """The value of the first of these attributes that is there and not empty."""
        return next((found for name in names if (found := self.attributes.get(name)) not in (None, "", ())), None)


def read_spans(request: ExportTraceServiceRequest, resolver: ResolverConfig) -> list[SeenSpan]:
    """Every span of a request, in order."""
    wanted = SPAN_ATTRIBUTES | resolver.attributes()
    return [
        SeenSpan(
            trace_id=span.trace_id,
            span_id=span.span_id,
            parent_id=span.parent_span_id,
            scope=scoped.scope.name,
            kind=span_kind(span.name, attributes),
            start_ns=span.start_time_unix_nano,
            end_ns=span.end_time_unix_nano,
            failed=span.status.code == _STATUS_ERROR,
            attributes=attributes,
            resource=resource,
        )
        for group in request.resource_spans
        for resource in [_attributes(group.resource.attributes, wanted)]
        for scoped in group.scope_spans
        for span in scoped.spans
        for attributes in [_attributes(span.attributes, wanted)]
    ]


def _attributes(pairs: _Pairs, wanted: frozenset[str]) -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    for pair in pairs:
        key = pair.key
        if key in wanted and (value := _value(pair.value)) is not None:
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
