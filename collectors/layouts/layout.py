"""The one shape of a layout: what marks a file as one, and how its records become rows of calls or evals.

A layout only translates: it names, adds up and converts. What is a good row, the two row parsers alone decide.
It reads the columns it names and nothing else, so prompt and answer text never leaves the file.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from collectors.raw_rows import RawRow
from collectors.rejected import Rejected

Record = Mapping[str, Any]
Rows = Iterator[RawRow | Rejected]


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that records come from: its name, when it was last changed, the columns given by --set, where it is."""

    name: str
    changed_at: datetime
    given: Mapping[str, str]
    path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One layout; a file whose column names (in small letters) include one of `marks` is in it.

    `source` is what `usage --by source` calls it, `columns` what is read of a Parquet file, in small letters.
    """

    name: str
    source: str
    kind: Literal["calls", "evals"]
    marks: tuple[frozenset[str], ...]
    read: Callable[[Rows, Origin], Rows]
    columns: tuple[str, ...] = ()

    def claims(self, names: Iterable[str]) -> bool:
        """Whether a file with these column names is in this layout."""
        present = {name.lower() for name in names}
        return any(mark <= present for mark in self.marks)


def each(translate: Callable[[Record], Iterable[Record]]) -> Callable[[Rows, Origin], Rows]:
    """The reader of a layout whose records stand alone; `translate` sees names in small letters."""

    def read(rows: Rows, origin: Origin) -> Rows:  # noqa: ARG001 (the shape of every reader)
        for row in rows:
            if isinstance(row, Rejected):
                yield row
                continue
            record = {name.lower(): value for name, value in row.cells.items()}
            for cells in translate(record):
                yield RawRow(row.number, cells)

    return read


def marks(*names: str) -> tuple[frozenset[str], ...]:
    """Marks from texts of names, each text one set.

    >>> marks("a b", "c") == (frozenset({"a", "b"}), frozenset({"c"}))
    True
    """
    return tuple(frozenset(text.split()) for text in names)
