"""Whole files of calls, summed by DuckDB: what `offramp load` does with large files of our own columns.

Only the plain rows (collectors/bulk_sql.py) are summed; the others, and those whose key stands there more than once,
are handed to the row parser with their numbers. Anything unexpected means that the row parser reads the whole file.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from collectors.bulk_sql import GROUP, SUMS, NotPlain, judged_rows, left_over, summed
from collectors.call_rows import CALL_COLUMNS
from collectors.csv_rows import delimiter
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


@dataclass(frozen=True, slots=True)
class Summed:
    """The sums of the plain rows, their keys (in order, repetitions included), and how many rows were not plain."""

    sums: list[CallSums]
    latencies: list[LatencySums]
    keys: Keys
    left: int


class BulkCalls:
    """One large file of calls. `sums` reads it once; `rows` are those left to the row parser."""

    def __init__(self, table: Table, given: Mapping[str, str], newest: datetime | None, source: str) -> None:
        self._table, self._source = table, source
        self._given, self._newest = given, newest

    def sums(self, left_out: Keys | None = None) -> Summed | None:
        """The sums, without the plain rows of these keys; None where the row parser has to read the whole file."""
        try:
            with self._judged() as (connection, judged):
                if left_out is not None:
                    _register(connection, "left_out", left_out)
                query = summed(judged, without_known=left_out is not None)
                return _folded(connection.sql(query).to_arrow_table(), self._source)
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
    path: Path, *, given: Mapping[str, str], newest: datetime | None, source: str, least_bytes: int
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
    return BulkCalls(table, given, newest, source)


def _folded(found: pa.Table, source: str) -> Summed | None:
    plain = found.filter(found["plain"])
    left = int(np.sum(found.filter(pa.compute.invert(found["plain"]))["calls"].to_numpy()))
    if left > _MOST_LEFT * (left + int(np.sum(plain["calls"].to_numpy()))):
        return None
    columns = [plain[name].to_pylist() for name in GROUP] + [
        plain.column(len(GROUP) + place).to_pylist() for place in range(len(SUMS))
    ]
    sums = [_sums(row, source) for row in zip(*columns, strict=True)]
    if not all(_named_plainly(item) for item in sums):
        return None
    keys = plain["keys"].combine_chunks().flatten().to_numpy().view(np.int64)
    return Summed(sums, _latencies(sums, plain["buckets"].combine_chunks()), np.sort(keys), left)


def _latencies(sums: list[CallSums], buckets: Any) -> list[LatencySums]:  # noqa: ANN401 (a list array of Arrow)
    """The buckets of each group of sums, counted by day."""
    places: dict[tuple[str | None, int, str, str, str], int] = {}
    of_group = [
        places.setdefault((item.feature, item.hour // _DAY_HOURS, item.provider, item.model, item.source), len(places))
        for item in sums
    ]
    lengths = buckets.value_lengths().fill_null(0).to_numpy()
    values = buckets.flatten().to_numpy().astype(np.int64)
    width = int(values.max(initial=0)) + 1
    counts = np.bincount(np.repeat(np.array(of_group, np.int64), lengths) * width + values)
    named = list(places)
    found = []
    for place in np.flatnonzero(counts).tolist():
        feature, day, provider, model, source = named[place // width]
        found.append(
            LatencySums(
                feature=feature,
                day=day,
                provider=provider,
                model=model,
                source=source,
                bucket=place % width,
                calls=int(counts[place]),
            )
        )
    return found


def _sums(row: tuple[Any, ...], source: str) -> CallSums:
    hour, feature, provider, model, tier, processing, calls, errors, known, errors_without, *tokens = row
    given, cached, written, output, reasoning, reported, nano = tokens
    return CallSums(
        hour=hour,
        feature=feature,
        provider=provider,
        model=model,
        tier=tier,
        processing=processing,
        source=source,
        calls=calls,
        errors=errors,
        calls_with_tokens=known,
        calls_without_tokens=calls - known - errors_without,
        input_tokens=given,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=output,
        reasoning_tokens=reasoning,
        reported_calls=reported,
        reported_nano_usd=nano,
    )


def _named_plainly(item: CallSums) -> bool:
    """Whether its names are what the row parser would make of them."""
    words = ((item.feature, FEATURE_LENGTH), (item.provider, MODEL_LENGTH), (item.model, MODEL_LENGTH))
    return item.provider.isascii() and all(not word or _is_plain(word, most) for word, most in words)


def _is_plain(word: str, most: int) -> bool:
    odd = word[:1] in "{[" or word in ("true", "false")
    return len(word) <= most and clean_name(word, most) == word and not odd


def _register(connection: duckdb.DuckDBPyConnection, name: str, keys: Keys) -> None:
    connection.register(f"{name}_keys", pa.table({"key": keys.view(np.uint64)}))
    connection.execute(f"CREATE TEMP TABLE {name} AS SELECT DISTINCT key FROM {name}_keys")  # noqa: S608 (our own name)


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
