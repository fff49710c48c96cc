"""The price book, what senders' model names mean, and announced retirements."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import NanoUsd, UtcDateTime, type_id


class PriceRow(Base):
    """One line of the price book. Appended; a line ends by a later line or by being superseded."""

    __tablename__ = "price"
    __table_args__ = (
        Index("ix_price_model_valid_from", "model", "valid_from"),
        UniqueConstraint(
            "model", "kind", "tier_min_input_tokens", "processing", "valid_from", "recorded_at", name="uq_price_line"
        ),
    )

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    model: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    usd_per_mtok: Mapped[Decimal] = mapped_column(NanoUsd)
    tier_min_input_tokens: Mapped[int] = mapped_column(Integer, default=0)
    processing: Mapped[str] = mapped_column(Text, default="standard")
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    source_version: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(Text, default="active")
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("price.id"))


class ModelName(Base):
    """What a sender's (provider, model) means: the price book's id, or NULL where nobody knows it."""

    __tablename__ = "model_name"

    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    model: Mapped[str | None] = mapped_column(Text, index=True)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RetirementRow(Base):
    """The day a model stops answering."""

    __tablename__ = "retirement"

    model: Mapped[str] = mapped_column(Text, primary_key=True)
    on: Mapped[date] = mapped_column("retires_on", primary_key=True)
    replacement: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
