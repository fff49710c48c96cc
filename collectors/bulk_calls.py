"""Whole files of calls, summed by DuckDB: what `offramp load` does with large files of our own columns.

Only the plain rows (collectors/bulk_sql.py) are summed; the others, and those whose key stands there more than once,
are handed to the row parser with their numbers. Anything unexpected means that the row parser reads the whole file.
"""

import math
from array import array
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from io import BufferedReader
from itertools import islice
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from collectors.bulk_cells import NotPlain
from collectors.bulk_sql import Judged, judged_rows, marked, summed
from collectors.bulk_sums import Keys, Marks, Summed, folded, places_of
from collectors.call_rows import CALL_COLUMNS
from collectors.csv_rows import delimiter
from collectors.nested_cells import path_of
from collectors.parquet_rows import columns_of, parquet_length
from collectors.quoted import quoted_name, quoted_text
from collectors.raw_rows import RawRow, opened
from collectors.rejected import Rejected
from collectors.renames import Renames
from collectors.tables import Table

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "700MB",
    "threads": 2,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_TICK_SECONDS = 0.2
# Ten million rows and their keys stay within a gibibyte.
MOST_ROWS = 10_500_000
# Past this share of rows that are not plain, reading all of them once is less work than both.
_MOST_LEFT = 0.2
_HEAD_BYTES = 2**16
_FIRST_ROWS = 20
# A row of calls as CSV, about.
_ROW_BYTES = 100
_BATCH = 1_000_000


@dataclass(frozen=True, slots=True)
class Without:
    """Keys of calls not to be summed: those `known` are passed over, those `repeated` left to the row parser."""

    known: Keys
    repeated: Keys

    def plus(self, other: "Without") -> "Without":
        """Both together."""
        return Without(np.union1d(self.known, other.known), np.union1d(self.repeated, other.repeated))


