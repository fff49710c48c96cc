"""Parquet files row by row, streamed by DuckDB at bounded memory."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BufferedReader
from pathlib import Path
from shutil import copyfileobj
from typing import Any

import duckdb

from collectors.raw_rows import RawRow, opened
from collectors.rejected import SourceError

_BATCH = 2_000
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "512MB",
    "threads": 1,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# DuckDB reads these as patterns, not as a name.
_PATTERN_SIGNS = "*?[{"


def parquet_columns(path: Path) -> tuple[str, ...]:
    """The file's column names."""
    with _readable(path) as name, _connected(path) as connection:
        return tuple(_types(connection, name))


def parquet_length(path: Path) -> int:
    """How many rows the file says it holds. pyarrow.parquet would tell, too: importing it takes longer."""
    with _readable(path) as name, _connected(path) as connection:
        ((rows,),) = connection.execute("SELECT count(*) FROM read_parquet(?)", [name]).fetchall()
    return int(rows)


def parquet_rows(path: Path, columns: Sequence[str], numbers: Sequence[int] | None = None) -> Iterator[RawRow]:
    """The rows, with those of `columns` that the file has; timestamps as aware UTC (without a zone they are UTC).

    With `numbers` those rows alone, in order: DuckDB skips a row in a hundredth of the time that handing it over takes.
    """
    with _readable(path) as name, _connected(path) as connection:
        types = {column: kind for column, kind in _types(connection, name).items() if column.lower() in columns}
        timed = [kind.startswith("TIMESTAMP") for kind in types.values()]
        wanted = ", ".join(_expression(column, kind) for column, kind in types.items())
        given: list[str | list[int]] = [name]
        query = f"SELECT row_number() OVER (), {wanted} FROM read_parquet(?)"  # noqa: S608 (names are quoted)
        if numbers is not None:
            query = f"""SELECT file_row_number + 1, {wanted} FROM read_parquet(?, file_row_number = true)
                WHERE file_row_number + 1 IN (SELECT unnest(?)) ORDER BY 1"""  # noqa: S608 (likewise)
            given = [name, list(numbers)]
        found = connection.execute(query, given)
        while batch := found.fetchmany(_BATCH):
            for number, *cells in batch:
                yield RawRow(number, dict(zip(map(str.lower, types), map(_cell, cells, timed), strict=True)))


def _expression(column: str, kind: str) -> str:
    quoted = '"' + column.replace('"', '""') + '"'
    if kind.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"epoch_us({quoted})"
    # As microseconds: a value of TIMESTAMP_NS or TIMESTAMP_S has no Python type that keeps it whole.
    return f"epoch_us({quoted}::TIMESTAMP)" if kind.startswith("TIMESTAMP") else quoted


def _cell(value: object, timed: bool) -> object:  # noqa: FBT001 (mapped over two lists)
    if not timed or not isinstance(value, int):
        return value
    try:
        return _EPOCH + timedelta(microseconds=value)
    except OverflowError:
        return "out of range"


def _types(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    rows: list[Any] = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [name]).fetchall()
    return {row[0]: row[1] for row in rows}


@contextmanager
def _connected(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config=_SETTINGS)
    try:
        yield connection
    except duckdb.Error:
        raise SourceError(f"{path.name} is not a readable Parquet file", cure="export it again") from None
    finally:
        connection.close()


@contextmanager
def _readable(path: Path) -> Iterator[str]:
    """A name that DuckDB opens as this one file: that of a copy where it is gzipped or would be read as a pattern."""
    with opened(path) as file:
        if isinstance(file, BufferedReader) and not set(str(path)) & set(_PATTERN_SIGNS):
            yield str(path)
            return
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "rows.parquet"
            with copy.open("wb") as into:
                copyfileobj(file, into)
            yield str(copy)
