"""What providers charged: bills as they were loaded."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import NanoUsd, UtcDateTime, type_id


class BilledRow(Base):
    """What was charged for a day (days since 1970), summed per provider, project and category of one slot.

    The category `tokens` is no charge: it says how many tokens the provider counted.

    Appended: a slot that is billed again gets the next version, and only the newest version of a slot counts.
    """

    __tablename__ = "billed"
    __table_args__ = (
        UniqueConstraint("slot", "version", "provider", "day", "project", "category", name="uq_billed_line"),
        Index("ix_billed_day", "day"),
    )

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    slot: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(Text)
    provider: Mapped[str] = mapped_column(Text)
    day: Mapped[int] = mapped_column(Integer)
    project: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    amount_usd: Mapped[Decimal] = mapped_column(NanoUsd)
    input_tokens: Mapped[int] = mapped_column(BigInteger)
    output_tokens: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
