"""Langfuse: exported observations (v2 and older, CSV, JSONL or JSON), one row per generation or embedding.

Only these ask a model; spans, agents and tools hold them. `input` and `output` are meant to leave out the parts
that stand beside them (`input_cached_tokens` …), but some integrations leave them in (langfuse/langfuse#12306):
`total` tells which. `latency` is in seconds or milliseconds by version, so it is taken from start and end.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.layouts.cells import as_list, as_object, as_utc, count, elapsed_ms, first, tagged
from collectors.layouts.layout import Layout, Record, each, marks
from collectors.names import FEATURE_LENGTH, clean_name

_ASKING = {"GENERATION", "EMBEDDING"}


def _calls(row: Record) -> Iterator[dict[str, Any]]:
    trace = as_object(row.get("trace"))
    for observation in as_list(row.get("observations")):
        if isinstance(observation, dict):
            yield from _calls({name.lower(): value for name, value in observation.items()} | {"trace": trace})
    if str(row.get("type")).upper() not in _ASKING:
        return
    used = as_object(first(row.get("usagedetails"), row.get("usage_details"), row.get("usage")))
    metadata = as_object(row.get("metadata"))
    # Which provider answered, Langfuse does not say unless an instrumentation did.
    told = as_object(metadata.get("attributes"))
    yield {
        "timestamp": as_utc(_named(row, "starttime")),
        "feature": _feature(row, metadata, trace),
        "provider": first(told.get("gen_ai.provider.name"), told.get("gen_ai.system")),
        "model": first(_named(row, "providedmodelname"), row.get("model"), _named(row, "internalmodel")),
        **_tokens(used, row),
        "cost_usd": _cost(row),
        "latency_ms": elapsed_ms(_named(row, "starttime"), _named(row, "endtime")),
        "error": 1 if str(row.get("level")).upper() == "ERROR" else 0,
        "call_id": row.get("id"),
    }


def feature_of(observation: Record) -> str | None:
    """The feature that an observation names, itself or by the trace beside it; None where neither does."""
    row = {name.lower(): value for name, value in observation.items()}
    found = _feature(row, as_object(row.get("metadata")), as_object(row.get("trace")))
    return None if found is None else clean_name(str(found), FEATURE_LENGTH) or None


def _named(row: Record, name: str) -> Any:  # noqa: ANN401 (a foreign cell of any type)
    """A cell under its name in the API, the export (start_time) or the page's CSV (Start Time)."""
    return next((value for key, value in row.items() if key.replace("_", "").replace(" ", "") == name), None)


def _tokens(used: Mapping[str, Any], row: Record) -> dict[str, int | None]:
    inputs, outputs = _part(used, ("input", "prompt_tokens")), _part(used, ("output", "completion_tokens"))
    inputs = inputs if inputs is not None else count(_named(row, "inputusage"))
    outputs = outputs if outputs is not None else count(_named(row, "outputusage"))
    cached, written = _like(used, ("cache_read", "cached")), _like(used, ("cache_creation", "cache_write"))
    thought = _like(used, ("reasoning",))
    total = _part(used, ("total", "total_tokens"))
    kept, said = (cached or 0) + (written or 0), thought or 0
    # What the total holds beyond both: either part may be inside while the other stands beside.
    more = None if total is None else total - (inputs or 0) - (outputs or 0)
    beside_input = 0 if kept <= (inputs or 0) and more in {None, 0, said} and more != kept else kept
    beside_output = 0 if said <= (outputs or 0) and more in {None, 0, kept} else said
    return {
        "input_tokens": None if inputs is None else inputs + beside_input,
        "cached_input_tokens": cached,
        "cache_write_tokens": written,
        "output_tokens": None if outputs is None else outputs + beside_output,
        "reasoning_tokens": thought,
    }


def _part(used: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    return next((number for name in names if (number := count(used.get(name))) is not None), None)


def _like(used: Mapping[str, Any], words: tuple[str, ...]) -> int | None:
    found = [count(value) for name, value in used.items() if any(word in name for word in words)]
    known = [number for number in found if number is not None]
    return max(known) if known else None


def _cost(row: Record) -> object:
    given = first(_named(row, "totalcost"), as_object(_named(row, "costdetails")).get("total"))
    # Langfuse writes 0 where it knows no price for the model.
    return None if given in (0, "0", 0.0) else given


def _feature(row: Record, metadata: Record, trace: Record) -> object:
    tags = [*as_list(row.get("tags")), *as_list(trace.get("tags"))]
    outer = as_object(trace.get("metadata"))
    carried = (metadata.get("feature"), outer.get("feature"))
    names = (_named(row, "promptname"), _named(row, "tracename"), trace.get("name"))
    return first(tagged(tags), *carried, *names)


LAYOUT = Layout(
    name="Langfuse observations",
    source="langfuse",
    kind="calls",
    marks=marks(
        "observations trace",
        "starttime type traceid",
        "start_time type trace_id",
        "starttime type usagedetails",
        "start_time type usage_details",
    ),
    read=each(_calls),
    columns=(
        "id",
        "type",
        "level",
        "model",
        "metadata",
        "tags",
        "usage",
        "starttime",
        "start_time",
        "endtime",
        "end_time",
        "tracename",
        "trace_name",
        "promptname",
        "prompt_name",
        "usagedetails",
        "usage_details",
        "costdetails",
        "cost_details",
        "totalcost",
        "total_cost",
        "inputusage",
        "input_usage",
        "outputusage",
        "output_usage",
        "providedmodelname",
        "provided_model_name",
    ),
)
