"""OpenAI's organisation usage: pages of /v1/organization/usage/completions as JSON, and the platform's CSV of them.

A row is a bucket of time and group: many calls, their tokens summed, no latency and no feature. Group by model when
exporting; a bucket without one says nothing that could be priced.
"""

from collections.abc import Iterator
from typing import Any

from collectors.layouts.cells import as_list, first
from collectors.layouts.layout import Layout, Record, each, marks

_GROUPS = ("project_id", "user_id", "api_key_id", "model", "batch", "service_tier")


def _calls(row: Record) -> Iterator[dict[str, Any]]:
    """The calls of a bucket; a page of costs, which looks alike, holds none (pulling reads those)."""
    for result in as_list(row.get("results")):
        if isinstance(result, dict):
            yield from _calls({**result, "start_time": row.get("start_time"), "end_time": row.get("end_time")})
    calls = row.get("num_model_requests")
    if calls in (None, "", 0, "0"):
        return
    start = first(row.get("start_time"), row.get("start_time_iso"))
    yield {
        "timestamp": start,
        "feature": row.get("feature"),
        "provider": "openai",
        "model": row.get("model"),
        "calls": calls,
        "input_tokens": row.get("input_tokens"),
        "cached_input_tokens": row.get("input_cached_tokens"),
        "cache_write_tokens": row.get("input_cache_write_tokens"),
        "output_tokens": first(row.get("output_tokens"), 0),
        "processing": "batch" if str(row.get("batch")).lower() == "true" else row.get("service_tier"),
        "call_id": "bucket " + "|".join(str(first(row.get(name), "")) for name in ("start_time", "end_time", *_GROUPS)),
    }


LAYOUT = Layout(
    name="OpenAI usage",
    source="openai_usage",
    kind="calls",
    marks=marks("start_time end_time results", "start_time num_model_requests input_tokens"),
    read=each(_calls),
    columns=(
        "start_time",
        "end_time",
        "start_time_iso",
        "results",
        "num_model_requests",
        "input_tokens",
        "input_cached_tokens",
        "input_cache_write_tokens",
        "output_tokens",
        *_GROUPS,
    ),
)
