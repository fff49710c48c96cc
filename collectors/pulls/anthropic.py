"""Anthropic: what the organisation was charged, day by day (`GET /v1/organizations/cost_report`).

Amounts are cents as text ("123.78912" is $1.2378912; read as dollars they are a hundredfold). The usage report has no
count of requests, so its tokens cannot be calls: applications or a gateway report those.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from collectors.pulls.config import PullSource
from collectors.pulls.fetch import Fetch
from collectors.pulls.openai import next_page
from collectors.pulls.puller import Puller, Record, Window, billed_line, list_in
from collectors.rejected import SourceError
from strategy.facts import Billed

_PATH = "/v1/organizations/cost_report"
_VERSION = "2023-06-01"
_MOST_DAYS = timedelta(days=31)
_CENTS = Decimal(100)


def bills(source: PullSource, window: Window) -> Iterator[Billed]:
    """What each workspace was charged on each UTC day of a window; the default workspace has no name."""
    headers = {"x-api-key": source.secrets["key"], "anthropic-version": _VERSION}
    fetch = Fetch(source.url, headers, allow_private=source.allow_private, attempts=source.attempts)
    start = window.start
    while start < window.end:
        end = min(start + _MOST_DAYS, window.end)
        yield from _part(fetch, source, Window(start, end))
        start = end


def _part(fetch: Fetch, source: PullSource, window: Window) -> Iterator[Billed]:
    asked = [
        ("starting_at", f"{window.start:%Y-%m-%dT%H:%M:%SZ}"),
        ("ending_at", f"{window.end:%Y-%m-%dT%H:%M:%SZ}"),
        ("group_by[]", "workspace_id"),
        ("limit", str(_MOST_DAYS.days)),
    ]
    page: str | None = None
    while True:
        document = fetch.get(_PATH, asked + ([("page", page)] if page else []))
        for bucket in list_in(document, "data", source.name):
            day = _day(bucket, source)
            for result in list_in(bucket, "results", source.name):
                yield billed_line(source, "anthropic", day, _dollars(result, source), result.get("workspace_id"))
        if not document.get("has_more"):
            return
        page = next_page(source, document)


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
