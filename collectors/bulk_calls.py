"""Whole files of calls, summed by DuckDB: what `offramp load` does with large files of our own columns.

Only the plain rows (collectors/bulk_sql.py) are summed; the others, and those whose key stands there more than once,
are handed to the row parser with their numbers. Anything unexpected means that the row parser reads the whole file.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BufferedReader
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from collectors.bulk_sql import GROUP, SUMS, NotPlain, judged_rows, left_over, summed
from collectors.call_rows import CALL_COLUMNS
from collectors.csv_rows import delimiter
from collectors.keys import PRIME, names_part
from collectors.names import FEATURE_LENGTH, MODEL_LENGTH, clean_name
from collectors.raw_rows import RawRow, opened
from collectors.rejected import Rejected
from collectors.tables import Table
from strategy.facts import CallSums, LatencySums

Keys = NDArray[np.int64]

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "700MB",
    "threads": 2,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
# Past this share of rows that are not plain, reading all of them once is less work than both.
_MOST_LEFT = 0.2
_DAY_HOURS = 24
_PRIME_BITS = 61
_AT_ONCE = 1_000_000
_TICK_SECONDS = 0.2
# Ten million rows and their keys stay within a gibibyte.
MOST_ROWS = 10_500_000
_HEAD_BYTES = 2**16


@dataclass(frozen=True, slots=True)
class Summed:
    """The sums of the plain rows, their keys (in order, repetitions included), and how many rows were not plain.

    The keys are sorted aside, so that the sums can be written meanwhile: `keys()` waits for them.
    """

    sums: list[CallSums]
    latencies: list[LatencySums]
    keys: Callable[[], Keys]
    left: int


class BulkCalls:
    """One large file of calls. `sums` reads it once; `rows` are those left to the row parser."""

    def __init__(
        self,
        table: Table,
        given: Mapping[str, str],
        newest: datetime | None,
        source: str,
        most_rows: int = MOST_ROWS,
    ) -> None:
        self._table, self._source = table, source
        self._given, self._newest, self._most_rows = given, newest, most_rows

    def parts(self) -> int:
        """In how many parts to sum it, so that memory is bounded whatever its size."""
        return max(1, math.ceil(_rows_about(self._table) / self._most_rows))

    def sums(
        self, part: tuple[int, int] = (0, 1), left_out: Keys | None = None, told: Callable[[float], None] | None = None
    ) -> Summed | None:
        """The sums of a part, without the plain rows of these keys; None where the row parser has to read the file.

        `told` hears what share of the file is read, now and then.
        """
        try:
            with self._judged() as (connection, judged):
                if left_out is not None:
                    _register(connection, "left_out", left_out)
                found = _found(connection, summed(judged, part, without_known=left_out is not None), told)
            # DuckDB has given its memory back.
            return _folded(found, self._source)
        except (duckdb.Error, NotPlain, pa.ArrowException):
            return None

    def rows(self, keys: Keys) -> Iterator[RawRow | Rejected]:
        """The rows that are not plain, or have one of these keys, with their numbers."""
        with self._judged(in_order=True) as (connection, judged):
            _register(connection, "to_parser", keys)
            wanted = {number for (number,) in connection.execute(left_over(judged)).fetchall()}
        last = max(wanted, default=0)
        for row in self._table.rows(CALL_COLUMNS) if wanted else ():
            number = row.number if isinstance(row, RawRow) else row.row
            if number in wanted:
                yield row
            if number >= last:
                return

    @contextmanager
    def _judged(self, *, in_order: bool = False) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        connection = duckdb.connect(config=_SETTINGS)
        try:
            connection.execute(f"SET preserve_insertion_order = {in_order}")
            source, types = self._scan(connection)
            yield connection, judged_rows(source, types, self._given_absent(types), self._newest)
        finally:
            connection.close()

    def _given_absent(self, types: Mapping[str, str]) -> dict[str, str]:
        return {name: value for name, value in self._given.items() if name not in types}

    def _scan(self, connection: duckdb.DuckDBPyConnection) -> tuple[str, dict[str, str]]:
        path = "'" + str(self._table.path).replace("'", "''") + "'"
        if self._table.form == "parquet":
            described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({path})").fetchall()  # noqa: S608 (a path, quoted)
            types = {name.lower(): kind for name, kind, *_ in described if name.lower() in CALL_COLUMNS}
            return f"read_parquet({path})", types
        names = self._table.columns
        if self._table.form == "csv":
            columns = ", ".join(f"{_quoted(name or f'column {place}')}: 'VARCHAR'" for place, name in enumerate(names))
            sign = delimiter(self._table.path).replace("'", "''")
            options = f"header = true, auto_detect = false, delim = '{sign}', quote = '\"', escape = '\"'"
            return f"read_csv({path}, {options}, columns = {{{columns}}})", dict.fromkeys(
                (name for name in names if name in CALL_COLUMNS), "VARCHAR"
            )
        # Any line may hold any column.
        columns = ", ".join(f"{_quoted(name)}: 'VARCHAR'" for name in CALL_COLUMNS)
        return f"read_json({path}, format = 'newline_delimited', columns = {{{columns}}})", dict.fromkeys(
            CALL_COLUMNS, "VARCHAR"
        )


def bulk_calls(
    path: Path,
    *,
    given: Mapping[str, str],
    newest: datetime | None,
    source: str,
    least_bytes: int,
    most_rows: int = MOST_ROWS,
) -> BulkCalls | None:
    """The file for summing; None where it is small, gzipped, of another tool, or not made of rows."""
    if path.stat().st_size < least_bytes or set(str(path)) & set("*?[{"):
        return None
    with opened(path) as file:
        plain = isinstance(file, BufferedReader)
    table = Table(path)
    fits = table.layout is None and table.form in ("parquet", "csv", "lines")
    # In JSON a cell that is null is not one that is absent, which only rows tell.
    if not plain or not fits or (table.form == "lines" and given):
        return None
    return BulkCalls(table, given, newest, source, most_rows)


def _rows_about(table: Table) -> float:
    """How many rows a file holds: exactly for Parquet, else by the length of its first ones."""
    if table.form == "parquet":
        rows: int = pq.read_metadata(table.path).num_rows
        return rows
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


def _folded(found: pa.Table, source: str) -> Summed | None:
    # A filtered table is a copy.
    odd = found.filter(pc.invert(found["plain"]))
    plain = found.filter(found["plain"]) if odd.num_rows else found
    every, summed = (int(_numbers(part["calls"]).sum()) for part in (found, plain))
    if every - summed > _MOST_LEFT * every:
        return None
    columns = [_values(plain[name]) for name in (*GROUP, *SUMS)]
    columns.insert(len(GROUP), [source] * plain.num_rows)
    sums = [CallSums(*row) for row in zip(*columns, strict=True)]
    if not all(_named_plainly(*names) for names in {(item.feature, item.provider, item.model) for item in sums}):
        return None
    keys = _keys_aside(sums, plain)
    return Summed(sums, _latencies(sums, plain["buckets"].combine_chunks()), keys, every - summed)


def _numbers(chunks: Any) -> NDArray[Any]:  # noqa: ANN401 (an array of Arrow, chunked or not)
    """A column as numpy has it. Arrow's to_numpy would import pandas, which takes a second."""
    whole = chunks.combine_chunks() if isinstance(chunks, pa.ChunkedArray) else chunks
    found: NDArray[Any] = np.from_dlpack(whole)
    return found


