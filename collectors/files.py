"""Files of calls and scores as `offramp load` reads them: CSV, JSONL, JSON arrays and Parquet, each also gzipped.

What a file is, its first bytes say, not its name. Rows stream: memory does not grow with the file, but for the
60 bytes a row without `call_id` leaves behind. Row 1 is the first row of data.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Generic, Literal, TypeVar

from collectors.call_rows import CALL_COLUMNS, parse_call
from collectors.csv_rows import csv_header, csv_rows
from collectors.eval_rows import EVAL_COLUMNS, parse_score
from collectors.json_rows import json_array, json_lines
from collectors.occurrences import Occurrences
from collectors.parquet_rows import parquet_columns, parquet_rows
from collectors.raw_rows import RawRow, opened
from collectors.rejected import Rejected, SourceError
from strategy.facts import Call, Score

Kind = Literal["calls", "evals", "invoice", "focus"]
SOURCE = "file"

_T = TypeVar("_T")
_MARK = b"\xef\xbb\xbf"
_SNIFFED_BYTES = 65_536
_MOST_NAMED = 50
_CALL_SIZES = ("input_tokens", "output_tokens", "cost_usd")
_CALL_MARKS = {"model", "input_tokens", "output_tokens", "cost_usd", "call_id", "latency_ms"}


@dataclass(kw_only=True)
class FileReading(Generic[_T]):
    """The rows of one file, read while iterated, each a value or a Rejected; SourceError where the file breaks off.

    `extra_columns` are the columns that nothing reads (for JSON: complete once all rows were read, at most 50).
    """

    path: Path
    kind: Kind
    rows: Callable[[], Iterator[RawRow | Rejected]]
    parse: Callable[[Mapping[str, object], int, Occurrences], _T | Rejected]
    known_columns: Sequence[str]
    set_columns: Mapping[str, str]
    extra_columns: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[_T | Rejected]:
        """Each row once; iterating again reads the file again, with the same keys."""
        seen = Occurrences()
        for row in self.rows():
            if isinstance(row, Rejected):
                yield row
                continue
            self.note_columns(row.cells)
            yield self.parse({**self.set_columns, **row.cells}, row.number, seen)

    def note_columns(self, names: Mapping[str, object] | Sequence[str]) -> None:
        """Remember the columns that nothing reads, once."""
        for name in names:
            if (
                name not in self.known_columns
                and name not in self.extra_columns
                and len(self.extra_columns) < _MOST_NAMED
            ):
                self.extra_columns.append(name)


def detect_kind(path: Path | str) -> Kind:
    """What a file holds, by its column names; SourceError where they are nobody's."""
    columns = {name.lower() for name in _Table(Path(path)).columns}
    if {"metric", "score"} <= columns:
        return "evals"
    if {"day", "amount_usd"} <= columns:
        return "invoice"
    if {"billedcost", "chargeperiodstart"} <= columns:
        return "focus"
    if columns & _CALL_MARKS:
        return "calls"
    raise SourceError(
        f"{Path(path).name} has no columns of calls or evals",
        cure="name them timestamp, model, input_tokens, output_tokens … or feature, metric, score, n, timestamp",
    )


def read_calls(
    path: Path | str, *, set_columns: Mapping[str, str] | None = None, newest: datetime | None = None
) -> FileReading[Call]:
    """The calls of a file; `set_columns` fills absent columns, `newest` is the latest acceptable time.

    SourceError where the file cannot be read or lacks a column that no row can do without.
    """
    table = _Table(Path(path))
    given = _checked(set_columns or {}, CALL_COLUMNS)
    _need(table, given, ("timestamp", "model"))
    if table.fixed and not (set(table.columns) | set(given)) & set(_CALL_SIZES):
        raise SourceError(
            f"{table.path.name} has neither tokens nor cost", cure="add input_tokens and output_tokens, or cost_usd"
        )
    return table.reading(
        "calls",
        CALL_COLUMNS,
        given,
        lambda row, number, seen: parse_call(row, number, seen, source=SOURCE, newest=newest),
    )


def read_scores(
    path: Path | str, *, set_columns: Mapping[str, str] | None = None, newest: datetime | None = None
) -> FileReading[Score]:
    """The eval results of a file, with the arguments and errors of `read_calls`."""
    table = _Table(Path(path))
    given = _checked(set_columns or {}, EVAL_COLUMNS)
    _need(table, given, ("feature", "metric", "score", "timestamp"))
    return table.reading(
        "evals",
        EVAL_COLUMNS,
        given,
        lambda row, number, seen: parse_score(row, number, seen, source=SOURCE, newest=newest),
    )


class _Table:
    """A file opened once: its columns, whether all rows share them, and how to read its rows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with opened(path) as file:
            start = file.read(_SNIFFED_BYTES)
        text = start.removeprefix(_MARK).lstrip()
        self.format = "parquet" if start.startswith(b"PAR1") else {b"{": "lines", b"[": "array"}.get(text[:1], "csv")
        self.fixed = self.format in ("parquet", "csv")
        if not text:
            raise SourceError(f"{path.name} is empty", cure="export it again")
        self.columns = self._columns()

    def _columns(self) -> tuple[str, ...]:
        if self.format == "parquet":
            return tuple(name.lower() for name in parquet_columns(self.path))
        if self.format == "csv":
            return csv_header(self.path)
        first = next((row for row in self.rows(()) if isinstance(row, RawRow)), None)
        return tuple(first.cells) if first else ()

    def rows(self, columns: Sequence[str]) -> Iterator[RawRow | Rejected]:
        match self.format:
            case "parquet":
                return parquet_rows(self.path, columns)
            case "csv":
                return csv_rows(self.path)
            case "array":
                return json_array(self.path)
            case _:
                return json_lines(self.path)

    def reading(
        self,
        kind: Kind,
        known: Sequence[str],
        given: Mapping[str, str],
        parse: Callable[[Mapping[str, object], int, Occurrences], _T | Rejected],
    ) -> FileReading[_T]:
        reading = FileReading(
            path=self.path,
            kind=kind,
            rows=lambda: self.rows(known),
            parse=parse,
            known_columns=known,
            set_columns=given,
        )
        if self.fixed:
            reading.note_columns(self.columns)
        return reading


def _checked(given: Mapping[str, str], known: Sequence[str]) -> dict[str, str]:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise SourceError(f"--set {unknown[0]} names no column", cure="use one of: " + ", ".join(known))
    return dict(given)


def _need(table: _Table, given: Mapping[str, str], needed: Sequence[str]) -> None:
    missing = [name for name in needed if table.fixed and name not in table.columns and name not in given]
    if missing:
        raise SourceError(
            f"{table.path.name} has no column {missing[0]}",
            cure=f"add it, or name one value for all rows with --set {missing[0]}=VALUE",
        )
