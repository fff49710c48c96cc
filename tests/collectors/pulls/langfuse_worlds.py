"""Stand-ins for Langfuse, new (cursors, tags beside each row, scores of version 3) and old (numbered pages, traces)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.collectors.pulls.worlds import Mark, Query, Use, World

CONFIGS = (
    {"id": "stars", "name": "helpful", "dataType": "NUMERIC", "minValue": 1, "maxValue": 5},
    {
        "id": "grade",
        "name": "grade",
        "dataType": "CATEGORICAL",
        "categories": [{"label": "bad", "value": 0}, {"label": "fair", "value": 1}, {"label": "good", "value": 2}],
    },
)


def langfuse_new(world: World, path: str, query: Query) -> Any:  # noqa: ANN401 (any JSON)
    """`/api/public/v2/observations`: a cursor, tags beside each row, prices as text; `/api/public/v3/scores`."""
    if path == "/api/public/v3/scores":
        return _turned(query, [_mark_new(mark) for mark in _marks(world, query)])
    if path == "/api/public/score-configs":
        return _numbered(query, CONFIGS)
    if path != "/api/public/v2/observations":
        return None
    assert "io" not in query["fields"][0].split(",")
    found = _asking(world, query)
    rows = [_observation(use) | {"tags": [f"feature:{use.feature}"], "inputPrice": "0.0000002"} for use in found]
    return _turned(query, rows)


def langfuse_old(world: World, path: str, query: Query) -> Any:  # noqa: ANN401 (any JSON)
    """The older endpoints of self-hosted version 3: numbered pages, tags on the traces, scores of version 2."""
    if path == "/api/public/observations":
        return _numbered(query, [_observation(use) for use in _asking(world, query)])
    if path == "/api/public/traces":
        start, end = (datetime.fromisoformat(query[name][0]) for name in ("fromTimestamp", "toTimestamp"))
        return _numbered(query, [_trace(use) for use in world.between(start, end)])
    if path.startswith("/api/public/traces/"):
        return next((_trace(use) for use in world.uses if path.endswith(f"/trace-{use.id}")), None)
    if path == "/api/public/v2/scores":
        return _numbered(query, [_mark_old(mark) for mark in _marks(world, query)])
    if path == "/api/public/score-configs":
        return _numbered(query, CONFIGS)
    return None


def _turned(query: Query, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    start, size = int(query.get("cursor", ["0"])[0]), int(query["limit"][0])
    meta = {"cursor": str(start + size)} if start + size < len(rows) else {}
    return {"data": list(rows[start : start + size]), "meta": meta}


def _numbered(query: Query, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    page, size = int(query.get("page", ["1"])[0]), int(query["limit"][0])
    return {"data": list(rows[(page - 1) * size : page * size])}


def _trace(use: Use) -> dict[str, Any]:
    return {"id": f"trace-{use.id}", "tags": [f"feature:{use.feature}"], "input": "never to be read"}


def _asking(world: World, query: Query) -> list[Use]:
    if query["type"] != ["GENERATION"]:
        return []
    if "traceId" in query:
        return [use for use in world.uses if f"trace-{use.id}" == query["traceId"][0]]
    start, end = (datetime.fromisoformat(query[name][0]) for name in ("fromStartTime", "toStartTime"))
    return world.between(start, end)


def _marks(world: World, query: Query) -> list[Mark]:
    start, end = (datetime.fromisoformat(query[name][0]) for name in ("fromTimestamp", "toTimestamp"))
    assert int(query["limit"][0]) <= 100
    found = [mark for mark in world.marks if start <= mark.at < end]
    return sorted(found, key=lambda mark: mark.at, reverse=True)


def _mark(mark: Mark) -> dict[str, Any]:
    at = f"{mark.at:%Y-%m-%dT%H:%M:%S.%f}Z"
    return {"id": mark.id, "name": mark.name, "dataType": mark.kind, "source": mark.source, "timestamp": at}


def _mark_new(mark: Mark) -> dict[str, Any]:
    kind, about = ("trace", f"trace-{mark.of}") if mark.whole_trace else ("observation", mark.of)
    subject = {"kind": kind, "id": about} | ({} if mark.whole_trace else {"traceId": f"trace-{mark.of}"})
    value = bool(mark.value) if mark.kind == "BOOLEAN" else mark.value
    details = {"comment": "never to be read", "configId": mark.config, "metadata": dict(mark.metadata)}
    return _mark(mark) | {"value": value, "subject": subject, "details": details}


def _mark_old(mark: Mark) -> dict[str, Any]:
    told = {"stringValue": mark.value, "value": None} if isinstance(mark.value, str) else {"value": mark.value}
    about = {"traceId": f"trace-{mark.of}", "observationId": None if mark.whole_trace else mark.of}
    beside = {"comment": "never to be read", "configId": mark.config, "metadata": dict(mark.metadata)}
    return _mark(mark) | told | about | beside


def _observation(use: Use) -> dict[str, Any]:
    total = use.input_tokens + use.output_tokens
    return {
        "id": use.id,
        "traceId": f"trace-{use.id}",
        "type": "GENERATION",
        "startTime": f"{use.at:%Y-%m-%dT%H:%M:%S.%f}Z",
        "endTime": f"{use.at + timedelta(milliseconds=400):%Y-%m-%dT%H:%M:%S.%f}Z",
        "level": "ERROR" if use.failed else "DEFAULT",
        "model": use.model,
        "providedModelName": use.model,
        "metadata": {"attributes": {"gen_ai.system": "openai"}},
        "usageDetails": {
            "input": use.input_tokens - use.cached,
            "input_cached_tokens": use.cached,
            "output": use.output_tokens,
            "total": total,
        },
        "totalCost": 0.001,
    }
