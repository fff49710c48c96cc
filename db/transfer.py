"""Moves everything from one database into another, checked row by row on both sides.

Both must have the schema of this version. The target must be empty; what fails leaves it so.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, Integer, LargeBinary, Table, func, insert, select, text

from db.tables import FeatureRow

# Rows a round trip: large enough that the trip does not count, small enough for a few MB of memory.
_BATCH = 5_000
# Some tables hold thousands of things in a row.
_BATCH_OF_PACKS = 50
_WIDE = 2**256

Progress = Callable[[str, int], None]


class Unequal(Exception):  # noqa: N818 (it is what it says: the two sides are not equal)
    """What arrived is not what was sent; the target was left as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCount:
    """One table's rows, and a sum over the SHA-256 of each, which no order of reading changes."""

    name: str
    rows: int
    digest: str


def filled_tables(engine: Engine) -> list[str]:
    """The tables that hold rows, by name."""
    with _frozen(engine) as connection:
        return [table.name for table in _tables() if connection.execute(select(1).select_from(table).limit(1)).scalar()]


def sums(engine: Engine, progress: Progress = lambda _name, _rows: None) -> list[TableCount]:
    """The count and digest of every table as they stand at one instant."""
    with _frozen(engine) as connection:
        return [_summed(connection, table, progress) for table in _tables()]


def copy_all(source: Engine, target: Engine, progress: Progress = lambda _name, _rows: None) -> list[TableCount]:
    """Copy every table, in one transaction of the target, and compare both sides before it is kept.

    Raises:
        Unequal: a row is not the same on both sides.
    """
    done = []
    with _frozen(source) as here, target.execution_options(write=True).begin() as there:
        for table in _tables():
            sent = _sent(here, there, table, progress)
            arrived = _summed(there, table)
            if sent != arrived:
                message = f"{table.name}: rows sent {sent.rows:,}, arrived {arrived.rows:,}, or a value changed"
                raise Unequal(message)
            done.append(arrived)
        if there.dialect.name == "postgresql":
            _advance_numbering(there)
    return done


def _tables() -> Sequence[Table]:
    return FeatureRow.metadata.sorted_tables


@contextmanager
def _frozen(engine: Engine) -> Iterator[Connection]:
    """One instant of the database, however many statements read it."""
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.execution_options(**options).connect() as connection:
        yield connection
        connection.rollback()


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    # By key, so that a row that points to an older one of its own table finds it.
    query = select(table).order_by(*table.primary_key.columns)
    packs = any(isinstance(column.type, LargeBinary) and column.type.length is None for column in table.columns)
    result = connection.execute(query, execution_options={"yield_per": _BATCH_OF_PACKS if packs else _BATCH})
    for part in result.mappings().partitions():
        yield [dict(row) for row in part]


def _sent(here: Connection, there: Connection, table: Table, progress: Progress) -> TableCount:
    total, count = 0, 0
    for rows in _batches(here, table):
        there.execute(insert(table), rows)
        total, count = total + _sum(rows), count + len(rows)
        progress(table.name, count)
    return TableCount(name=table.name, rows=count, digest=f"{total % _WIDE:064x}")


def _summed(connection: Connection, table: Table, progress: Progress = lambda _name, _rows: None) -> TableCount:
    total, count = 0, 0
    for rows in _batches(connection, table):
        total, count = total + _sum(rows), count + len(rows)
        progress(table.name, count)
    return TableCount(name=table.name, rows=count, digest=f"{total % _WIDE:064x}")


def _sum(rows: Sequence[dict[str, Any]]) -> int:
    # Both sides hand over the same Python values (db.types): aware instants, Decimals, whole numbers, text, bytes.
    return sum(int.from_bytes(sha256(repr(sorted(row.items())).encode()).digest()) for row in rows)


def _advance_numbering(connection: Connection) -> None:
    """Let new rows be numbered after the copied ones."""
    for table in _tables():
        for column in table.primary_key.columns:
            if not (isinstance(column.type, Integer) and table.autoincrement_column is column):
                continue
            last = connection.scalar(select(func.max(column)))
            sequence = connection.scalar(
                text("SELECT pg_get_serial_sequence(:name, :column)"), {"name": table.name, "column": column.name}
            )
            if last is not None and sequence is not None:
                connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})
