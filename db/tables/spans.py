"""Spans of the last minutes, so that what arrives after a call (its parent, its double) can still move it."""

from sqlalchemy import BigInteger, Integer, LargeBinary, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import type_id


class RecentSpanRow(Base):
    """One span for as long as it is remembered.

    `trace` is the half of the trace id that spans around each other share, `minute` (since 1970) when it was received.
    `fact` is what the span says, in our own words (`db.store.spans`): no text of a prompt or an answer is in it.
    `standing` and `feature` are what became of it, if it is a call. Rows are found by `db.span_places`, which needs
    their numbers to rise for ever.
    """

    __tablename__ = "recent_span"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    trace: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[bytes] = mapped_column(LargeBinary(16))
    parent: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    response: Mapped[int | None] = mapped_column(BigInteger)
    minute: Mapped[int] = mapped_column(Integer)
    end_ns: Mapped[int] = mapped_column(BigInteger)
    standing: Mapped[int | None] = mapped_column(SmallInteger)
    feature: Mapped[str | None] = mapped_column(Text)
    fact: Mapped[str] = mapped_column(Text)
