"""LiteLLM: rows of LiteLLM_SpendLogs (exported, or from /spend/logs) and StandardLoggingPayload of its log buckets.

`prompt_tokens` is the total input. `request_id` may be the provider's own and repeat on servers with fixed ids
(BerriAI/litellm#41273), so it counts together with the start; `litellm_call_id` is better where it is there.
"""

from collections.abc import Iterator
from typing import Any

from collectors.layouts.cells import as_list, as_object, as_utc, elapsed_ms, first, seconds_as_ms, tagged
from collectors.layouts.layout import Layout, Record, each, marks


def _calls(row: Record) -> Iterator[dict[str, Any]]:
    metadata = as_object(row.get("metadata"))
    # A hit of the proxy's own cache asked no provider: it used no tokens, and costs nothing.
    cached_answer = str(row.get("cache_hit")).lower() == "true"
    used = dict.fromkeys(("input_tokens", "output_tokens"), 0) if cached_answer else _tokens(row, metadata)
    yield {
        "timestamp": as_utc(row.get("starttime")),
        "feature": _feature(row, metadata),
        "provider": row.get("custom_llm_provider"),
        "model": first(row.get("model"), row.get("model_group")),
        **used,
        "cost_usd": first(row.get("spend"), row.get("response_cost")),
        "latency_ms": _latency(row),
        "error": 1 if str(row.get("status")).lower() == "failure" else 0,
        "call_id": _call_id(row, metadata),
    }


def _tokens(row: Record, metadata: Record) -> dict[str, Any]:
    added, usage = as_object(metadata.get("additional_usage_values")), as_object(metadata.get("usage_object"))
    inside = as_object(first(usage.get("prompt_tokens_details"), added.get("prompt_tokens_details")))
    outside = as_object(first(usage.get("completion_tokens_details"), added.get("completion_tokens_details")))
    return {
        "input_tokens": row.get("prompt_tokens"),
        "cached_input_tokens": first(
            added.get("cache_read_input_tokens"), usage.get("cache_read_input_tokens"), inside.get("cached_tokens")
        ),
        "cache_write_tokens": first(added.get("cache_creation_input_tokens"), usage.get("cache_creation_input_tokens")),
        "output_tokens": row.get("completion_tokens"),
        "reasoning_tokens": outside.get("reasoning_tokens"),
    }


def _feature(row: Record, metadata: Record) -> object:
    sent = as_object(metadata.get("spend_logs_metadata"))
    asked = as_object(metadata.get("requester_metadata"))
    return first(tagged(as_list(row.get("request_tags"))), sent.get("feature"), asked.get("feature"))


def _latency(row: Record) -> object:
    given = first(row.get("request_duration_ms"), seconds_as_ms(row.get("response_time")))
    return given if given is not None else elapsed_ms(row.get("starttime"), row.get("endtime"))


def _call_id(row: Record, metadata: Record) -> object:
    own = first(row.get("litellm_call_id"), metadata.get("litellm_call_id"))
    named = first(row.get("request_id"), row.get("id"))
    return own if own is not None or named is None else f"{named}@{row.get('starttime')}"


LAYOUT = Layout(
    name="LiteLLM spend logs",
    source="litellm",
    kind="calls",
    marks=marks("starttime prompt_tokens spend", "starttime prompt_tokens response_cost"),
    read=each(_calls),
    columns=(
        "request_id",
        "id",
        "litellm_call_id",
        "starttime",
        "endtime",
        "model",
        "model_group",
        "custom_llm_provider",
        "prompt_tokens",
        "completion_tokens",
        "spend",
        "response_cost",
        "response_time",
        "request_duration_ms",
        "request_tags",
        "metadata",
        "status",
        "cache_hit",
    ),
)
