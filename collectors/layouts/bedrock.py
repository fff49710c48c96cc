"""Amazon Bedrock's model invocation logs (S3 or CloudWatch, JSONL): one record per call.

`inputTokenCount` leaves out what was read from or written to the prompt cache; both stand in the usage of the
answer, of which nothing else is read. The feature is what the caller sent as request metadata.
"""

from collections.abc import Iterator
from typing import Any

from collectors.layouts.cells import added, as_object, as_utc, first
from collectors.layouts.layout import Layout, Record, each, marks


def _calls(row: Record) -> Iterator[dict[str, Any]]:
    asked, answered = as_object(row.get("input")), as_object(row.get("output"))
    body = as_object(answered.get("outputBodyJson"))
    usage = as_object(body.get("usage"))
    sent = as_object(row.get("requestmetadata"))
    cached = first(usage.get("cacheReadInputTokens"), usage.get("cache_read_input_tokens"))
    written = first(usage.get("cacheWriteInputTokens"), usage.get("cache_creation_input_tokens"))
    yield {
        "timestamp": as_utc(row.get("timestamp")),
        "feature": first(sent.get("feature"), sent.get("Feature")),
        "provider": "aws.bedrock",
        "model": row.get("modelid"),
        "input_tokens": added(asked.get("inputTokenCount"), cached, written),
        "cached_input_tokens": cached,
        "cache_write_tokens": written,
        # An embedding has no output.
        "output_tokens": first(answered.get("outputTokenCount"), 0 if "inputTokenCount" in asked else None),
        "latency_ms": as_object(body.get("metrics")).get("latencyMs"),
        "error": 1 if first(row.get("errorcode"), row.get("error")) else 0,
        "call_id": row.get("requestid"),
    }


LAYOUT = Layout(
    name="Bedrock invocation logs",
    source="bedrock",
    kind="calls",
    marks=marks("timestamp modelid requestid", "timestamp modelid input"),
    read=each(_calls),
    columns=("timestamp", "requestid", "modelid", "input", "output", "requestmetadata", "errorcode", "error"),
)
