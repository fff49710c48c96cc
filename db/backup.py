"""Online back-ups of a SQLite database, by SQLite's own back-up interface."""

import os
import sqlite3
from pathlib import Path
from typing import cast

from sqlalchemy import Engine


class BackupError(Exception):
    """A back-up could not be made or is not whole; the message says why."""


def back_up_sqlite(engine: Engine, file: Path) -> None:
    """Copy the database as it stands at one instant into `file`, while others go on writing.

    The file appears whole or not at all.

    Raises:
        BackupError: the disk is full, or the copy is not whole.
    """
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    connection = engine.raw_connection()
    try:
        _copied(cast("sqlite3.Connection", connection.driver_connection), part)
        _flushed(part)
        part.replace(file)
    except (sqlite3.Error, OSError) as failure:
        message = f"{file.name} was not written: {failure}"
        raise BackupError(message) from failure
    finally:
        connection.close()
        for left in part.parent.glob(f"{part.name}*"):
            left.unlink()


def check_sqlite(file: Path) -> None:
    """See that a file is a whole SQLite database.

    Raises:
        BackupError: it is none, or it is torn.
    """
    try:
        with _opened(file) as connection:
            (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        connection.close()
    except sqlite3.Error as failure:
        message = f"{file.name} is no whole SQLite database: {failure}"
        raise BackupError(message) from failure
    if answer != "ok":
        message = f"{file.name} is damaged: {str(answer)[:200]}"
        raise BackupError(message)


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)


def _copied(source: sqlite3.Connection, part: Path) -> None:
    target = sqlite3.connect(part)
    try:
        source.backup(target)
        # One file, with no -wal beside it that a copy could leave behind.
        target.execute("PRAGMA journal_mode=DELETE")
        (answer,) = target.execute("PRAGMA quick_check(1)").fetchone()
    finally:
        target.close()
    if answer != "ok":
        raise sqlite3.DatabaseError(str(answer)[:200])


def _flushed(file: Path) -> None:
    with file.open("rb+") as written:
        os.fsync(written.fileno())
