"""Anthropic: what the organisation was charged and how many tokens it used, day by day.

`GET /v1/organizations/cost_report`: amounts are cents as text ("123.78912" is $1.2378912; read as dollars they are a
hundredfold). `GET /v1/organizations/usage_report/messages` has no count of requests, so its tokens cannot be calls:
applications or a gateway report those, and a reconciliation holds their tokens against these.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from collectors.pulls.config import PullSource
from collectors.pulls.fetch import Fetch
from collectors.pulls.openai import next_page
from collectors.pulls.pages import by_cursor
from collectors.pulls.puller import Puller, Record, Window, billed_line, list_in, told_line
from collectors.rejected import SourceError
from strategy.facts import Billed

_COSTS = "/v1/organizations/cost_report"
_USAGE = "/v1/organizations/usage_report/messages"
_VERSION = "2023-06-01"
_MOST_DAYS = timedelta(days=31)
_CENTS = Decimal(100)
_WRITTEN = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")


def bills(source: PullSource, window: Window) -> Iterator[Billed]:
    """What each workspace was charged and used on each UTC day of a window; the default workspace has no name."""
    headers = {"x-api-key": source.secrets["key"], "anthropic-version": _VERSION}
    fetch = Fetch(source, headers)
    start = window.start
    while start < window.end:
        end = min(start + _MOST_DAYS, window.end)
        for day, result in _results(fetch, _COSTS, source, Window(start, end)):
            yield billed_line(source, "anthropic", day, _dollars(result, source), result.get("workspace_id"))
        for day, result in _results(fetch, _USAGE, source, Window(start, end)):
            yield _used(source, day, result)
        start = end


def _results(fetch: Fetch, path: str, source: PullSource, window: Window) -> Iterator[tuple[date, Record]]:
    asked = [
        ("starting_at", f"{window.start:%Y-%m-%dT%H:%M:%SZ}"),
        ("ending_at", f"{window.end:%Y-%m-%dT%H:%M:%SZ}"),
        ("group_by[]", "workspace_id"),
        ("bucket_width", "1d"),
        ("limit", str(_MOST_DAYS.days)),
    ]

    def ask(page: str | None) -> tuple[list[Record], str | None]:
        document = fetch.get(path, asked + ([("page", page)] if page else []))
        return list_in(document, "data", source.name), next_page(source, document)

    for bucket in by_cursor(ask, source.name):
        day = _day(bucket, source)
        for result in list_in(bucket, "results", source.name):
            yield day, result


def _used(source: PullSource, day: date, result: Record) -> Billed:
    """The tokens of a workspace's day: the report leaves the cache out of its input, here it is in."""
    written = result.get("cache_creation")
    parts = (
        result.get("uncached_input_tokens"),
        result.get("cache_read_input_tokens"),
        *(written.get(name) for name in _WRITTEN if isinstance(written, dict)),
    )
    line = billed_line(source, "anthropic", day, 0, result.get("workspace_id"))
    return told_line(source, line, parts, result.get("output_tokens"))


def _dollars(result: Record, source: PullSource) -> Decimal:
    currency = str(result.get("currency") or "USD").upper()
    try:
        cents = Decimal(str(result.get("amount")))
    except ArithmeticError:
        cents = None
    if cents is None or currency != "USD":
        raise SourceError(f"{source.name} sent an amount that is no number of US cents", permanent=False)
    return cents / _CENTS


def _day(bucket: Record, source: PullSource) -> date:
    try:
        return datetime.fromisoformat(str(bucket.get("starting_at"))).astimezone(UTC).date()
    except ValueError:
        raise SourceError(f"{source.name} sent a bucket without its start", permanent=False) from None


PULLER = Puller(kind="anthropic", bills=bills)
