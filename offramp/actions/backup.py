"""Back up, restore, and move between SQLite and PostgreSQL. Every copy is compared, row by row, before it counts."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from db.backup import BackupError, back_up_sqlite, check_sqlite
from db.migrate import upgrade
from db.revision import current, head
from db.session import Engine, make_engine, shown_url
from db.transfer import TableCount, Unequal, copy_all, filled_tables, sums
from offramp.actions.failure import BadInput, Problem

Progress = Callable[[str, int], None]

__all__ = ["BackupError", "Moved", "Unequal", "back_up", "copy_to", "restore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What was copied and compared."""

    tables: tuple[TableCount, ...]

    @property
    def rows(self) -> int:
        """Rows in all tables."""
        return sum(table.rows for table in self.tables)

    def document(self) -> dict[str, object]:
        """The counts and digests as JSON."""
        tables = [{"table": item.name, "rows": item.rows, "sha256_sum": item.digest} for item in self.tables]
        return {"rows": self.rows, "tables": tables}


def back_up(engine: Engine, file: Path, progress: Progress) -> Moved:
    """Write the whole database, as it stands now, into a SQLite file; others go on reading and writing.

    Raises:
        BadInput: the file exists, its folder does not, or the schema is not of this version.
        BackupError, Unequal: the copy did not succeed; no file is left.
    """
    _must_be_current(engine)
    if file.exists():
        raise _refusal(f"{file} exists", "name a new file: a back-up replaces none")
    if not file.parent.is_dir():
        raise _refusal(f"there is no folder {file.parent}", "make it, or name another")
    if engine.dialect.name == "sqlite":
        back_up_sqlite(engine, file)
        return Moved(tables=tuple(_of_file(file, progress)))
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    copied = make_engine(f"sqlite:///{part}")
    try:
        upgrade(copied)
        moved = Moved(tables=tuple(copy_all(engine, copied, progress)))
        back_up_sqlite(copied, file)
    finally:
        copied.dispose()
        for left in file.parent.glob(f"{part.name}*"):
            left.unlink()
    return moved


def restore(engine: Engine, file: Path, progress: Progress) -> Moved:
    """Fill an empty database from a back-up, which may be of an older schema; the back-up itself is not touched.

    Raises:
        BadInput: there is no such file, or the database holds something already.
        BackupError, Unequal: the back-up is not whole, or the copy is not equal; the database stays empty.
    """
    if not file.is_file():
        raise _refusal(f"there is no file {file}", "name a file that `offramp backup` wrote")
    check_sqlite(file)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "restored.db"
        shutil.copyfile(file, copy)
        source = make_engine(f"sqlite:///{copy}")
        try:
            if current(source) is None:
                raise _refusal(f"{file} is no database of Offramp", "name a file that `offramp backup` wrote")
            upgrade(source)
            return copy_to(source, engine, progress)
        finally:
            source.dispose()


def copy_to(source: Engine, target: Engine, progress: Progress) -> Moved:
    """Copy everything into an empty database of either kind; its schema is made where it is missing.

    Raises:
        BadInput: the source's schema is not of this version, or the target holds something already.
        Unequal: what arrived is not what was sent; the target stays empty.
    """
    _must_be_current(source)
    upgrade(target)
    filled = filled_tables(target)
    if filled:
        shown = shown_url(target.url.render_as_string(hide_password=False))
        told = f"{shown} is not empty: {', '.join(filled[:3])} hold rows"
        raise _refusal(told, "name a new database: nothing is written over")
    return Moved(tables=tuple(copy_all(source, target, progress)))


def _of_file(file: Path, progress: Progress) -> list[TableCount]:
    written = make_engine(f"sqlite:///{file}")
    try:
        return sums(written, progress)
    finally:
        written.dispose()
        # Reading opens a write-ahead log beside the file; closing the last connection empties it.
        for name in ("-wal", "-shm"):
            file.with_name(file.name + name).unlink(missing_ok=True)


def _must_be_current(engine: Engine) -> None:
    if current(engine) != head():
        raise _refusal("the database has another schema", "run `offramp migrate` once")


def _refusal(error: str, cure: str) -> BadInput:
    return BadInput([Problem(error=error, cure=cure)])
