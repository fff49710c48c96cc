"""PostgreSQL keeps each year of the rollups in a table of its own, made with the schema: no process makes one later.

Measured against months (docs/capacity.md): a year costs a query nothing, as many months do.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, text

_HOUR = 3600
# The unit that each table is partitioned by, in seconds since 1970.
PARTITIONED = {"rollup": _HOUR, "latency_count": 24 * _HOUR}
YEARS = range(2025, 2035)
_REST = "rest"
_FOUND = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = CAST(:table AS regclass)"


def is_partition(name: str | None) -> bool:
    """Whether a table is a part of another one, which alone is known to the code.

    >>> is_partition("rollup_2026"), is_partition("latency_count_rest"), is_partition("rollup")
    (True, True, False)
    """
    parent, _, part = (name or "").rpartition("_")
    return parent in PARTITIONED and (part == _REST or part.isdigit())


def make_partitions(connection: Connection) -> list[str]:
    """Make what is missing: a table for each of YEARS, and one for whatever lies outside them; which ones."""
    made = []
    for table, seconds in PARTITIONED.items():
        found = set(connection.scalars(text(_FOUND), {"table": table}))
        parts = {f"{table}_{year}": f"FOR VALUES FROM ({_start(year, seconds)}) TO ({_start(year + 1, seconds)})"
                 for year in YEARS}  # fmt: skip # a row of a table for each year
        for name, values in {**parts, f"{table}_{_REST}": "DEFAULT"}.items():
            if name not in found:
                connection.exec_driver_sql(f"CREATE TABLE {name} PARTITION OF {table} {values}")
                made.append(name)
    return made


def _start(year: int, seconds: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) // seconds
