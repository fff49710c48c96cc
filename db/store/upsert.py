"""INSERT … ON CONFLICT for SQLite and PostgreSQL alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.base import Base

Rows = Sequence[dict[str, Any]]


def insert_into(session: Session, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of the session's own dialect: the one that knows ON CONFLICT."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_all(session: Session, table: type[Base], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows of plain values, none of which is there yet: through the driver, for the path that must be quick."""
    if rows:
        mark = "%s" if session.get_bind().dialect.name == "postgresql" else "?"
        marks = ", ".join([mark] * len(columns))
        statement = f"INSERT INTO {table.__tablename__} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 (names of our own columns)
        session.connection().exec_driver_sql(statement, list(rows))


def add_plain(
    session: Session,
    table: type[Base],
    keys: Sequence[str],
    counts: Sequence[str],
    sums: Mapping[tuple[Any, ...], Sequence[int]],
) -> None:
    """`add_counts` of plain values through the driver: the sums, in the order of `counts`, by the values of `keys`."""
    if sums:
        name, mark = table.__tablename__, "%s" if session.get_bind().dialect.name == "postgresql" else "?"
        columns = (*keys, *counts)
        adding = ", ".join(f"{count} = {name}.{count} + excluded.{count}" for count in counts)
        statement = (
            f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))}) "  # noqa: S608 (names of our own columns)
            f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {adding}"
        )
        # Sorted as in `add_counts`, and for the same reason.
        session.connection().exec_driver_sql(statement, [(*key, *sums[key]) for key in sorted(sums)])


def subtract_plain(
    session: Session,
    table: type[Base],
    keys: Sequence[str],
    counts: Sequence[str],
    sums: Mapping[tuple[Any, ...], Sequence[int]],
) -> None:
    """The reverse of `add_plain` where as much is there; a row that counts nothing any more goes."""
    if sums:
        name, mark = table.__tablename__, "%s" if session.get_bind().dialect.name == "postgresql" else "?"
        less = ", ".join(f"{count} = {count} - {mark}" for count in counts)
        here = " AND ".join(f"{key} = {mark}" for key in keys)
        enough = " AND ".join(f"{count} >= {mark}" for count in counts)
        none = " AND ".join(f"{count} = 0" for count in counts)
        rows = [(*sums[key], *key, *sums[key]) for key in sorted(sums)]
        run = session.connection().exec_driver_sql
        run(f"UPDATE {name} SET {less} WHERE {here} AND {enough}", rows)  # noqa: S608 (names of our own columns)
        run(f"DELETE FROM {name} WHERE {here} AND {none}", sorted(sums))  # noqa: S608 (names of our own columns)


def insert_new(session: Session, table: type[Base], rows: Rows, returning: str) -> set[Any]:
    """Insert what is not there yet; the values of `returning` for the rows that were new."""
    if not rows:
        return set()
    statement = insert_into(session, table).on_conflict_do_nothing().returning(getattr(table, returning))
    return set(session.scalars(statement, rows))


def add_counts(session: Session, table: type[Base], rows: Rows, keys: Sequence[str], counts: Sequence[str]) -> None:
    """Add `counts` onto the rows named by `keys`, creating those that are missing.

    Rows are sorted by key first: unsorted multi-row upserts of several writers deadlock on PostgreSQL.
    """
    if not rows:
        return
    ordered = sorted(rows, key=lambda row: tuple(row[key] for key in keys))
    statement = insert_into(session, table)
    # The session would sort the rows by which of their values are null, and write each kind apart.
    sums = {name: getattr(table, name) + statement.excluded[name] for name in counts}
    latest = {name: statement.excluded[name] for name in rows[0] if name not in keys and name not in counts}
    upsert = statement.on_conflict_do_update(index_elements=list(keys), set_={**sums, **latest})
    session.connection().execute(upsert, ordered)
