"""The spill journal: records that a receiver took while the database was away, durable in a small file of their own.

The file is SQLite's, without a WAL and fully synchronous: a record is on disk when `append` returns, several processes
may share it, a torn write rolls back, and a full disk says so. It is never the database itself.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST_BYTES = 2**30
# A record may be some ten megabytes: few such are taken into memory together.
_AT_ONCE_BYTES = 2**24
_PAGE = 4096
_PRAGMAS = ("journal_mode=TRUNCATE", "synchronous=FULL", "busy_timeout=5000")
# A number is never used again: a second process may still be about to remove what it read under that number.
_TABLE = "CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL, failed TEXT)"


class JournalFull(Exception):  # noqa: N818 (a state of the disk, not a fault)
    """No room for another record, or no way to write it: it was not kept."""


class Journal:
    """Records in the order in which they came; safe from several threads and processes."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        self._path = path
        self._most_pages = max(8, most_bytes // _PAGE)
        self.away = False
        """Whether the database could not be reached when last tried: then nobody waits for it."""

    def append(self, body: bytes) -> None:
        """Keep a record; it is on disk when this returns.

        Raises:
            JournalFull: it could not be kept.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._open() as connection:
                connection.execute("INSERT INTO record (body) VALUES (?)", (body,))
        except (sqlite3.Error, OSError) as error:
            raise JournalFull(type(error).__name__) from None

    def waiting(self, most: int, most_bytes: int = _AT_ONCE_BYTES) -> list[tuple[int, bytes]]:
        """Up to `most` of the oldest records that wait for the database, with their numbers; one if it is large."""
        found: list[tuple[int, bytes]] = []
        if not self._path.exists():
            return found
        with self._open() as connection:
            query = "SELECT id, body FROM record WHERE failed IS NULL ORDER BY id LIMIT ?"
            for number, body in connection.execute(query, (most,)):
                found.append((int(number), bytes(body)))
                most_bytes -= len(body)
                if most_bytes <= 0:
                    break
        return found

    def counts(self) -> tuple[int, int]:
        """How many records wait, and how many the database would not take and a person should look at."""
        if not self._path.exists():
            return 0, 0
        with self._open() as connection:
            row = connection.execute("SELECT count(*) - count(failed), count(failed) FROM record").fetchone()
        return int(row[0]), int(row[1])

    def remove(self, number: int) -> None:
        """Forget a record that the database has taken."""
        with self._open() as connection:
            connection.execute("DELETE FROM record WHERE id = ?", (number,))

    def set_aside(self, number: int, why: str) -> None:
        """Keep a record that the database would not take, out of the way of the others."""
        with self._open() as connection:
            connection.execute("UPDATE record SET failed = ? WHERE id = ?", (why, number))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            for pragma in (*_PRAGMAS, f"max_page_count={self._most_pages}"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute(_TABLE)
            yield connection
        finally:
            connection.close()
