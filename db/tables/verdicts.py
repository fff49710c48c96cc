"""Snapshots, verdicts and flips."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import ExactDecimal, NanoUsd, UtcDateTime, type_id


class SnapshotRow(Base):
    """The frozen facts of a judgement, stored once under their hash."""

    __tablename__ = "snapshot"

    sha: Mapped[str] = mapped_column(Text, primary_key=True)
    document: Mapped[str] = mapped_column(Text)


class VerdictRow(Base):
    """One judgement of one feature; `document` is the whole argument, byte for byte."""

    __tablename__ = "verdict"
    __table_args__ = (Index("ix_verdict_feature_id_id", "feature_id", "id"),)

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    feature_id: Mapped[int] = mapped_column(ForeignKey("feature.id"))
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    judged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verdict: Mapped[str] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(Text)
    now: Mapped[str] = mapped_column(Text)
    target: Mapped[str | None] = mapped_column(Text)
    saving_usd_month: Mapped[Decimal | None] = mapped_column(NanoUsd)
    confidence: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    due_by: Mapped[date | None]
    snapshot_sha: Mapped[str] = mapped_column(ForeignKey("snapshot.sha"))
    engine: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)


class FlipRow(Base):
    """A stored change of verdict, with its cause; the first judgement is a flip from nothing.

    The two amounts are what the feature cost a month by the two judgements; `event_id` is the price event behind it.
    """

    __tablename__ = "flip"
    __table_args__ = (Index("ix_flip_feature_id_id", "feature_id", "id"), Index("ix_flip_at", "at"))

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    feature_id: Mapped[int] = mapped_column(ForeignKey("feature.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    verdict_id: Mapped[int] = mapped_column(ForeignKey("verdict.id"))
    previous_verdict_id: Mapped[int | None] = mapped_column(ForeignKey("verdict.id"))
    from_verdict: Mapped[str | None] = mapped_column(Text)
    from_target: Mapped[str | None] = mapped_column(Text)
    from_code: Mapped[str | None] = mapped_column(Text)
    to_verdict: Mapped[str] = mapped_column(Text)
    to_target: Mapped[str | None] = mapped_column(Text)
    to_code: Mapped[str | None] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)
    cause_detail: Mapped[str] = mapped_column(Text)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("price_event.id"))
    before_usd_month: Mapped[Decimal | None] = mapped_column(NanoUsd)
    after_usd_month: Mapped[Decimal | None] = mapped_column(NanoUsd)
