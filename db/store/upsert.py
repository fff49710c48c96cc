"""INSERT … ON CONFLICT for SQLite and PostgreSQL alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.base import Base
from db.wanted import driver_mark

Rows = Sequence[dict[str, Any]]
Sums = Mapping[tuple[Any, ...], Sequence[int]]


def insert_into(session: Session, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of the session's own dialect: the one that knows ON CONFLICT."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_all(session: Session, table: type[Base], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows of plain values, none of which is there yet: through the driver, for the path that must be quick."""
    if rows:
        session.connection().exec_driver_sql(_insert(session, table, columns), list(rows))


def add_rows(
    session: Session, table: type[Base], keys: Sequence[str], counts: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """`add_counts` of plain values through the driver: rows of keys and counts, in order as there."""
    if rows:
        adding = ", ".join(f"{count} = {table.__tablename__}.{count} + excluded.{count}" for count in counts)
        conflict = f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {adding}"
        session.connection().exec_driver_sql(f"{_insert(session, table, (*keys, *counts))} {conflict}", list(rows))


def add_plain(session: Session, table: type[Base], keys: Sequence[str], counts: Sequence[str], sums: Sums) -> None:
    """`add_rows` of sums, in the order of `counts`, by the values of `keys`."""
    add_rows(session, table, keys, counts, [(*key, *sums[key]) for key in sorted(sums)])


def subtract_plain(session: Session, table: type[Base], keys: Sequence[str], counts: Sequence[str], sums: Sums) -> None:
    """The reverse of `add_plain` where as much is there; a row that counts nothing any more goes."""
    if sums:
        name, mark = table.__tablename__, driver_mark(session)
        less = ", ".join(f"{count} = {count} - {mark}" for count in counts)
        here = " AND ".join(f"{key} = {mark}" for key in keys)
        enough = " AND ".join(f"{count} >= {mark}" for count in counts)
        none = " AND ".join(f"{count} = 0" for count in counts)
        rows = [(*sums[key], *key, *sums[key]) for key in sorted(sums)]
        run = session.connection().exec_driver_sql
        run(f"UPDATE {name} SET {less} WHERE {here} AND {enough}", rows)  # noqa: S608 (names of our own columns)
        run(f"DELETE FROM {name} WHERE {here} AND {none}", sorted(sums))  # noqa: S608 (names of our own columns)


def _insert(session: Session, table: type[Base], columns: Sequence[str]) -> str:
    marks = ", ".join([driver_mark(session)] * len(columns))
    return f"INSERT INTO {table.__tablename__} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 (names of our own columns)


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
