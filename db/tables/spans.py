"""Spans of the last minutes, so that what arrives after a call (its parent, its double) can still move it."""

from decimal import Decimal

from sqlalchemy import BigInteger, Float, Integer, LargeBinary, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import ExactDecimal, NanoUsd, type_id


class RecentSpanRow(Base):
    """One span for as long as it is remembered; the columns from `source` on are those of its call, if it is one.

    `metric` to `score` are those of an evaluation.

    `minute` (since 1970) is when it was received. No text of a prompt or an answer has a column here.
    """

    __tablename__ = "recent_span"

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    parent: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    response: Mapped[int | None] = mapped_column(BigInteger, index=True)
    minute: Mapped[int] = mapped_column(Integer)
    kind: Mapped[int] = mapped_column(SmallInteger)
    scope: Mapped[int] = mapped_column(BigInteger)
    start_ns: Mapped[int] = mapped_column(BigInteger)
    end_ns: Mapped[int] = mapped_column(BigInteger)
    stated: Mapped[str | None] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(Text)
    resource: Mapped[str | None] = mapped_column(Text)
    service: Mapped[str | None] = mapped_column(Text)
    standing: Mapped[int | None] = mapped_column(SmallInteger)
    feature: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)
    provider: Mapped[str | None] = mapped_column(Text)
    model: Mapped[str | None] = mapped_column(Text)
    processing: Mapped[str | None] = mapped_column(Text)
    errors: Mapped[int | None] = mapped_column(Integer)
    input_tokens: Mapped[int | None] = mapped_column(BigInteger)
    cached_input_tokens: Mapped[int | None] = mapped_column(BigInteger)
    cache_write_tokens: Mapped[int | None] = mapped_column(BigInteger)
    output_tokens: Mapped[int | None] = mapped_column(BigInteger)
    reasoning_tokens: Mapped[int | None] = mapped_column(BigInteger)
    cost_usd: Mapped[Decimal | None] = mapped_column(NanoUsd)
    latency_ms: Mapped[float | None] = mapped_column(Float)
    metric: Mapped[str | None] = mapped_column(Text)
    evaluator: Mapped[str | None] = mapped_column(Text)
    version: Mapped[str | None] = mapped_column(Text)
    score: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    shape: Mapped[str | None] = mapped_column(Text)
