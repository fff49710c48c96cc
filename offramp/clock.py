"""The wall clock, read here and nowhere else; everywhere else time is an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)
