"""Walks over the pages of an answer: to the end that the source tells of, and never round in a circle."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from collectors.rejected import SourceError

_Row = TypeVar("_Row")


def by_cursor(ask: Callable[[str | None], tuple[list[_Row], str | None]], name: str) -> Iterator[_Row]:
    """The rows of all pages of the source `name`; each page names the next one.

    Raises:
        SourceError: a page is named again, so that it would never end.
    """
    seen = set[str | None]()
    cursor: str | None = None
    while cursor not in seen:
        seen.add(cursor)
        rows, cursor = ask(cursor)
        yield from rows
        if not cursor:
            return
    raise _circle(name)


def by_number(ask: Callable[[int], tuple[list[_Row], object]], size: int, name: str) -> Iterator[_Row]:
    """The rows of all pages of the source `name`, of which `size` rows were asked for each; numbers begin with 1.

    With its rows a page says how many pages there are, where it knows. A server may hand out fewer rows than asked for,
    and may know of fewer pages than there are: the later of both ends it.

    Raises:
        SourceError: a page comes again under the next number, so that it would never end.
    """
    page, before = 1, list[_Row]()
    while True:
        rows, pages = ask(page)
        if rows and rows == before:
            raise _circle(name)
        yield from rows
        if not rows or (len(rows) < size and not (isinstance(pages, int) and page < pages)):
            return
        page, before = page + 1, rows


def _circle(name: str) -> SourceError:
    cure = "see that nothing between here and it drops the question's parameters"
    return SourceError(f"{name} gives the same page again and again", cure=cure, permanent=False)
