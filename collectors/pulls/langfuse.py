"""Langfuse: its observations that ask a model, newest API first (`/api/public/v2/observations`).

Self-hosted version 3 has no v2 and answers 404: then the older `/api/public/observations`, joined with its traces,
which carry the tags. Inputs and outputs are never asked for.
"""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from collectors.layouts.langfuse import LAYOUT
from collectors.pulls.config import PullSource
from collectors.pulls.fetch import Fetch, NotThere, Params
from collectors.pulls.puller import Puller, Record, Window, list_in

_ASKING = ("GENERATION", "EMBEDDING")
_NEW, _OLD, _TRACES = "/api/public/v2/observations", "/api/public/observations", "/api/public/traces"
_NEW_PAGE, _OLD_PAGE = 1000, 100
_FIELDS = "core,basic,time,model,usage,metrics,trace_context"
_CARRIED = ("tags", "metadata", "name")


def records(source: PullSource, window: Window) -> Iterator[Record]:
    """The generations and embeddings of a window."""
    pair = f"{source.secrets['public_key']}:{source.secrets['secret_key']}".encode()
    headers = {"Authorization": f"Basic {b64encode(pair).decode()}"}
    fetch = Fetch(source.url, headers, allow_private=source.allow_private, attempts=source.attempts)
    try:
        yield from _new(fetch, source, window)
    except NotThere:
        yield from _old(fetch, source, window)


def _new(fetch: Fetch, source: PullSource, window: Window) -> Iterator[Record]:
    for kind in _ASKING:
        cursor: str | None = None
        while True:
            asked = [("fields", _FIELDS), ("type", kind), *_between(window, "StartTime"), ("limit", str(_NEW_PAGE))]
            document = fetch.get(_NEW, asked + ([("cursor", cursor)] if cursor else []))
            yield from list_in(document, "data", source.name)
            meta = document.get("meta")
            cursor = meta.get("cursor") if isinstance(meta, dict) else None
            if not cursor:
                break


def _old(fetch: Fetch, source: PullSource, window: Window) -> Iterator[Record]:
    traces = {
        str(trace.get("id")): {name: trace.get(name) for name in _CARRIED}
        for trace in _paged(fetch, source, _TRACES, _between(window, "Timestamp"))
    }
    for kind in _ASKING:
        for row in _paged(fetch, source, _OLD, [("type", kind), *_between(window, "StartTime")]):
            yield {**row, "trace": traces.get(str(row.get("traceId")), {})}


def _paged(fetch: Fetch, source: PullSource, path: str, asked: Params) -> Iterator[dict[str, Any]]:
    page = 1
    while True:
        document = fetch.get(path, [*asked, ("page", str(page)), ("limit", str(_OLD_PAGE))])
        rows = list_in(document, "data", source.name)
        yield from (dict(row) for row in rows)
        if len(rows) < _OLD_PAGE:
            return
        page += 1


def _between(window: Window, what: str) -> Params:
    return [(f"from{what}", _written(window.start)), (f"to{what}", _written(window.end))]


def _written(at: Any) -> str:  # noqa: ANN401 (an instant)
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


PULLER = Puller(kind="langfuse", records=records, layout=LAYOUT)