def _values(chunks: pa.ChunkedArray) -> list[Any]:
    """A column as Python values; a word that comes often is made once."""
    if not pa.types.is_string(chunks.type):
        return list(_numbers(chunks).tolist())
    coded = chunks.combine_chunks().dictionary_encode(null_encoding="encode")
    words = coded.dictionary.to_pylist()
    return [words[place] for place in _numbers(coded.indices).tolist()]


def _keys_aside(sums: list[CallSums], plain: pa.Table) -> Callable[[], Keys]:
    """Begins to sort the keys in a thread of its own, and gives what waits for them."""
    numbers, ids = plain["numbers"].combine_chunks(), plain["ids"].combine_chunks()
    part = cache(names_part)
    names = np.array([part((item.feature, item.provider, item.model)) for item in sums], np.int64)
    given = names, _numbers(numbers.value_lengths()), _numbers(numbers.flatten()), _numbers(ids.flatten())
    aside = ThreadPoolExecutor(1)
    keys = aside.submit(_keys, *given)
    aside.shutdown(wait=False)
    return keys.result


def _keys(names: Keys, many: Keys, numbers: Keys, ids: Keys) -> Keys:
    """The keys of the calls, in order: what their numbers give, with the names of their group, and those by id."""
    keys = np.repeat(names, many)
    keys += numbers
    high = keys >> _PRIME_BITS
    keys &= PRIME
    keys += high
    keys[keys >= PRIME] -= PRIME
    if len(ids):
        keys = np.concatenate([keys, ids.view(np.int64)])
    keys.sort()
    return keys


def _latencies(sums: list[CallSums], buckets: Any) -> list[LatencySums]:  # noqa: ANN401 (a list array of Arrow)
    """The buckets of each group of sums, counted by day."""
    places: dict[tuple[str | None, int, str, str, str], int] = {}
    of_group = [
        places.setdefault((item.feature, item.hour // _DAY_HOURS, item.provider, item.model, item.source), len(places))
        for item in sums
    ]
    values = _numbers(buckets.flatten())
    width = int(values.max(initial=0)) + 1
    starts = np.array(of_group, np.int32) * width
    spots = np.repeat(starts, _numbers(buckets.value_lengths()))
    spots += values
    counts = sum(
        (
            np.bincount(spots[at : at + _AT_ONCE], minlength=len(places) * width)
            for at in range(0, len(spots), _AT_ONCE)
        ),
        np.zeros(len(places) * width, np.int64),
    )
    named, found = list(places), np.flatnonzero(counts)
    told = zip((found // width).tolist(), (found % width).tolist(), counts[found].tolist(), strict=True)
    return [LatencySums(*named[place], bucket, calls) for place, bucket, calls in told]


def _named_plainly(feature: str | None, provider: str, model: str) -> bool:
    """Whether these names are what the row parser would make of them."""
    words = ((feature, FEATURE_LENGTH), (provider, MODEL_LENGTH), (model, MODEL_LENGTH))
    return provider.isascii() and all(not word or _is_plain(word, most) for word, most in words)


def _is_plain(word: str, most: int) -> bool:
    odd = word[:1] in "{[" or word in ("true", "false")
    return len(word) <= most and clean_name(word, most) == word and not odd


def _register(connection: duckdb.DuckDBPyConnection, name: str, keys: Keys) -> None:
    connection.register(f"{name}_keys", pa.table({"key": keys.view(np.uint64)}))
    connection.execute(f"CREATE TEMP TABLE {name} AS SELECT DISTINCT key FROM {name}_keys")  # noqa: S608 (our own name)


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
