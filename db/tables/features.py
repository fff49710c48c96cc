"""The registered features, every document they ever had, and the names that became theirs."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Text, and_
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import UtcDateTime, type_id


class FeatureRow(Base):
    """The head of a registered feature; `document` is design's YAML as canonical JSON.

    One that was merged into another (by slug), or has ended, is kept for its history and is registered no more.
    """

    __tablename__ = "feature"

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str | None] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(Text)
    strategy: Mapped[str] = mapped_column(Text)
    model: Mapped[str | None] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    merged_into: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


IS_REGISTERED: ColumnElement[bool] = and_(FeatureRow.merged_into.is_(None), FeatureRow.ended_at.is_(None))


class FeatureEnd(Base):
    """That a feature ended, or (`ended` false) runs again: who said so, when and why. Appended, never changed.

    `hour` is that of `at`, in hours since 1970, to be compared with those of usage.
    """

    __tablename__ = "feature_end"

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    feature_id: Mapped[int] = mapped_column(ForeignKey("feature.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    hour: Mapped[int]
    by: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    ended: Mapped[bool]


class FeatureRevision(Base):
    """Every document a feature ever had. A form token makes a double click one revision."""

    __tablename__ = "feature_revision"

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    feature_id: Mapped[int] = mapped_column(ForeignKey("feature.id"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[str] = mapped_column(Text)
    form_token: Mapped[str | None] = mapped_column(Text, unique=True)
    document: Mapped[str] = mapped_column(Text)


class FormerName(Base):
    """A name that traffic and scores may still carry, and the feature whose they are since somebody said so."""

    __tablename__ = "former_name"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    feature: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[str] = mapped_column(Text)
