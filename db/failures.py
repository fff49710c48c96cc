"""What a failing database raises, and how to speak of it without its statements, parameters or passwords."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# Everything the database layer raises: unreachable, locked, full, not migrated.
DatabaseError = SQLAlchemyError

_LONGEST = 200


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


def is_away(error: SQLAlchemyError) -> bool:
    """Whether the database is the trouble (unreachable, locked, full, not migrated), and not what it was given."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, OperationalError | InterfaceError | PoolTimeout)
