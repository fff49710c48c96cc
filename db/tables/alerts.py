"""Alerts, and every move one ever made."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import ExactDecimal, NanoUsd, UtcDateTime, type_id
from strategy.lifecycle import HELD

_HELD = text(f"state IN ({', '.join(repr(str(state)) for state in HELD)})")


class AlertRow(Base):
    """What people act on: one migration of one feature. Its feature has one place, which a held alert takes.

    `owner`, `claim_due` and the verdict that is its evidence are set by a claim, `snoozed_until` and `wake_usd_month`
    by a snooze; `follows_id` is the alert that had the feature's place before it.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index("uq_alert_held_feature", "feature_id", unique=True, sqlite_where=_HELD, postgresql_where=_HELD),
        Index("ix_alert_feature_id_id", "feature_id", "id"),
    )

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    feature_id: Mapped[int] = mapped_column(ForeignKey("feature.id"))
    state: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_flip_id: Mapped[int] = mapped_column(ForeignKey("flip.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_flip_id: Mapped[int | None] = mapped_column(ForeignKey("flip.id"))
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    now: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)
    saving_usd_month: Mapped[Decimal | None] = mapped_column(NanoUsd)
    confidence: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    due_by: Mapped[date | None]
    cause: Mapped[str] = mapped_column(Text)
    verdict_id: Mapped[int] = mapped_column(ForeignKey("verdict.id"))
    owner: Mapped[str | None] = mapped_column(Text)
    claim_due: Mapped[date | None]
    snoozed_until: Mapped[date | None]
    wake_usd_month: Mapped[Decimal | None] = mapped_column(NanoUsd)


class AlertMoveRow(Base):
    """One move of an alert: who, when, from where to where, and why. Appended, never changed.

    `reason` is that of a dismissal; `claim_due` the day that a claim promises;
    `answers_id` is the earlier move that this one takes back.
    """

    __tablename__ = "alert_move"
    __table_args__ = (Index("ix_alert_move_alert_id_id", "alert_id", "id"),)

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(Text)
    move: Mapped[str] = mapped_column(Text)
    from_state: Mapped[str | None] = mapped_column(Text)
    to_state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    claim_due: Mapped[date | None]
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("alert_move.id"))
