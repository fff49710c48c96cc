"""OpenAI: what the organisation was charged, day by day, and its usage by hour (`GET /v1/organization/…`).

The API knows no feature. Usage is counted only of the projects or keys that `features:` of the source names: the rest
is the same traffic that applications or a gateway report, and would count twice. Costs and each day's tokens are whole,
to reconcile with.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from collectors.layouts.openai_usage import LAYOUT
from collectors.pulls.config import PullSource
from collectors.pulls.fetch import Fetch, Params
from collectors.pulls.pages import by_cursor
from collectors.pulls.puller import Puller, Record, Window, billed_line, list_in, told_line
from collectors.rejected import SourceError
from strategy.facts import Billed

_ENDPOINTS = ("completions", "embeddings")
_HOURS, _DAYS, _USAGE_DAYS = "24", "180", "31"
_OWNERS = ("project_id", "api_key_id")
_GROUPS = (*_OWNERS, "model", "batch", "service_tier")
# Embeddings have neither batch nor tier to group by.
_EMBEDDING_GROUPS = (*_OWNERS, "model")


def records(source: PullSource, window: Window) -> Iterator[Record]:
    """The buckets' results of a window that belong to a named feature."""
    if not source.features:
        return
    for endpoint in _ENDPOINTS:
        groups = _GROUPS if endpoint == "completions" else _EMBEDDING_GROUPS
        asked = [
            *_between(window),
            ("bucket_width", "1h"),
            ("limit", _HOURS),
            *(("group_by[]", name) for name in groups),
        ]
        for bucket in _buckets(source, f"usage/{endpoint}", asked):
            for result in list_in(bucket, "results", source.name):
                feature = _feature(source, result)
                if feature is not None:
                    times = {"start_time": bucket.get("start_time"), "end_time": bucket.get("end_time")}
                    yield {**result, **times, "feature": feature}


def bills(source: PullSource, window: Window) -> Iterator[Billed]:
    """What each project was charged and used on each UTC day of a window; amounts not in USD are refused."""
    asked = [*_between(window), ("bucket_width", "1d"), ("limit", _DAYS), ("group_by[]", "project_id")]
    for bucket in _buckets(source, "costs", asked):
        day = _day(bucket.get("start_time"), source)
        for result in list_in(bucket, "results", source.name):
            amount: Any = result.get("amount")
            found = amount if isinstance(amount, dict) else {}
            if str(found.get("currency", "usd")).lower() != "usd":
                raise SourceError(f"{source.name} bills in {found.get('currency')}", cure="load its invoice in USD")
            yield billed_line(source, "openai", day, found.get("value"), result.get("project_id"))
    for endpoint in _ENDPOINTS:
        asked = [*_between(window), ("bucket_width", "1d"), ("limit", _USAGE_DAYS), ("group_by[]", "project_id")]
        for bucket in _buckets(source, f"usage/{endpoint}", asked):
            day = _day(bucket.get("start_time"), source)
            for result in list_in(bucket, "results", source.name):
                line = billed_line(source, "openai", day, 0, result.get("project_id"))
                yield told_line(source, line, [result.get("input_tokens")], result.get("output_tokens"))


def _feature(source: PullSource, result: Record) -> str | None:
    found = (source.features.get(str(result.get(name))) for name in _OWNERS)
    return next((feature for feature in found if feature is not None), None)


def _between(window: Window) -> Params:
    return [("start_time", str(int(window.start.timestamp()))), ("end_time", str(int(window.end.timestamp())))]


def _day(start: object, source: PullSource) -> date:
    if not isinstance(start, int):
        raise SourceError(f"{source.name} sent a bucket without its start", permanent=False)
    return datetime.fromtimestamp(int(start), UTC).date()


def _buckets(source: PullSource, path: str, asked: Params) -> Iterator[Record]:
    headers = {"Authorization": f"Bearer {source.secrets['key']}"}
    fetch = Fetch(source, headers)

    def ask(page: str | None) -> tuple[list[Record], str | None]:
        document = fetch.get(f"/v1/organization/{path}", asked + ([("page", page)] if page else []))
        return list_in(document, "data", source.name), next_page(source, document)

    return by_cursor(ask, source.name)


def next_page(source: PullSource, document: Record) -> str | None:
    """The name of the next page; None where there is no more.

    Raises:
        SourceError: it is not named; stopping would lose the rest in silence.
    """
    if not document.get("has_more"):
        return None
    page = document.get("next_page")
    if not isinstance(page, str) or not page:
        raise SourceError(f"{source.name} says there is more and names no page", permanent=False)
    return page


PULLER = Puller(kind="openai", records=records, layout=LAYOUT, bills=bills)
