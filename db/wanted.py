"""Rows by the values of one column, through the driver: for the path that must be quick.

SQLAlchemy's `in_` is compiled anew for every length of a list and turns each row into an object: several times what the
database itself needs. Values come and go as the driver knows them.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

# SQLite takes 32,766 parameters in one statement; lists are filled up to these lengths, so that statements are few.
_LENGTHS = (8, 64, 512)


def driver_mark(session: Session) -> str:
    """What stands for a value in a statement of the session's driver."""
    return "%s" if session.get_bind().dialect.name == "postgresql" else "?"


def rows_where(session: Session, query: str, column: str, values: Collection[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of `query`, which ends in a condition of its own or in `WHERE true`, whose `column` is in `values`."""
    wanted = list(values)
    if session.get_bind().dialect.name == "postgresql":
        if wanted:
            yield from _fetched(session, f"{query} AND {column} = ANY(%s)", (wanted,))
        return
    for start in range(0, len(wanted), _LENGTHS[-1]):
        some = wanted[start : start + _LENGTHS[-1]]
        length = next(length for length in _LENGTHS if length >= len(some))
        marks = ", ".join("?" * length)
        filled = (*some, *some[-1:] * (length - len(some)))
        yield from _fetched(session, f"{query} AND {column} IN ({marks})", filled)


def rows_at(
    session: Session, table: str, keys: Sequence[str], columns: Sequence[str], wanted: Sequence[tuple[Any, ...]]
) -> Iterator[tuple[Any, ...]]:
    """The keys and the columns of the rows of `table` that have one of these values of `keys`."""
    marks = f"({', '.join([driver_mark(session)] * len(keys))})"
    same = " AND ".join(f"{table}.{key} = wanted.{key}" for key in keys)
    chosen = ", ".join(f"{table}.{column}" for column in (*keys, *columns))
    for start in range(0, len(wanted), _LENGTHS[1]):
        some = wanted[start : start + _LENGTHS[1]]
        # A join, for SQLite reads all of a table to find rows by a list of several columns.
        query = (
            f"WITH wanted ({', '.join(keys)}) AS (VALUES {', '.join([marks] * len(some))}) "  # noqa: S608 (names of our own)
            f"SELECT {chosen} FROM wanted CROSS JOIN {table} WHERE {same}"
        )
        yield from _fetched(session, query, tuple(value for values in some for value in values))


def _fetched(session: Session, statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.connection().exec_driver_sql(statement, parameters).cursor.fetchall()]
