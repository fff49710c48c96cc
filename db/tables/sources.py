"""How far each pulled source has been read, and which source a feature's figures are taken from."""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import UtcDateTime


class SourceState(Base):
    """One pulled source: what it is, and where its last window ended."""

    __tablename__ = "source_state"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    read_to: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecordChoice(Base):
    """What a registered feature's document says of its source of record, by measure, where queries can ask it."""

    __tablename__ = "record_choice"
    __table_args__ = ({"sqlite_with_rowid": False},)

    feature: Mapped[str] = mapped_column(Text, primary_key=True)
    measure: Mapped[str] = mapped_column(Text, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
