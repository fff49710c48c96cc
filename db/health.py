"""How the database itself is: its version, whether its file is whole, how much room it has, whether commits last."""

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """What can be asked of a database; None where a question is not of its kind."""

    version: str
    sqlite: tuple[int, int, int] | None = None
    integrity: str | None = None
    free_bytes: int | None = None
    durable: bool | None = None


def database_facts(engine: Engine) -> DatabaseFacts | None:
    """The facts, or None for a SQLite file that does not exist (it is not made)."""
    if engine.dialect.name == "sqlite":
        return _of_sqlite(engine)
    with engine.connect() as connection:
        settings = [connection.scalar(text(f"SHOW {name}")) for name in ("fsync", "synchronous_commit")]
        version = connection.scalar(text("SHOW server_version"))
    return DatabaseFacts(version=f"PostgreSQL {version}", durable="off" not in settings)


def _of_sqlite(engine: Engine) -> DatabaseFacts | None:
    name = engine.url.database
    file = None if name in (None, "", ":memory:") else Path(str(name))
    if file is not None and not file.exists():
        return None
    with engine.connect() as connection:
        integrity = str(connection.scalar(text("PRAGMA quick_check(1)")))
    return DatabaseFacts(
        version=f"SQLite {sqlite3.sqlite_version}",
        sqlite=sqlite3.sqlite_version_info,
        integrity=integrity,
        free_bytes=None if file is None else shutil.disk_usage(file.resolve().parent).free,
    )
