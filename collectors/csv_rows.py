"""CSV files row by row, by Python's own reader: DuckDB's cannot say which row of a stream was bad."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from collectors.picked_lines import picked_lines
from collectors.raw_rows import RawRow, lines_of
from collectors.rejected import Rejected, SourceError

_DELIMITERS = ",;\t|"
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
    reader = _reader(lines_of(path), delimiter(path))
    next(reader)
    number = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            number += 1
            yield _unreadable(number)
            continue
        if not cells:
            continue
        number += 1
        yield _row(number, header, cells)


def csv_rows_at(path: Path, numbers: Sequence[int]) -> Iterator[RawRow | Rejected]:
    """The rows of these numbers, in order, of a file where each row is one line, the header too."""
    header, sign = csv_header(path), delimiter(path)
    lines = picked_lines(path, numbers, header=1)
    for number, line in zip(numbers, lines, strict=True):
        try:
            cells = next(_reader([line], sign))
        except csv.Error:
            yield _unreadable(number)
        else:
            yield _row(number, header, cells)


def _reader(lines: Iterable[str], sign: str) -> Iterator[list[str]]:
    # As DuckDB does, by which large files are read: a quote after a space begins a cell too.
    return csv.reader(lines, delimiter=sign, skipinitialspace=True)


def _row(number: int, header: Sequence[str], cells: list[str]) -> RawRow | Rejected:
    if len(cells) == len(header):
        return RawRow(number, dict(zip(header, cells, strict=True)))
    return Rejected(number, "row", f"has {len(cells)} cells, the header {len(header)}", _CURE)


def _unreadable(number: int) -> Rejected:
    return Rejected(number, "row", "cannot be read as CSV (a quote that is not closed?)", _CURE)


def delimiter(path: Path) -> str:
    """The sign between cells: the one that the first line holds most of."""
    for line in lines_of(path):
        return max(_DELIMITERS, key=line.count)
    raise SourceError(f"{path.name} is empty", cure="export it again")
