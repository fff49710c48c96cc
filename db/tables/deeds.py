"""What signed-in people did, and what they were refused."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import UtcDateTime, type_id


class DeedRow(Base):
    """One write of a signed-in person, done or refused: who, in which role, what, and about what. Appended."""

    __tablename__ = "deed"
    __table_args__ = (Index("ix_deed_at", "at"),)

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(Text)
    done: Mapped[bool]
