"""OpenAI: the organisation's usage by hour (`GET /v1/organization/usage/…`), for projects or keys that are one feature.

The API knows no feature. Only groups that `features:` of the source names are counted: the rest is the same traffic
that applications or a gateway report, and would count twice.
"""

from collections.abc import Iterator

from collectors.layouts.openai_usage import LAYOUT
from collectors.pulls.config import PullSource
from collectors.pulls.fetch import Fetch, Params
from collectors.pulls.puller import Puller, Record, Window, list_in
from collectors.rejected import SourceError

_ENDPOINTS = ("completions", "embeddings")
_BUCKETS = 24
_GROUPS = ("project_id", "api_key_id", "model", "batch", "service_tier")
# Embeddings have neither batch nor tier to group by.
_EMBEDDING_GROUPS = ("project_id", "api_key_id", "model")


def records(source: PullSource, window: Window) -> Iterator[Record]:
    """The buckets' results of a window that belong to a named feature."""
    fetch = Fetch(source.url, {"Authorization": f"Bearer {source.secrets['key']}"}, allow_private=source.allow_private)
    for endpoint in _ENDPOINTS:
        for bucket in _buckets(fetch, source, window, endpoint):
            for result in list_in(bucket, "results", source.name):
                feature = next(
                    (
                        source.features[str(group)]
                        for name in _GROUPS[:2]
                        if str(group := result.get(name)) in source.features
                    ),
                    None,
                )
                if feature is not None:
                    times = {"start_time": bucket.get("start_time"), "end_time": bucket.get("end_time")}
                    yield {**result, **times, "feature": feature}


def _buckets(fetch: Fetch, source: PullSource, window: Window, endpoint: str) -> Iterator[Record]:
    groups = _GROUPS if endpoint == "completions" else _EMBEDDING_GROUPS
    asked: Params = [
        ("start_time", str(int(window.start.timestamp()))),
        ("end_time", str(int(window.end.timestamp()))),
        ("bucket_width", "1h"),
        ("limit", str(_BUCKETS)),
        *(("group_by", name) for name in groups),
    ]
    page: str | None = None
    while True:
        document = fetch.get(f"/v1/organization/usage/{endpoint}", asked + ([("page", page)] if page else []))
        yield from list_in(document, "data", source.name)
        if not document.get("has_more"):
            return
        page = document.get("next_page")
        if not isinstance(page, str) or not page:
            # Stopping here would lose the rest in silence.
            raise SourceError(f"{source.name} says there is more and names no page", permanent=False)


PULLER = Puller(kind="openai", records=records, layout=LAYOUT)
