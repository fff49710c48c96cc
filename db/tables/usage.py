"""What was counted: the ledger of keys, the rollups, latencies, what arrived, and the eval scores."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import ExactDecimal, NanoUsd, UtcDateTime, type_id


class UsageLedger(Base):
    """One row per counted call key: what makes at-least-once delivery count once.

    `hour` is that of the call where a late window lets it be forgotten later, 0 where it is kept for ever.
    """

    __tablename__ = "usage_ledger"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hour: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)


class LedgerPack(Base):
    """The keys of a whole file of calls, packed: the first 8 bytes of each as whole numbers in order, 8,192 a row.

    They mean what rows of the ledger under hour 0 mean, in half the space and at a hundredth of the cost.
    """

    __tablename__ = "ledger_pack"
    __table_args__ = (Index("ix_ledger_pack_range", "first", "last"),)

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    keys: Mapped[bytes] = mapped_column(LargeBinary)


class Rollup(Base):
    """Usage per (hour since 1970, feature, provider, model, request size tier, processing, source)."""

    __tablename__ = "rollup"
    __table_args__ = (
        Index("ix_rollup_hour", "hour"),
        CheckConstraint("calls >= 0 AND errors >= 0 AND input_tokens >= 0 AND output_tokens >= 0", name="not_negative"),
        {"sqlite_with_rowid": False, "postgresql_partition_by": "RANGE (hour)"},
    )

    feature: Mapped[str] = mapped_column(Text, primary_key=True)
    hour: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    model: Mapped[str] = mapped_column(Text, primary_key=True)
    tier: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    processing: Mapped[str] = mapped_column(Text, primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger, default=0)
    errors: Mapped[int] = mapped_column(BigInteger, default=0)
    calls_with_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    calls_without_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    input_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    cached_input_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    cache_write_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    output_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    reasoning_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    reported_calls: Mapped[int] = mapped_column(BigInteger, default=0)
    reported_cost_usd: Mapped[Decimal] = mapped_column(NanoUsd, default=Decimal(0))


class HourTotal(Base):
    """The rollups of all features together: what the whole costs by hour, day or model, without reading each feature.

    Whatever writes a rollup writes this in the same transaction (`db.store.totals`).
    """

    __tablename__ = "hour_total"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hour: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    model: Mapped[str] = mapped_column(Text, primary_key=True)
    tier: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    processing: Mapped[str] = mapped_column(Text, primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger, default=0)
    errors: Mapped[int] = mapped_column(BigInteger, default=0)
    calls_with_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    calls_without_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    input_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    cached_input_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    cache_write_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    output_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    reasoning_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    reported_calls: Mapped[int] = mapped_column(BigInteger, default=0)
    reported_cost_usd: Mapped[Decimal] = mapped_column(NanoUsd, default=Decimal(0))


class LatencyCount(Base):
    """Calls per latency bucket and day: adding is all it takes to merge, so percentiles stay honest."""

    __tablename__ = "latency_count"
    __table_args__ = ({"sqlite_with_rowid": False, "postgresql_partition_by": "RANGE (day)"},)

    feature: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    model: Mapped[str] = mapped_column(Text, primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    bucket: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    calls: Mapped[int] = mapped_column(BigInteger, default=0)


class Intake(Base):
    """What arrived per day and source: accepted, duplicate, and refused by reason. Nothing is dropped unseen."""

    __tablename__ = "intake"

    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    outcome: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger, default=0)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SourceRun(Base):
    """One run of a collector or one file load, with how it ended."""

    __tablename__ = "source_run"

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    source: Mapped[str] = mapped_column(Text, index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(Text)
    accepted: Mapped[int] = mapped_column(BigInteger, default=0)
    duplicates: Mapped[int] = mapped_column(BigInteger, default=0)
    rejected: Mapped[int] = mapped_column(BigInteger, default=0)
    message: Mapped[str] = mapped_column(Text, default="")


class OutputShape(Base):
    """How many calls of a feature came out in a shape on a day (since 1970), where senders say so."""

    __tablename__ = "output_shape"
    __table_args__ = ({"sqlite_with_rowid": False},)

    feature: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    shape: Mapped[str] = mapped_column(Text, primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger)


class EvalScore(Base):
    """One evaluation result; `key` makes a repeated file one row."""

    __tablename__ = "eval_score"
    __table_args__ = (Index("ix_eval_score_feature_at", "feature", "at"),)

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    feature: Mapped[str] = mapped_column(Text)
    metric: Mapped[str] = mapped_column(Text)
    score: Mapped[Decimal] = mapped_column(ExactDecimal)
    n: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    strategy: Mapped[str | None] = mapped_column(Text)
    evaluator: Mapped[str | None] = mapped_column(Text)
    evaluator_version: Mapped[str | None] = mapped_column(Text)
    run_id: Mapped[str | None] = mapped_column(Text)
    scale_min: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    scale_max: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    higher_is_better: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(Text)
    both_ok: Mapped[int | None] = mapped_column(BigInteger)
    base_only: Mapped[int | None] = mapped_column(BigInteger)
    cand_only: Mapped[int | None] = mapped_column(BigInteger)
    both_bad: Mapped[int | None] = mapped_column(BigInteger)


class ScoreDay(Base):
    """The sum of the scores that evaluation events gave a feature on a day (since 1970), in billionths of a point.

    Each is one row of `eval_score` too, as far as a feature is known.
    """

    __tablename__ = "score_day"
    __table_args__ = ({"sqlite_with_rowid": False},)

    feature: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    metric: Mapped[str] = mapped_column(Text, primary_key=True)
    evaluator: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[str] = mapped_column(Text, primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
