"""Engines and transactions. `transaction` is the only place that commits.

The names that the rest of Offramp needs of SQLAlchemy are passed on here: only `db` imports it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

__all__ = [
    "Engine",
    "Session",
    "engine_for",
    "make_engine",
    "missing_file",
    "normal_url",
    "reading",
    "shown_url",
    "transaction",
]

# Waiting beats failing: measured 0 errors with five writers at 10 s, thousands without it.
_BUSY_TIMEOUT_MS = 10_000
# Who has a journal to go to does not keep a sender waiting: exporters give up after ten seconds in all.
_IMPATIENT_MS = 2_000
# 32 MB of pages: keys of spans lie anywhere in their indexes, and the 2 MB of the default hold too few of these.
_CACHE_KIB = 32 * 1024
# 64 MB of log: keys of spans touch a page each, and one that is touched again before its turn is copied once.
_LOG_PAGES = 16_000
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    f"busy_timeout={_BUSY_TIMEOUT_MS}",
    "foreign_keys=ON",
    f"wal_autocheckpoint={_LOG_PAGES}",
    f"cache_size=-{_CACHE_KIB}",
)


def _on_sqlite_connect(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    # Its own knows the letters of English alone; a search finds any, as it does on PostgreSQL.
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: str | None) -> str | None:
    return text.lower() if isinstance(text, str) else text


def _on_sqlite_begin(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once, whatever the busy timeout.
    options = connection.get_execution_options()
    wait = _IMPATIENT_MS if options.get("impatient") else _BUSY_TIMEOUT_MS
    connection.exec_driver_sql(f"PRAGMA busy_timeout={wait}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write") else "BEGIN")


def normal_url(url: str) -> str:
    """The URL with the driver this project uses: `postgresql://` means psycopg 3."""
    parsed = make_url(url)
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def shown_url(url: str) -> str:
    """The URL for a person to read, without its password."""
    return make_url(url).render_as_string(hide_password=True)


def missing_file(url: str) -> Path | None:
    """The SQLite file that the first connection would make; None where it is there, or the database is no file."""
    parsed = make_url(url)
    name = parsed.database
    if parsed.get_backend_name() != "sqlite" or not name or name == ":memory:" or name.startswith("file:"):
        return None
    return None if Path(name).exists() else Path(name)


@lru_cache(maxsize=8)
def engine_for(url: str) -> Engine:
    """The process's one engine for this database."""
    return make_engine(url)


def make_engine(url: str) -> Engine:
    """A new engine: SQLite with WAL, full durability and immediate write transactions."""
    options: dict[str, Any] = {"pool_pre_ping": True}
    if make_url(url).database not in {None, "", ":memory:"}:
        # Whoever comes next takes the connection that was used last: its pages are the ones still in memory.
        options["pool_use_lifo"] = True
    engine = create_engine(normal_url(url), **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    return engine


@contextmanager
def transaction(engine: Engine, *, patient: bool = True) -> Iterator[Session]:
    """One write transaction: committed when the block ends, rolled back when it raises.

    Who is not `patient` fails after two seconds of waiting for another writer, not ten.
    """
    chosen = engine.execution_options(write=True, impatient=not patient)
    with Session(chosen, expire_on_commit=False) as session, session.begin():
        if not patient and engine.dialect.name == "postgresql":
            session.execute(text(f"SET LOCAL lock_timeout = {_IMPATIENT_MS}"))
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One consistent read; nothing is written."""
    with Session(engine) as session:
        yield session
        session.rollback()
