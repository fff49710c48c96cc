"""Parquet files row by row, streamed by DuckDB at bounded memory."""

import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BufferedReader
from pathlib import Path
from shutil import copyfileobj

import duckdb
from duckdb.sqltypes import DuckDBPyType

from collectors.nested_cells import DEEPEST, inside, path_of
from collectors.quoted import quoted_name
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


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file, or what stands inside one: its name in small letters, its formula and type in DuckDB."""

    name: str
    cell: str
    kind: str


def parquet_columns(path: Path, inner: Collection[str] = ()) -> tuple[str, ...]:
    """The file's columns in small letters; instead of those that dotted names lead into, what stands inside them."""
    with _readable(path) as name, _connected(path) as connection:
        return tuple(column.name for column in columns_of(connection, name, inner))


def parquet_names(path: Path) -> tuple[str, ...]:
    """The file's columns in small letters, and what stands inside them, by dotted names."""
    with _readable(path) as file, _connected(path) as connection:
        types = _types(connection, file)
        inner = (column.name for name, kind in types.items() for column in _columns(_column(name, kind), kind))
        return tuple(dict.fromkeys((*map(str.lower, types), *inner)))


def columns_of(connection: duckdb.DuckDBPyConnection, file: str, inner: Collection[str] = ()) -> list[Column]:
    """As `parquet_columns`, with how DuckDB reads them."""
    types = _types(connection, file)
    there = {name.lower() for name in types}
    entered = {keys[0] for name in inner if name not in there and (keys := path_of(name))}
    return [
        column
        for name, kind in types.items()
        for column in (_columns(_column(name, kind), kind) if name.lower() in entered else [_column(name, kind)])
    ]


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
        found = [column for column in columns_of(connection, name, columns) if column.name in columns]
        timed, names = [column.kind.startswith("TIMESTAMP") for column in found], [column.name for column in found]
        wanted = ", ".join(map(_expression, found))
        given: list[str | list[int]] = [name]
        query = f"SELECT row_number() OVER (), {wanted} FROM read_parquet(?)"  # noqa: S608 (names are quoted)
        if numbers is not None:
            query = f"""SELECT file_row_number + 1, {wanted} FROM read_parquet(?, file_row_number = true)
                WHERE file_row_number + 1 IN (SELECT unnest(?)) ORDER BY 1"""  # noqa: S608 (likewise)
            given = [name, list(numbers)]
        rows = connection.execute(query, given)
        while batch := rows.fetchmany(_BATCH):
            for number, *cells in batch:
                yield RawRow(number, dict(zip(names, map(_cell, cells, timed), strict=True)))


def _expression(column: Column) -> str:
    if column.kind.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"epoch_us({column.cell})"
    # As microseconds: a value of TIMESTAMP_NS or TIMESTAMP_S has no Python type that keeps it whole.
    return f"epoch_us({column.cell}::TIMESTAMP)" if column.kind.startswith("TIMESTAMP") else column.cell


def _cell(value: object, timed: bool) -> object:  # noqa: FBT001 (mapped over two lists)
    if not timed or not isinstance(value, int):
        return value
    try:
        return _EPOCH + timedelta(microseconds=value)
    except OverflowError:
        return "out of range"


def _types(connection: duckdb.DuckDBPyConnection, file: str) -> dict[str, DuckDBPyType]:
    found = connection.sql("SELECT * FROM read_parquet($1)", params=[file])
    return dict(zip(found.columns, found.types, strict=True))


def _column(name: str, kind: DuckDBPyType) -> Column:
    return Column(name.lower(), quoted_name(name), str(kind))


def _columns(whole: Column, kind: DuckDBPyType, depth: int = 1) -> Iterator[Column]:
    """What stands inside a column, where it is a struct; else itself."""
    fields = _fields(kind) if depth < DEEPEST else {}
    if not fields:
        yield whole
    for name, field in fields.items():
        cell = f"{whole.cell}.{quoted_name(name)}"
        yield from _columns(Column(inside(whole.name, name.lower()), cell, str(field)), field, depth + 1)


def _fields(kind: DuckDBPyType) -> dict[str, DuckDBPyType]:
    # Of other types not all children are types.
    inner = kind.children if kind.id == "struct" else []
    return {name: field for name, field in inner if isinstance(field, DuckDBPyType)}


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
