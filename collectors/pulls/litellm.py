"""LiteLLM proxy: its spend logs, row by row (`GET /spend/logs/v2`).

Its total is capped at 10,000 and its pages are offsets, so a window with that many is halved; pages may repeat rows
while new ones are written, which their keys undo (source of litellm 1.109).
"""

from collections.abc import Iterator
from datetime import timedelta

from collectors.layouts.litellm import LAYOUT
from collectors.pulls.config import PullSource
from collectors.pulls.fetch import Fetch
from collectors.pulls.pages import by_number
from collectors.pulls.puller import Puller, Record, Window, list_in

_PAGE = 1000
_CAPPED = 10_000
_SHORTEST = timedelta(minutes=1)
_PATH = "/spend/logs/v2"


def records(source: PullSource, window: Window) -> Iterator[Record]:
    """The rows of a window, oldest first within each part of it."""
    fetch = Fetch(source, {"Authorization": f"Bearer {source.secrets['key']}"})
    yield from _part(fetch, source, window)


def _part(fetch: Fetch, source: PullSource, window: Window) -> Iterator[Record]:
    first = fetch.get(_PATH, _asked(window, 1))
    total = first.get("total")
    if isinstance(total, int) and total >= _CAPPED and window.end - window.start > _SHORTEST:
        middle = window.start + (window.end - window.start) / 2
        yield from _part(fetch, source, Window(window.start, middle))
        yield from _part(fetch, source, Window(middle, window.end))
        return

    def ask(page: int) -> tuple[list[Record], object]:
        document = first if page == 1 else fetch.get(_PATH, _asked(window, page))
        return list_in(document, "data", source.name), document.get("total_pages")

    yield from by_number(ask, _PAGE, source.name)


def _asked(window: Window, page: int) -> list[tuple[str, str]]:
    # Both bounds are inclusive and in UTC.
    return [
        ("start_date", f"{window.start:%Y-%m-%d %H:%M:%S}"),
        ("end_date", f"{window.end:%Y-%m-%d %H:%M:%S}"),
        ("page", str(page)),
        ("page_size", str(_PAGE)),
        ("sort_by", "startTime"),
        ("sort_order", "asc"),
    ]


PULLER = Puller(kind="litellm", records=records, layout=LAYOUT)
