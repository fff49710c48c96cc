"""The price book, what may become part of it, what happened to it, what model names mean, and retirements."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import NanoUsd, UtcDateTime, type_id


class PriceRow(Base):
    """One line of the price book. Appended; a line ends by a later line or by being superseded.

    `usd_per_mtok` is USD per `unit`, which is a million tokens for all kinds but those that are paid by the hour.
    `original` tells an amount that was given in another `currency`, with its rate and the rate's day.
    """

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
    source_sha256: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[str] = mapped_column(Text, default="mtok")
    currency: Mapped[str] = mapped_column(Text, default="USD")
    original: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(Text, default="active")
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("price.id"))


class PriceImport(Base):
    """A price list that was read, byte for byte under its hash; the installed package keeps its own bytes."""

    __tablename__ = "price_import"

    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    form: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PriceProposal(Base):
    """A difference between a price list and the book, waiting for a yes or a no, or decided.

    `key` says what differs from which line of the book, so that reading a list again proposes nothing twice.
    `declared` says that the list itself dates the change; else `valid_from` is when it was noticed. `why` is what the
    guards say, `decided_why` what the person said who decided.
    """

    __tablename__ = "price_proposal"
    __table_args__ = (Index("ix_price_proposal_status", "status"),)

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("price_import.sha256"))
    model: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    tier_min_input_tokens: Mapped[int] = mapped_column(Integer, default=0)
    processing: Mapped[str] = mapped_column(Text, default="standard")
    change: Mapped[str] = mapped_column(Text)
    old: Mapped[Decimal | None] = mapped_column(NanoUsd)
    new: Mapped[Decimal | None] = mapped_column(NanoUsd)
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    declared: Mapped[bool]
    source: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_why: Mapped[str] = mapped_column(Text, default="")


class PriceEvent(Base):
    """Something that happened to a price or a model, once; `judged_at` is when its features were judged again."""

    __tablename__ = "price_event"
    __table_args__ = (Index("ix_price_event_model", "model"),)

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    model: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    detail: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


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
