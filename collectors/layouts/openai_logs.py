"""OpenAI: answers one a line (chat completions, responses, embeddings), stored completions, and batch outputs.

`prompt_tokens` and `input_tokens` are the totals. What came out of a batch is priced as batch. A batch line that
failed names neither time nor model; it is rejected with that reason, and cost nothing.
"""

from collections.abc import Iterator
from typing import Any

from collectors.layouts.cells import as_object, first
from collectors.layouts.layout import Layout, Record, each, marks

_FAILED = {"failed", "cancelled"}
_FIRST_ERROR = 400


def _calls(row: Record) -> Iterator[dict[str, Any]]:
    answer = as_object(row.get("response"))
    batch = bool(answer) and "custom_id" in row
    body = as_object(answer.get("body")) if batch else row
    usage = as_object(body.get("usage"))
    status = answer.get("status_code")
    failed = bool(body.get("error") or row.get("error")) or str(body.get("status")).lower() in _FAILED
    yield {
        "timestamp": first(body.get("created"), body.get("created_at")),
        "feature": as_object(body.get("metadata")).get("feature"),
        "provider": "openai",
        "model": body.get("model"),
        **_tokens(usage, embedding=body.get("object") == "list"),
        "error": 1 if failed or (isinstance(status, int) and status >= _FIRST_ERROR) else 0,
        "call_id": first(body.get("id"), row.get("id")),
        "processing": "batch" if batch else body.get("service_tier"),
    }


def _tokens(usage: Record, *, embedding: bool) -> dict[str, Any]:
    inside = as_object(first(usage.get("prompt_tokens_details"), usage.get("input_tokens_details")))
    outside = as_object(first(usage.get("completion_tokens_details"), usage.get("output_tokens_details")))
    output = first(usage.get("completion_tokens"), usage.get("output_tokens"))
    return {
        "input_tokens": first(usage.get("prompt_tokens"), usage.get("input_tokens")),
        "cached_input_tokens": inside.get("cached_tokens"),
        "output_tokens": 0 if embedding and output is None else output,
        "reasoning_tokens": outside.get("reasoning_tokens"),
    }


LAYOUT = Layout(
    name="OpenAI answers",
    source="openai",
    kind="calls",
    marks=marks("custom_id response", "object created model usage", "object created_at model usage"),
    read=each(_calls),
    columns=(
        "id",
        "object",
        "created",
        "created_at",
        "model",
        "usage",
        "status",
        "error",
        "metadata",
        "service_tier",
        "custom_id",
        "response",
    ),
)
