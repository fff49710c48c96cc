"""The registered features and every document they ever had."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import UtcDateTime, type_id


class FeatureRow(Base):
    """The head of a registered feature; `document` is design's YAML as canonical JSON."""

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


class FeatureRevision(Base):
    """Every document a feature ever had. A form token makes a double click one revision."""

    __tablename__ = "feature_revision"

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    feature_id: Mapped[int] = mapped_column(ForeignKey("feature.id"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[str] = mapped_column(Text)
    form_token: Mapped[str | None] = mapped_column(Text, unique=True)
    document: Mapped[str] = mapped_column(Text)
