"""What a failing database raises, and how to speak of it without its statements, parameters or passwords."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# Everything the database layer raises: unreachable, locked, full, not migrated.
DatabaseError = SQLAlchemyError

_LONGEST = 200
RESTORE = "stop Offramp, keep a copy of the file, then `offramp restore` the newest back-up"
_DAMAGED, _FULL = ("SQLITE_CORRUPT", "SQLITE_NOTADB"), ("SQLITE_FULL",)
_DISK_FULL = "53100"
# PostgreSQL's undefined_table and undefined_column; SQLite has only words for them.
_UNDEFINED = ("42P01", "42703")
_NO_SUCH = ("no such table", "no such column")
MIGRATE = "run `offramp migrate`"


def database_words(error: SQLAlchemyError) -> str:
    """The kind of failure and the driver's first line; SQLAlchemy's own text would show parameters."""
    kind = type(error).__name__
    if not isinstance(error, DBAPIError) or error.orig is None:
        return kind
    # PostgreSQL's DETAIL and CONTEXT lines quote values of rows; the first line does not.
    first = str(error.orig).strip().partition("\n")[0]
    return f"{kind}: {first[:_LONGEST]}"


def is_denied(error: Exception) -> bool:
    """Whether PostgreSQL refused a statement because the role of this process has no right to it (SQLSTATE 42501)."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == "42501"


def is_unmigrated(error: Exception) -> bool:
    """Whether the database lacks a table or a column of ours: `migrate` was not run, or another version's was."""
    if not isinstance(error, DBAPIError) or error.orig is None:
        return False
    if getattr(error.orig, "sqlstate", None) in _UNDEFINED:
        return True
    words = str(error.orig)
    return words.startswith(_NO_SUCH) or "has no column named" in words


def is_damaged(error: SQLAlchemyError) -> bool:
    """Whether SQLite found its file to be none, or torn."""
    return _sqlite_kind(error).startswith(_DAMAGED)


def database_cure(error: SQLAlchemyError) -> str:
    """What to do about it, in a person's words."""
    if is_damaged(error):
        return RESTORE
    if is_unmigrated(error):
        return MIGRATE
    full = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == _DISK_FULL
    if full or _sqlite_kind(error).startswith(_FULL):
        return "make room on the disk of the database; nothing that was there is lost"
    return "check --db and that the database is up"


def _sqlite_kind(error: SQLAlchemyError) -> str:
    return str(getattr(error.orig, "sqlite_errorname", "")) if isinstance(error, DBAPIError) else ""


def is_away(error: SQLAlchemyError) -> bool:
    """Whether the database is the trouble (unreachable, locked, full, damaged, not migrated), not what it was given."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    known = lost or is_damaged(error) or is_unmigrated(error)
    return known or isinstance(error, OperationalError | InterfaceError | PoolTimeout)
