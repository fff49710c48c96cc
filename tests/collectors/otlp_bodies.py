"""Builds trace requests for tests: one span is a dictionary of attributes and a few times."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from collectors.otlp_lean import lean_request
from collectors.otlp_settle import settle
from collectors.otlp_spans import spans_from_traces
from collectors.resolver import ResolverConfig
from strategy.facts import Call
from strategy.spans import Standing

RECEIVED = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOW_NS = int(RECEIVED.timestamp()) * 10**9
TRACE = bytes.fromhex("0af7651916cd43dd8448eb211c80319c")
CHAT: Mapping[str, object] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
}
SIZED: Mapping[str, object] = {**CHAT, "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20}


@dataclass(frozen=True, kw_only=True)
class Given:
    """One span: `number` makes its id, `parent` is the number of another span; times are milliseconds before now."""

    number: int
    attributes: Mapping[str, object] = field(default_factory=lambda: SIZED)
    parent: int | None = None
    began_ago_ms: int = 1000
    ended_ago_ms: int = 500
    trace_id: bytes = TRACE
    scope: str = "app"
    name: str = "chat"
    failed: bool = False


def request(spans: Iterable[Given], resource: Mapping[str, object] | None = None) -> ExportTraceServiceRequest:
    """A trace request with these spans, one scope for each."""
    scoped = [ScopeSpans(scope=InstrumentationScope(name=given.scope), spans=[_span(given)]) for given in spans]
    attributes = [_pair(key, value) for key, value in (resource or {}).items()]
    return ExportTraceServiceRequest(
        resource_spans=[ResourceSpans(resource=Resource(attributes=attributes), scope_spans=scoped)]
    )


@dataclass(frozen=True, slots=True)
class Intake:
    """What one request gives by itself: calls with their features, refusals, duplicates, spans that are no calls."""

    calls: tuple[Call, ...]
    refused: Mapping[str, int]
    duplicates: int
    ignored: int


def taken(
    found: ExportTraceServiceRequest,
    *,
    at: datetime = RECEIVED,
    resolver: ResolverConfig | None = None,
    oldest: datetime | None = None,
) -> Intake:
    """What a request gives when nothing else is known."""
    received = spans_from_traces(
        lean_request(found.SerializeToString()), resolver=resolver or ResolverConfig(), received_at=at, oldest=oldest
    )
    settled = settle({fact.key: fact for fact in received.spans})
    calls = [(fact.call, settled[fact.key]) for fact in received.spans if fact.call is not None]
    counted = [call._replace(feature=what.feature) for call, what in calls if what.standing is Standing.COUNTED]
    return Intake(tuple(counted), received.refused, received.repeated + len(calls) - len(counted), received.ignored)


def intake(
    *spans: Given,
    resource: Mapping[str, object] | None = None,
    resolver: ResolverConfig | None = None,
    oldest: datetime | None = None,
) -> Intake:
    """What these spans give when nothing else is known."""
    return taken(request(spans, resource), resolver=resolver, oldest=oldest)


def _span(given: Given) -> Span:
    return Span(
        trace_id=given.trace_id,
        span_id=given.number.to_bytes(8, "big"),
        parent_span_id=b"" if given.parent is None else given.parent.to_bytes(8, "big"),
        name=given.name,
        start_time_unix_nano=NOW_NS - given.began_ago_ms * 10**6,
        end_time_unix_nano=NOW_NS - given.ended_ago_ms * 10**6,
        status=Status(code=Status.STATUS_CODE_ERROR if given.failed else Status.STATUS_CODE_UNSET),
        attributes=[_pair(key, value) for key, value in given.attributes.items()],
    )


def _pair(key: str, value: object) -> KeyValue:
    return KeyValue(key=key, value=_value(value))


def _value(value: object) -> AnyValue:
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=[_value(item) for item in value]))
        case _:
            return AnyValue(string_value=str(value))