class BulkCalls:
    """One large file of calls. `sums` reads it once; `rows` are those left to the row parser."""

    def __init__(
        self,
        table: Table,
        given: Mapping[str, str],
        newest: datetime | None,
        source: str,
        most_rows: int = MOST_ROWS,
        *,
        bare_utc: bool = False,
    ) -> None:
        self._table, self._source, self._bare_utc = table, source, bare_utc
        self._given, self._newest, self._most_rows = given, newest, most_rows
        # Any line of JSON may hold any column: those that the first ones lack are looked at where one turns up.
        self._unseen = set(CALL_COLUMNS) - set(table.columns) if table.form == "lines" else set[str]()

    def parts(self) -> int:
        """In how many parts to sum it, so that memory is bounded whatever its size."""
        return max(1, math.ceil(_rows_about(self._table) / self._most_rows))

    def sums(
        self,
        part: tuple[int, int] = (0, 1),
        without: Without | None = None,
        told: Callable[[float], None] | None = None,
    ) -> Summed | None:
        """The sums of a part; None where the row parser has to read the file.

        `told` hears what share of the file is read, now and then.
        """
        try:
            return self._sums(part, without, told)
        except duckdb.InvalidInputException:
            if not self._unseen:
                return None
            self._unseen = set()
            return self.sums(part, without, told)
        except (duckdb.Error, NotPlain, pa.ArrowException):
            return None

    def _sums(
        self, part: tuple[int, int], without: Without | None, told: Callable[[float], None] | None
    ) -> Summed | None:
        with self._judged() as (connection, judged):
            if without is not None:
                _register(connection, "known", without.known)
                _register(connection, "repeated", without.repeated)
            found = _found(connection, summed(judged, part, without=without is not None), told)
        # DuckDB has given its memory back.
        summed_up = folded(found, self._source)
        if summed_up and without is None and len(summed_up.left) > _MOST_LEFT * summed_up.rows():
            return None
        return summed_up

    def rows(self, left: Marks) -> Iterator[RawRow | Rejected]:
        """The rows that `sums` left out: of Parquet by their numbers, of a text by what is in them.

        All rows of a text in which these are not found again.
        """
        wanted = np.sort(left)
        if self._table.form == "parquet":
            return self._table.rows_at(CALL_COLUMNS, (wanted + 1).tolist(), 0)
        numbers, rows = array("q"), 0
        with self._judged(in_order=True) as (connection, judged):
            # Not looked up by DuckDB: after its join rows come in no order.
            for batch in connection.sql(marked(judged)).to_arrow_reader(_BATCH):
                numbers.frombytes((places_of(wanted, batch["mark"]) + rows + 1).tobytes())
                rows += batch.num_rows
        # Somebody changed the file meanwhile.
        if len(numbers) != len(left):
            return self._table.rows(CALL_COLUMNS)
        return self._table.rows_at(CALL_COLUMNS, numbers, rows)

    @contextmanager
    def _judged(self, *, in_order: bool = False) -> Iterator[tuple[duckdb.DuckDBPyConnection, Judged]]:
        connection = duckdb.connect(config=_SETTINGS)
        try:
            connection.execute(f"SET preserve_insertion_order = {in_order}")
            source, types = self._scan(connection)
            number = "file_row_number" if self._table.form == "parquet" else ""
            given = self._given_absent(types)
            about = self._newest, self._unseen, number
            yield connection, judged_rows(source, types, given, *about, bare_utc=self._bare_utc)
        finally:
            connection.close()

    def _given_absent(self, types: Mapping[str, str]) -> dict[str, str]:
        return {name: value for name, value in self._given.items() if name not in types}

    def _scan(self, connection: duckdb.DuckDBPyConnection) -> tuple[str, dict[str, str]]:
        """What to read from, by our names, and the type of each column."""
        path = quoted_text(str(self._table.path))
        if self._table.form == "parquet":
            return self._parquet(connection, path)
        return self._csv(path) if self._table.form == "csv" else self._lines(path)

    def _parquet(self, connection: duckdb.DuckDBPyConnection, path: str) -> tuple[str, dict[str, str]]:
        renames = self._table.renames
        columns = columns_of(connection, str(self._table.path), renames.ours)
        found = {ours: each for each in columns if (ours := renames.column(each.name)) in CALL_COLUMNS}
        cells = ", ".join(f"{each.cell} AS {ours}" for ours, each in found.items())
        source = f"(SELECT {cells}, file_row_number FROM read_parquet({path}, file_row_number = true))"  # noqa: S608 (a path and names, quoted)
        return source, {ours: each.kind for ours, each in found.items()}

    def _csv(self, path: str) -> tuple[str, dict[str, str]]:
        names = self._table.columns
        texts = (quoted_text(name or f"column {place}") for place, name in enumerate(names))
        columns = ", ".join(f"{text}: 'VARCHAR'" for text in texts)
        sign = quoted_text(delimiter(self._table.path))
        options = f"header = true, auto_detect = false, delim = {sign}, quote = '\"', escape = '\"'"
        return f"read_csv({path}, {options}, columns = {{{columns}}})", dict.fromkeys(
            (name for name in names if name in CALL_COLUMNS), "VARCHAR"
        )

    def _lines(self, path: str) -> tuple[str, dict[str, str]]:
        # Any line may hold any column.
        numbers, renames = self._numbers, self._table.renames
        kinds = {
            name: "JSON" if renames.column(name) in numbers else "VARCHAR" for name in (*CALL_COLUMNS, *renames.ours)
        } | dict.fromkeys(_entered(renames), "JSON")
        columns = ", ".join(f"{quoted_text(name)}: '{kind}'" for name, kind in kinds.items())
        cells = ", ".join(f"{_cell(renames, name)}::VARCHAR AS {name}" for name in CALL_COLUMNS)
        source = f"(SELECT {cells} FROM read_json({path}, format = 'newline_delimited', columns = {{{columns}}}))"  # noqa: S608 (a path, quoted)
        return source, dict.fromkeys(CALL_COLUMNS, "VARCHAR")

    @cached_property
    def _numbers(self) -> set[str]:
        """The columns that are numbers in the first lines: as JSON they are read in half the time that texts take."""
        first = [row.cells for row in islice(self._table.rows(CALL_COLUMNS), _FIRST_ROWS) if isinstance(row, RawRow)]
        texts = {name for cells in first for name, cell in cells.items() if isinstance(cell, str)}
        return {name for cells in first for name, cell in cells.items() if cell is not None} - texts


