"""Clients that write the same thing in words of their own: each call once, no agent, the right tokens.

The shapes are ours, made after what each framework's source writes onto its spans: tests/data/otlp/dialects.yaml.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

from collectors.otlp_lean import lean_request
from collectors.otlp_metrics import points_from_metrics
from collectors.otlp_settle import settle
from collectors.otlp_spans import spans_from_traces
from collectors.resolver import ResolverConfig
from strategy.metrics import Measure
from strategy.spans import Standing

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
_NS = int(AT.timestamp()) * 10**9
_FILE = Path(__file__).parents[1] / "data" / "otlp" / "dialects.yaml"
Attributes = Mapping[str, str | int | float | list[str]]


class Told(NamedTuple):
    """What a call counts with."""

    provider: str
    model: str
    input: int | None
    cached: int | None
    written: int | None
    output: int | None
    reasoning: int | None


def _counted(*spans: tuple[str, Attributes], of: str = "") -> list[Told]:
    """The calls that count in one trace of spans of one instrumentation, each inside the one before it."""
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    scope.scope.name = of
    for number, (name, attributes) in enumerate(spans, start=1):
        span = scope.spans.add(trace_id=b"t" * 16, span_id=number.to_bytes(8, "big"), name=name)
        span.start_time_unix_nano, span.end_time_unix_nano = _NS - 10**9, _NS
        if number > 1:
            span.parent_span_id = (number - 1).to_bytes(8, "big")
        for key, value in attributes.items():
            given = span.attributes.add(key=key).value
            if isinstance(value, str):
                given.string_value = value
            elif isinstance(value, int):
                given.int_value = value
            elif isinstance(value, float):
                given.double_value = value
            else:
                given.array_value.values.extend(AnyValue(string_value=each) for each in value)
    found = spans_from_traces(lean_request(request.SerializeToString()), resolver=ResolverConfig(), received_at=AT)
    assert not found.refused
    settled = settle({fact.key: fact for fact in found.spans})
    calls = [
        fact.call for fact in found.spans if fact.call is not None and settled[fact.key].standing is Standing.COUNTED
    ]
    return [
        Told(
            call.provider,
            call.model,
            call.input_tokens,
            call.cached_input_tokens,
            call.cache_write_tokens,
            call.output_tokens,
            call.reasoning_tokens,
        )
        for call in calls
    ]


_DIALECTS: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["dialects"]


@pytest.mark.parametrize("dialect", _DIALECTS)
def test_a_call_counts_once_with_its_tokens(dialect: str) -> None:
    """Agents and chains around it count nothing, whatever usage they repeat."""
    given = _DIALECTS[dialect]
    spans = [named for span in given["spans"] for named in span.items()]
    assert _counted(*spans, of=given.get("scope", "")) == [Told(*call) for call in given["calls"]]


def test_spring_ai_counts_under_names_of_its_own() -> None:
    """Calls are a timer, totals no third kind of token, and `none` is no model."""
    request = ExportMetricsServiceRequest()
    scope = request.resource_metrics.add().scope_metrics.add()
    for name, kind, total in (
        ("gen_ai.client.operation", "", 900),
        ("gen_ai.client.token.usage", "input", 100),
        ("gen_ai.client.token.usage", "output", 20),
        ("gen_ai.client.token.usage", "total", 120),
    ):
        told = scope.metrics.add(name=name).histogram
        told.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
        point = told.data_points.add(count=2, sum=total, start_time_unix_nano=_NS - 10**9, time_unix_nano=_NS)
        said = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "gen_ai.response.model": "none"}
        for key, value in {**said, "gen_ai.token.type": kind}.items():
            point.attributes.add(key=key).value.string_value = value
    found = points_from_metrics(request, resolver=ResolverConfig(), received_at=AT)
    assert {(point.measure, point.total, point.model) for point in found.points} == {
        (Measure.CALLS, 2, "gpt-4o"),
        (Measure.INPUT, 100, "gpt-4o"),
        (Measure.OUTPUT, 20, "gpt-4o"),
    }
    assert found.ignored == 1
