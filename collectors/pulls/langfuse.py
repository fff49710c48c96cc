"""Langfuse: its observations that ask a model, newest API first (`/api/public/v2/observations`).

Self-hosted version 3 has no v2 and answers 404: then the older `/api/public/observations`, joined with its traces,
which carry the tags. Inputs and outputs are never asked for.
"""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from collectors.layouts.cells import as_object
from collectors.pulls.config import PullSource
from collectors.pulls.fetch import Fetch, NotThere, Params
from collectors.pulls.pages import by_cursor, by_number
from collectors.pulls.puller import Record, Window, list_in

_ASKING = ("GENERATION", "EMBEDDING")
_NEW, _OLD, _TRACES = "/api/public/v2/observations", "/api/public/observations", "/api/public/traces"
_NEW_PAGE, _OLD_PAGE = 1000, 100
_FIELDS = "core,basic,time,model,usage,metrics,prompt,metadata,trace_context"
_CARRIED = ("tags", "metadata", "name")


def asked(source: PullSource) -> Fetch:
    """The server of a source, with its keys."""
    pair = f"{source.secrets['public_key']}:{source.secrets['secret_key']}".encode()
    headers = {"Authorization": f"Basic {b64encode(pair).decode()}"}
    return Fetch(source, headers)


def records(source: PullSource, window: Window) -> Iterator[Record]:
    """The generations and embeddings of a window."""
    fetch = asked(source)
    try:
        yield from _new(fetch, source, between(window, "StartTime"))
    except NotThere:
        traces = paged(fetch, source, _TRACES, between(window, "Timestamp"))
        yield from _old(fetch, source, between(window, "StartTime"), traces)


def records_of_trace(source: PullSource, trace: str) -> Iterator[Record]:
    """The generations and embeddings of one trace; none where it is gone."""
    fetch, one = asked(source), [("traceId", trace)]
    try:
        yield from _new(fetch, source, one)
    except NotThere:
        try:
            found = fetch.get(f"{_TRACES}/{trace}", [])
        except NotThere:
            return
        yield from _old(fetch, source, one, iter([found]))


def cursored(fetch: Fetch, source: PullSource, path: str, wanted: Params) -> Iterator[Record]:
    """The rows behind a path whose pages are told by a cursor."""

    def ask(cursor: str | None) -> tuple[list[Record], str | None]:
        document = fetch.get(path, wanted + ([("cursor", cursor)] if cursor else []))
        following = as_object(document.get("meta")).get("cursor")
        return list_in(document, "data", source.name), str(following) if following else None

    return by_cursor(ask, source.name)


def paged(fetch: Fetch, source: PullSource, path: str, wanted: Params) -> Iterator[dict[str, Any]]:
    """The rows behind a path whose pages are numbered."""

    def ask(page: int) -> tuple[list[dict[str, Any]], object]:
        document = fetch.get(path, [*wanted, ("page", str(page)), ("limit", str(_OLD_PAGE))])
        rows = [dict(row) for row in list_in(document, "data", source.name)]
        return rows, as_object(document.get("meta")).get("totalPages")

    return by_number(ask, _OLD_PAGE, source.name)


def between(window: Window, what: str) -> Params:
    """The window as parameters; `what` is the time that they bound."""
    return [(f"from{what}", _written(window.start)), (f"to{what}", _written(window.end))]


def _new(fetch: Fetch, source: PullSource, which: Params) -> Iterator[Record]:
    for kind in _ASKING:
        yield from cursored(
            fetch, source, _NEW, [("fields", _FIELDS), ("type", kind), *which, ("limit", str(_NEW_PAGE))]
        )


def _old(fetch: Fetch, source: PullSource, which: Params, traces: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    beside = {str(trace.get("id")): {name: trace.get(name) for name in _CARRIED} for trace in traces}
    for kind in _ASKING:
        for row in paged(fetch, source, _OLD, [("type", kind), *which]):
            yield {**row, "trace": beside.get(str(row.get("traceId")), {})}


def _written(at: Any) -> str:  # noqa: ANN401 (an instant)
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
