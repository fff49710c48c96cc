"""A file opened once: what form it has, its columns, and how its rows are read. Its first bytes tell, not its name."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Literal

from collectors.csv_rows import csv_header, csv_rows, csv_rows_at
from collectors.eval_archive import archive_rows
from collectors.json_rows import json_array, json_document, json_lines, json_lines_at
from collectors.layouts.known import layout_of
from collectors.layouts.layout import Layout, Origin
from collectors.nested_cells import names_in, opened_rows
from collectors.parquet_rows import parquet_columns, parquet_names, parquet_rows
from collectors.picked_lines import lines_in
from collectors.raw_rows import RawRow, lines_of, opened
from collectors.rejected import Rejected, SourceError
from collectors.renames import Renames, no_such_column

_SNIFFED_BYTES = 65_536
_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = b"\xff\xfe", b"\xfe\xff"
_ZIP = b"PK\x03\x04"
# Names are looked for in this many records: the first line of a log may be a header of its own.
_FIRST_RECORDS = 20

Form = Literal["parquet", "csv", "lines", "array", "document", "archive"]


class Table:
    """A file of rows; SourceError where it is empty or cannot be read. `fixed`: all rows share `columns`.

    Columns and rows are as `renamed` (ours by the file's own name), and by these names the layout is known;
    `layout_before` is the one that the file's own names told of, where renaming took it away.
    """

    def __init__(self, path: Path, renamed: Mapping[str, str] | None = None) -> None:
        self.path = path
        with opened(path) as file:
            start = file.read(_SNIFFED_BYTES)
        if not start.removeprefix(_MARK).strip():
            raise SourceError(f"{path.name} is empty", cure="export it again")
        if start.startswith(_WIDE_MARKS):
            raise SourceError(f"{path.name} is UTF-16", cure="save it as UTF-8 (in a spreadsheet: CSV UTF-8)")
        self.form = self._form(start)
        self.fixed = self.form in ("parquet", "csv")
        self.renames = Renames({_small(name) if self.fixed else name: ours for name, ours in (renamed or {}).items()})
        self._own_columns = self._columns()
        self.columns = tuple(map(self.renames.column, self._own_columns))
        self.layout = _layout(self.columns)
        self.layout_before = _layout(self._own_columns) if self.layout is None and renamed else None

    def _form(self, start: bytes) -> Form:
        if start.startswith(b"PAR1"):
            return "parquet"
        if start.startswith(_ZIP):
            return "archive"
        sign = start.removeprefix(_MARK).lstrip()[:1]
        if sign == b"[":
            return "array"
        if sign != b"{":
            return "csv"
        return "document" if self._is_one_document() else "lines"

    def _is_one_document(self) -> bool:
        """Whether the file is one JSON object: spread over lines, or the only line of a known layout."""
        lines = (line for line in lines_of(self.path, cut=True) if not line.isspace())
        try:
            first = json.loads(next(lines))
        except (ValueError, RecursionError):
            return any(isinstance(row, RawRow) for row in json_document(self.path, quietly=True))
        named = layout_of(first) if isinstance(first, dict) else None
        return next(lines, None) is None and ("data" in first or named is not None)

    def _columns(self) -> tuple[str, ...]:
        if self.form == "parquet":
            return parquet_columns(self.path, self.renames.ours)
        if self.form == "csv":
            return csv_header(self.path)
        return tuple(dict.fromkeys(name for row in self._first_records() for name in row.cells))

    def _first_records(self) -> list[RawRow]:
        return list(islice((row for row in self._own_rows(()) if isinstance(row, RawRow)), _FIRST_RECORDS))

    def names(self) -> tuple[str, ...]:
        """The columns, and what stands inside them (of JSON in the first records), by dotted names."""
        return tuple(dict.fromkeys((*self.columns, *self._inner())))

    def _inner(self) -> Iterable[str]:
        if self.form == "parquet":
            return parquet_names(self.path)
        return (name for row in ([] if self.fixed else self._first_records()) for name in names_in(row.cells))

    def check_renames(self) -> None:
        """SourceError where a renamed column is not there, or ours is there too.

        Any record of JSON may hold any column: one that the first ones lack is looked for in all.
        """
        records = [self._own_columns] if self.fixed else [row.given() for row in self._first_records()]
        for names in records:
            if (ours := self.renames.twice(names)) is not None:
                theirs, said = self.renames.theirs(ours), self.renames.said(ours)
                cure = f"leave {said} out; where {theirs} is the right one, take {ours} out of the file"
                raise SourceError(f"{self.path.name} has a column {ours} beside {theirs}", cure=cure)
        lacking = self.renames.ours.keys() - set(self._own_columns)
        for row in self._own_rows(tuple(lacking)) if lacking and not self.fixed else ():
            lacking -= row.cells.keys() if isinstance(row, RawRow) else set()
            if not lacking:
                return
        if lacking:
            raise no_such_column(self.path.name, self.renames, lacking, self.names())

    def origin(self, given: dict[str, str]) -> Origin:
        """The file as the layouts know it."""
        changed = datetime.fromtimestamp(int(self.path.stat().st_mtime), UTC)
        return Origin(self.path.name, changed, given, self.path)

    def rows(self, columns: Sequence[str]) -> Iterator[RawRow | Rejected]:
        """The rows; of Parquet only `columns` are read."""
        return self._renamed(self._own_rows(self._theirs(columns)))

    def _renamed(self, rows: Iterator[RawRow | Rejected]) -> Iterator[RawRow | Rejected]:
        return map(self.renames.row, rows) if self.renames.ours else rows

    def _theirs(self, columns: Sequence[str]) -> Sequence[str]:
        return [self.renames.theirs(name) for name in columns]

    def _own_rows(self, columns: Sequence[str]) -> Iterator[RawRow | Rejected]:
        match self.form:
            case "parquet":
                return parquet_rows(self.path, columns)
            case "csv":
                return csv_rows(self.path)
            case "archive":
                return archive_rows(self.path)
            case _:
                return opened_rows(self._records(), self.renames.ours)

    def _records(self) -> Iterator[RawRow | Rejected]:
        """The records of a JSON file, as they stand there."""
        match self.form:
            case "array":
                return json_array(self.path)
            case "document":
                return json_document(self.path)
            case _:
                return json_lines(self.path)

    def rows_at(self, columns: Sequence[str], numbers: Sequence[int], rows: int) -> Iterator[RawRow | Rejected]:
        """The rows of these numbers, in order, of a file that holds so many `rows`; other rows are read where need be.

        As many lines as rows: then each row is one line, none is blank, and a row is found by counting lines.
        """
        if self.form == "parquet":
            return self._renamed(parquet_rows(self.path, self._theirs(columns), numbers))
        if self.form == "csv" and lines_in(self.path) == rows + 1:
            return self._renamed(csv_rows_at(self.path, numbers))
        if self.form == "lines" and lines_in(self.path) == rows:
            return self._renamed(opened_rows(json_lines_at(self.path, numbers), self.renames.ours))
        return _picked(self.rows(columns), numbers)


def _layout(columns: Sequence[str]) -> Layout | None:
    return None if {"metric", "score"} <= set(columns) else layout_of(columns)


def _small(name: str) -> str:
    return name.strip().lower()


def _picked(rows: Iterator[RawRow | Rejected], numbers: Sequence[int]) -> Iterator[RawRow | Rejected]:
    wanted, last = set(numbers), max(numbers, default=0)
    for row in rows if numbers else ():
        number = row.number if isinstance(row, RawRow) else row.row
        if number in wanted:
            yield row
        if number >= last:
            return
