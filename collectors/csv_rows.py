"""CSV files row by row, by Python's own reader: DuckDB's cannot say which row of a stream was bad."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from collectors.picked_lines import picked_lines
from collectors.raw_rows import RawRow, lines_of
from collectors.rejected import Rejected, SourceError

_DELIMITERS = ",;\t|"
# A prompt may fill a cell; a row as long as this that does not fit the header has a quote that is not closed.
_MOST_CELL, _LONG_ROW = 2_000_000, 131_072
csv.field_size_limit(_MOST_CELL)
_CURE = "correct this line, quoting cells that hold the delimiter or a quote"


def csv_header(path: Path) -> tuple[str, ...]:
    """The column names in small letters; SourceError where one appears twice."""
    try:
        cells = next(_reader(lines_of(path), delimiter(path)))
    except csv.Error:
        raise SourceError(f"{path.name} has no readable header", cure="name the columns in the first line") from None
    names = tuple(name.strip().lower() for name in cells)
    twice = sorted({name for name in names if names.count(name) > 1 and name})
    if twice:
        raise SourceError(f"{path.name} has the column {twice[0]} twice", cure="keep one of them")
    return names


def csv_rows(path: Path) -> Iterator[RawRow | Rejected]:
    """The rows below the header; blank lines are skipped, a line that does not fit the header is rejected."""
    header = csv_header(path)
    lines = _RowLines(lines_of(path))
    reader = _reader(lines, delimiter(path))
    next(reader)
    number = 0
    while True:
        lines.row.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            number += 1
            lines.give_back()
            yield _unreadable(number, str(error))
            continue
        if not cells:
            continue
        number += 1
        swallowed = len(cells) != len(header) and lines.give_back()
        yield _unreadable(number) if swallowed else _row(number, header, cells)


class _RowLines:
    """The lines of a file, and those of the present row: what an open quote swallowed of them is read again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self._again = lines, deque[str]()
        self.row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.row.append(line)
        return line

    def give_back(self) -> bool:
        """Read the lines again that come after a long row's first ones; False where the row is not long."""
        size = 0
        for place, line in enumerate(self.row, start=1):
            size += len(line)
            if size > _LONG_ROW:
                self._again.extendleft(reversed(self.row[place:]))
                return True
        return False


def csv_rows_at(path: Path, numbers: Sequence[int]) -> Iterator[RawRow | Rejected]:
    """The rows of these numbers, in order, of a file where each row is one line, the header too."""
    header, sign = csv_header(path), delimiter(path)
    lines = picked_lines(path, numbers, header=1)
    for number, line in zip(numbers, lines, strict=True):
        try:
            cells = next(_reader([line], sign))
        except csv.Error as error:
            yield _unreadable(number, str(error))
        else:
            yield _row(number, header, cells)


def _reader(lines: Iterable[str], sign: str) -> Iterator[list[str]]:
    # As DuckDB does, by which large files are read: a quote after a space begins a cell too.
    return csv.reader(lines, delimiter=sign, skipinitialspace=True)


def _row(number: int, header: Sequence[str], cells: list[str]) -> RawRow | Rejected:
    if len(cells) == len(header):
        return RawRow(number, dict(zip(header, cells, strict=True)))
    return Rejected(number, "row", f"has {len(cells)} cells, the header {len(header)}", _CURE)


def _unreadable(number: int, error: str = "") -> Rejected:
    if "field limit" in error:
        told = f"has a cell of more than {_MOST_CELL:,} characters (or a quote that is not closed)"
        return Rejected(number, "row", told, "leave that column out of the file, or close the quote")
    return Rejected(number, "row", "cannot be read as CSV (a quote that is not closed?)", _CURE)


def delimiter(path: Path) -> str:
    """The sign between cells: the one that the first line holds most of."""
    for line in lines_of(path):
        return max(_DELIMITERS, key=line.count)
    raise SourceError(f"{path.name} is empty", cure="export it again")
