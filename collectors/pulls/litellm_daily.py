"""LiteLLM proxy without spend logs: its daily sums by tag (`GET /tag/daily/activity`), a feature for each tag named.

A request with several tags is in the sums of each, so only tags that `features:` of the source names are asked for, one
by one, and they must not overlap. Each day is one row per model: no hours, and failures beside what succeeded.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from collectors.pulls.config import PullSource
from collectors.pulls.fetch import Fetch
from collectors.pulls.pages import by_number
from collectors.pulls.puller import Puller, Record, Window, list_in
from collectors.rejected import SourceError

_PATH = "/tag/daily/activity"
_PAGE = 100


def records(source: PullSource, window: Window) -> Iterator[Record]:
    """The rows of a day, whole even where the day is not over."""
    if not source.features:
        cure = "write features: {'feature:triage': ticket-triage}, a tag for each feature"
        raise SourceError("no tag is named", cure=cure)
    fetch = Fetch(source, {"Authorization": f"Bearer {source.secrets['key']}"})
    day = f"{window.start:%Y-%m-%d}"
    for tag, feature in source.features.items():
        for result in _results(fetch, source, tag, day):
            models = _object(_object(result.get("breakdown")).get("models")) if result.get("date") == day else {}
            for model, entry in models.items():
                yield from _rows(window, feature, model, _object(_object(entry).get("metrics") or entry))


def _results(fetch: Fetch, source: PullSource, tag: str, day: str) -> Iterator[Record]:

    def ask(page: int) -> tuple[list[Record], object]:
        asked = [("tags", tag), ("start_date", day), ("end_date", day), ("page", str(page)), ("page_size", str(_PAGE))]
        document = fetch.get(_PATH, asked)
        return list_in(document, "results", source.name), _object(document.get("metadata")).get("total_pages")

    return by_number(ask, _PAGE, source.name)


def _rows(window: Window, feature: str, model: str, sums: Mapping[str, Any]) -> Iterator[Record]:
    common = {"timestamp": window.start, "feature": feature, "model": model}
    calls, failed = (sums.get(name) or 0 for name in ("api_requests", "failed_requests"))
    good = calls - failed if isinstance(calls, int) and isinstance(failed, int) else calls
    if failed:
        yield {**common, "calls": failed, "error": 1, "input_tokens": 0, "output_tokens": 0}
    if good:
        yield {
            **common,
            "calls": good,
            "input_tokens": sums.get("prompt_tokens"),
            "output_tokens": sums.get("completion_tokens"),
            "cached_input_tokens": sums.get("cache_read_input_tokens"),
            "cache_write_tokens": sums.get("cache_creation_input_tokens"),
            "cost_usd": sums.get("spend"),
            "latency_ms": _mean(sums),
        }


def _mean(sums: Mapping[str, Any]) -> Decimal | None:
    try:
        timed = Decimal(str(sums.get("timed_requests") or 0))
        return Decimal(str(sums.get("total_response_time_ms"))) / timed if timed > 0 else None
    except InvalidOperation:
        return None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


PULLER = Puller(kind="litellm_daily", records=records)