def bulk_calls(  # noqa: PLR0913 (all but the first by name)
    path: Path,
    *,
    given: Mapping[str, str],
    newest: datetime | None,
    source: str,
    least_bytes: int,
    most_rows: int = MOST_ROWS,
    renamed: Mapping[str, str] | None = None,
    bare_utc: bool = False,
) -> BulkCalls | None:
    """The file for summing; None where it is small, gzipped, of another tool, or not made of rows.

    With `bare_utc` a time that says no zone is of UTC.
    """
    if set(str(path)) & set("*?[{"):
        return None
    with opened(path) as file:
        plain = isinstance(file, BufferedReader)
    table = Table(path, renamed)
    fits = table.layout is None and table.form in ("parquet", "csv", "lines")
    # Only rows tell a cell of JSON that is null from one that is absent, and an object that is led into from a cell.
    by_rows = table.form == "lines" and (given or _entered(table.renames) & {*CALL_COLUMNS, *table.renames.ours})
    if not plain or not fits or by_rows or _text_bytes(table) < least_bytes:
        return None
    return BulkCalls(table, given, newest, source, most_rows, bare_utc=bare_utc)


def _text_bytes(table: Table) -> float:
    """How large it is as text: Parquet packs a row into a sixth of it."""
    return _rows_about(table) * _ROW_BYTES if table.form == "parquet" else table.path.stat().st_size


def _rows_about(table: Table) -> float:
    """How many rows a file holds: exactly for Parquet, else by the length of its first ones."""
    if table.form == "parquet":
        return parquet_length(table.path)
    with table.path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return table.path.stat().st_size * head.count(b"\n") / max(1, len(head))


def _found(connection: duckdb.DuckDBPyConnection, query: str, told: Callable[[float], None] | None) -> pa.Table:
    if told is None:
        return connection.sql(query).to_arrow_table()
    connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
    with ThreadPoolExecutor(1) as aside:
        running = aside.submit(lambda: connection.sql(query).to_arrow_table())
        share = 0.0
        try:
            while not wait([running], timeout=_TICK_SECONDS).done:
                # At the end of a query DuckDB knows no share any more; a bar does not go back.
                share = max(share, connection.query_progress() / 100)
                told(share)
        finally:
            # Whoever stops the command does not wait for the rest of the file.
            if not running.done():
                connection.interrupt()
        return running.result()


def _register(connection: duckdb.DuckDBPyConnection, name: str, values: Keys) -> None:
    connection.register(f"{name}_values", pa.table({"value": values.view("uint64")}))
    connection.execute(f"CREATE TEMP TABLE {name} AS SELECT DISTINCT value FROM {name}_values")  # noqa: S608 (our own name)


def _cell(renames: Renames, column: str) -> str:
    """A cell of JSON, under the file's name or ours; where a row gives both, the row parser reads the file."""
    theirs = renames.theirs(column)
    there = dict.fromkeys(name for name in (theirs, column) if renames.column(name) == column)
    names = [quoted_name(name) for name in there]
    if path := path_of(theirs):
        keys = "".join('."' + key.replace('"', '\\"') + '"' for key in path[1:])
        names.append(f"({quoted_name(path[0])} ->> {quoted_text(f'${keys}')})")
    if len(names) <= 1:
        return "".join(names) or "NULL"
    given = " + ".join(f"({name} IS NOT NULL)::TINYINT" for name in names)
    return f"CASE WHEN {given} > 1 THEN error('twice') ELSE coalesce({', '.join(names)}) END"


def _entered(renames: Renames) -> set[str]:
    """The columns of JSON that hold objects in which others are."""
    return {path[0] for theirs in renames.ours if (path := path_of(theirs))}
