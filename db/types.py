"""Column types that keep money exact and time in UTC on every database."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator

NANO = Decimal(10**9)

# SQLite numbers its rows by a plain INTEGER key only.
type_id = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant. A naive one is refused: SQLite would drop its offset without a word."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC; SQLite stores it without an offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"naive time {value!r}: give it a time zone"
            raise ValueError(message)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """From the database: aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class NanoUsd(TypeDecorator[Decimal]):
    """USD as whole billionths in a BIGINT: exact on SQLite and PostgreSQL, sums included."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """To the database; an amount finer than a billionth is refused rather than rounded."""
        if value is None:
            return None
        nano = value * NANO
        if nano != nano.to_integral_value():
            message = f"{value} USD is finer than a billionth of a dollar"
            raise ValueError(message)
        return int(nano)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:  # noqa: ANN401, ARG002 (SQLAlchemy's signature; SUM on PostgreSQL is Decimal)
        """From the database."""
        return None if value is None else Decimal(int(value)) / NANO


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal number kept digit for digit, as text (scores, floors: never summed in SQL)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """To the database."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """From the database."""
        return None if value is None else Decimal(value)
