"""The tables. Facts and verdicts are appended; only rollups, slots and the head row of a feature change."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import ExactDecimal, NanoUsd, UtcDateTime

# Unattributed usage and a missing provider are '' in keys: a primary key cannot hold NULL.
NOBODY = ""

type_id = BigInteger().with_variant(Integer, "sqlite")


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


class UsageLedger(Base):
    """One row per counted call key: what makes at-least-once delivery count once.

    `hour` is that of the call where a late window lets it be forgotten later, 0 where it is kept for ever.
    """

    __tablename__ = "usage_ledger"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hour: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)


class Rollup(Base):
    """Usage per (hour since 1970, feature, provider, model, request size tier, processing, source)."""

    __tablename__ = "rollup"
    __table_args__ = (
        Index("ix_rollup_hour", "hour"),
        CheckConstraint("calls >= 0 AND errors >= 0 AND input_tokens >= 0 AND output_tokens >= 0", name="not_negative"),
        {"sqlite_with_rowid": False},
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


class LatencyCount(Base):
    """Calls per latency bucket and day: adding is all it takes to merge, so percentiles stay honest."""

    __tablename__ = "latency_count"
    __table_args__ = ({"sqlite_with_rowid": False},)

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


class PriceRow(Base):
    """One line of the price book. Appended; a line ends by a later line or by being superseded."""

    __tablename__ = "price"
    __table_args__ = (
        Index("ix_price_model_valid_from", "model", "valid_from"),
        UniqueConstraint(
            "model", "kind", "tier_min_input_tokens", "processing", "valid_from", "recorded_at", name="uq_price_line"
        ),
    )

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    model: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    usd_per_mtok: Mapped[Decimal] = mapped_column(NanoUsd)
    tier_min_input_tokens: Mapped[int] = mapped_column(Integer, default=0)
    processing: Mapped[str] = mapped_column(Text, default="standard")
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    source_version: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(Text, default="active")
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("price.id"))


class ModelName(Base):
    """What a sender's (provider, model) means: the price book's id, or NULL where nobody knows it."""

    __tablename__ = "model_name"

    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    model: Mapped[str | None] = mapped_column(Text, index=True)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RetirementRow(Base):
    """The day a model stops answering."""

    __tablename__ = "retirement"

    model: Mapped[str] = mapped_column(Text, primary_key=True)
    on: Mapped[date] = mapped_column("retires_on", primary_key=True)
    replacement: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SnapshotRow(Base):
    """The frozen facts of a judgement, stored once under their hash."""

    __tablename__ = "snapshot"

    sha: Mapped[str] = mapped_column(Text, primary_key=True)
    document: Mapped[str] = mapped_column(Text)


class VerdictRow(Base):
    """One judgement of one feature; `document` is the whole argument, byte for byte."""

    __tablename__ = "verdict"
    __table_args__ = (Index("ix_verdict_feature_id_id", "feature_id", "id"),)

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    feature_id: Mapped[int] = mapped_column(ForeignKey("feature.id"))
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    judged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verdict: Mapped[str] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(Text)
    now: Mapped[str] = mapped_column(Text)
    target: Mapped[str | None] = mapped_column(Text)
    saving_usd_month: Mapped[Decimal | None] = mapped_column(NanoUsd)
    due_by: Mapped[date | None]
    snapshot_sha: Mapped[str] = mapped_column(ForeignKey("snapshot.sha"))
    engine: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)


class FlipRow(Base):
    """A stored change of verdict, with its cause; the first judgement is a flip from nothing."""

    __tablename__ = "flip"
    __table_args__ = (Index("ix_flip_feature_id_id", "feature_id", "id"), Index("ix_flip_at", "at"))

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    feature_id: Mapped[int] = mapped_column(ForeignKey("feature.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    verdict_id: Mapped[int] = mapped_column(ForeignKey("verdict.id"))
    previous_verdict_id: Mapped[int | None] = mapped_column(ForeignKey("verdict.id"))
    from_verdict: Mapped[str | None] = mapped_column(Text)
    from_target: Mapped[str | None] = mapped_column(Text)
    from_code: Mapped[str | None] = mapped_column(Text)
    to_verdict: Mapped[str] = mapped_column(Text)
    to_target: Mapped[str | None] = mapped_column(Text)
    to_code: Mapped[str | None] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)
    cause_detail: Mapped[str] = mapped_column(Text)


class AlertRow(Base):
    """What people act on. A partial unique index keeps it to one open alert per feature."""

    __tablename__ = "alert"
    __table_args__ = (
        Index(
            "uq_alert_open_feature",
            "feature_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(type_id, primary_key=True)
    feature_id: Mapped[int] = mapped_column(ForeignKey("feature.id"))
    state: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_flip_id: Mapped[int] = mapped_column(ForeignKey("flip.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_flip_id: Mapped[int | None] = mapped_column(ForeignKey("flip.id"))
    now: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)
    saving_usd_month: Mapped[Decimal | None] = mapped_column(NanoUsd)
    due_by: Mapped[date | None]
    owner: Mapped[str | None] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)


class JobSlot(Base):
    """One run of one job at one planned instant, claimed with a fence so that it takes effect once."""

    __tablename__ = "job_slot"

    job: Mapped[str] = mapped_column(Text, primary_key=True)
    slot: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    fence: Mapped[int] = mapped_column(Integer, default=1)
    owner: Mapped[str] = mapped_column(Text)
    lease_until: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text, default="")


class ReportRow(Base):
    """A weekly report as it was built, whole."""

    __tablename__ = "report"

    week: Mapped[str] = mapped_column(Text, primary_key=True)
    built_at: Mapped[datetime] = mapped_column(UtcDateTime)
    document: Mapped[str] = mapped_column(Text)
