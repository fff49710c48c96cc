"""What was promised when a migration was finished, and what each span after it brought."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import NanoUsd, UtcDateTime, type_id


class MigrationRow(Base):
    """A finished migration; `verdict_id` is the judgement whose snapshot is its frozen baseline.

    The two running costs are what the promise counted beside the calls, USD a month.
    """

    __tablename__ = "migration"

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"), unique=True)
    verdict_id: Mapped[int] = mapped_column(ForeignKey("verdict.id"))
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)
    promised_usd_month: Mapped[Decimal | None] = mapped_column(NanoUsd)
    running_before_usd_month: Mapped[Decimal] = mapped_column(NanoUsd)
    running_after_usd_month: Mapped[Decimal] = mapped_column(NanoUsd)


class LedgerSpanRow(Base):
    """One measured span of a migration: the change in cost against the baseline, or why it could not be measured."""

    __tablename__ = "ledger_span"
    __table_args__ = (UniqueConstraint("migration_id", "number"),)

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    migration_id: Mapped[int] = mapped_column(ForeignKey("migration.id"))
    number: Mapped[int] = mapped_column(Integer)
    start: Mapped[date]
    end: Mapped[date]
    measured_at: Mapped[datetime] = mapped_column(UtcDateTime)
    calls: Mapped[int] = mapped_column(BigInteger)
    usage_usd: Mapped[Decimal | None] = mapped_column(NanoUsd)
    volume_usd: Mapped[Decimal | None] = mapped_column(NanoUsd)
    price_usd: Mapped[Decimal | None] = mapped_column(NanoUsd)
    strategy_usd: Mapped[Decimal | None] = mapped_column(NanoUsd)
    unmeasured: Mapped[str | None] = mapped_column(Text)
