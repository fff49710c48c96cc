"""Spans of the last minutes, so that what arrives after a call (its parent, its double) can still move it."""

from sqlalchemy import BigInteger, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import type_id


class RecentPack(Base):
    """Spans that were counted together, for as long as they are remembered: one row of some thousand spans.

    A row for each cost more than all else that is written of a span. By `traces` and `responses` they are found
    (`db.span_places`, which needs the numbers of rows to rise for ever). `parts` and `words` are what they say and
    never change, `states` and `features` what became of them; `db.store.span_pack` has the forms. No text of a prompt
    or an answer is in any. `minute` (since 1970) is when they were received, the two ends when the spans were over.
    """

    __tablename__ = "recent_pack"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    minute: Mapped[int] = mapped_column(Integer)
    first_end_ns: Mapped[int] = mapped_column(BigInteger)
    last_end_ns: Mapped[int] = mapped_column(BigInteger)
    traces: Mapped[bytes] = mapped_column(LargeBinary)
    responses: Mapped[bytes] = mapped_column(LargeBinary)
    states: Mapped[bytes] = mapped_column(LargeBinary)
    features: Mapped[str] = mapped_column(Text)
    parts: Mapped[bytes] = mapped_column(LargeBinary)
    words: Mapped[str] = mapped_column(Text)
