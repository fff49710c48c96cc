"""How far each pulled source has been read."""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import UtcDateTime


class SourceState(Base):
    """One pulled source: its last window ended here."""

    __tablename__ = "source_state"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    read_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
