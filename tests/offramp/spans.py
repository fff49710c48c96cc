"""OTLP trace bodies made by hand, for tests that need many calls of their own, at a time of their own."""

import json
from collections.abc import Iterable
from datetime import datetime

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collectors.keys import span_key

PROTOBUF = {"content-type": "application/x-protobuf"}
JSON = {"content-type": "application/json"}
FEATURE = "ticket-triage"
MODEL = "gpt-5.6-luna"
INPUT_TOKENS, OUTPUT_TOKENS = 100, 20
_TEXT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": MODEL,
    "feature": FEATURE,
}
_COUNTS = {"gen_ai.usage.input_tokens": INPUT_TOKENS, "gen_ai.usage.output_tokens": OUTPUT_TOKENS}


def protobuf_body(numbers: Iterable[int], at: datetime) -> bytes:
    """One chat call per number, which is its identity, ended at `at`."""
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    ended = int(at.timestamp()) * 10**9
    for number in numbers:
        span = spans.add(
            trace_id=number.to_bytes(16, "big"),
            span_id=number.to_bytes(8, "big"),
            name="chat",
            start_time_unix_nano=ended - 10**9,
            end_time_unix_nano=ended,
        )
        for key, text in _TEXT.items():
            span.attributes.add(key=key).value.string_value = text
        for key, count in _COUNTS.items():
            span.attributes.add(key=key).value.int_value = count
    return request.SerializeToString()


def parted_body(numbers: Iterable[int], at: datetime) -> bytes:
    """The same calls, which say no feature: that does the span around call n, which is sent as number -n."""
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    ended = int(at.timestamp()) * 10**9
    for number in numbers:
        call = abs(number)
        identity, outer = call.to_bytes(8, "big"), b"p" + call.to_bytes(7, "big")
        span = spans.add(trace_id=call.to_bytes(16, "big"), span_id=identity if number > 0 else outer)
        span.start_time_unix_nano, span.end_time_unix_nano = ended - 10**9, ended
        if number < 0:
            span.attributes.add(key="feature").value.string_value = FEATURE
            continue
        span.parent_span_id = outer
        for key, text in _TEXT.items():
            if key != "feature":
                span.attributes.add(key=key).value.string_value = text
        span.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = tokens_of(number)
        span.attributes.add(key="gen_ai.usage.output_tokens").value.int_value = OUTPUT_TOKENS
    return request.SerializeToString()


def tokens_of(number: int) -> int:
    """The input tokens of call `number` in `parted_body`: not the same for all, so that a mix-up shows."""
    return INPUT_TOKENS + number % 97


def call_key(number: int) -> bytes:
    """The ledger's key of call `number` in `parted_body`."""
    return span_key(number.to_bytes(16, "big"), number.to_bytes(8, "big"))


def json_body(numbers: Iterable[int], at: datetime) -> bytes:
    """The same calls as OTLP/JSON."""
    ended = int(at.timestamp()) * 10**9
    texts = [{"key": key, "value": {"stringValue": text}} for key, text in _TEXT.items()]
    counts = [{"key": key, "value": {"intValue": str(count)}} for key, count in _COUNTS.items()]
    spans = [
        {
            "traceId": f"{number:032X}",
            "spanId": f"{number:016x}",
            "name": "chat",
            "startTimeUnixNano": str(ended - 10**9),
            "endTimeUnixNano": str(ended),
            "attributes": texts + counts,
        }
        for number in numbers
    ]
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()
