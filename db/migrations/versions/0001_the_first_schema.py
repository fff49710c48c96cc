"""The first schema."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
    )
    op.create_table(
        "billed",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("amount_usd", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billed")),
        sa.UniqueConstraint("slot", "version", "provider", "day", "project", "category", name="uq_billed_line"),
    )
    with op.batch_alter_table("billed", schema=None) as batch_op:
        batch_op.create_index("ix_billed_day", ["day"], unique=False)

    op.create_table(
        "deed",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed")),
    )
    with op.batch_alter_table("deed", schema=None) as batch_op:
        batch_op.create_index("ix_deed_at", ["at"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("if_unsure", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_kind_about", ["kind", "about"], unique=False)
        batch_op.create_index("ix_delivery_state_next_at", ["state", "next_at"], unique=False)

    op.create_table(
        "eval_score",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("score", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("strategy", sa.Text(), nullable=True),
        sa.Column("evaluator", sa.Text(), nullable=True),
        sa.Column("evaluator_version", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("scale_min", sa.Text(), nullable=True),
        sa.Column("scale_max", sa.Text(), nullable=True),
        sa.Column("higher_is_better", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("both_ok", sa.BigInteger(), nullable=True),
        sa.Column("base_only", sa.BigInteger(), nullable=True),
        sa.Column("cand_only", sa.BigInteger(), nullable=True),
        sa.Column("both_bad", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eval_score")),
        sa.UniqueConstraint("key", name=op.f("uq_eval_score_key")),
    )
    with op.batch_alter_table("eval_score", schema=None) as batch_op:
        batch_op.create_index("ix_eval_score_feature_at", ["feature", "at"], unique=False)

    op.create_table(
        "feature",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_into", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feature")),
        sa.UniqueConstraint("slug", name=op.f("uq_feature_slug")),
    )
    op.create_table(
        "former_name",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_former_name")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hour_total",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("tier", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("processing", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("errors", sa.BigInteger(), nullable=False),
        sa.Column("calls_with_tokens", sa.BigInteger(), nullable=False),
        sa.Column("calls_without_tokens", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cache_write_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reported_calls", sa.BigInteger(), nullable=False),
        sa.Column("reported_cost_usd", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "hour", "provider", "model", "tier", "processing", "source", name=op.f("pk_hour_total")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "intake",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", "source", "outcome", name=op.f("pk_intake")),
    )
    op.create_table(
        "job_control",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_control")),
    )
    op.create_table(
        "job_slot",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("pk_job_slot")),
    )
    op.create_table(
        "latency_count",
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "feature", "day", "provider", "model", "source", "bucket", name=op.f("pk_latency_count")
        ),
        postgresql_partition_by="RANGE (day)",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_pack",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_pack")),
    )
    with op.batch_alter_table("ledger_pack", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_pack_range", ["first", "last"], unique=False)

    op.create_table(
        "metric_stream",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("last_ns", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("observed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_metric_stream")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("metric_stream", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_metric_stream_last_ns"), ["last_ns"], unique=False)

    op.create_table(
        "metric_use",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("errors", sa.BigInteger(), nullable=False),
        sa.Column("calls_with_tokens", sa.BigInteger(), nullable=False),
        sa.Column("calls_without_tokens", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cache_write_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("service", "hour", "since", "feature", "provider", "model", name=op.f("pk_metric_use")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("metric_use", schema=None) as batch_op:
        batch_op.create_index("ix_metric_use_hour", ["hour"], unique=False)

    op.create_table(
        "model_name",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "name", name=op.f("pk_model_name")),
    )
    with op.batch_alter_table("model_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_model_name_model"), ["model"], unique=False)

    op.create_table(
        "output_shape",
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feature", "day", "shape", name=op.f("pk_output_shape")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "price",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("usd_per_mtok", sa.BigInteger(), nullable=False),
        sa.Column("tier_min_input_tokens", sa.Integer(), nullable=False),
        sa.Column("processing", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_version", sa.Text(), nullable=False),
        sa.Column("source_sha256", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("original", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("supersedes_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["supersedes_id"], ["price.id"], name=op.f("fk_price_supersedes_id_price")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price")),
        sa.UniqueConstraint(
            "model", "kind", "tier_min_input_tokens", "processing", "valid_from", "recorded_at", name="uq_price_line"
        ),
    )
    with op.batch_alter_table("price", schema=None) as batch_op:
        batch_op.create_index("ix_price_model_valid_from", ["model", "valid_from"], unique=False)

    op.create_table(
        "price_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_event")),
        sa.UniqueConstraint("key", name=op.f("uq_price_event_key")),
    )
    with op.batch_alter_table("price_event", schema=None) as batch_op:
        batch_op.create_index("ix_price_event_model", ["model"], unique=False)

    op.create_table(
        "price_import",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_price_import")),
    )
    op.create_table(
        "recent_pack",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("first_end_ns", sa.BigInteger(), nullable=False),
        sa.Column("last_end_ns", sa.BigInteger(), nullable=False),
        sa.Column("traces", sa.LargeBinary(), nullable=False),
        sa.Column("responses", sa.LargeBinary(), nullable=False),
        sa.Column("states", sa.LargeBinary(), nullable=False),
        sa.Column("features", sa.Text(), nullable=False),
        sa.Column("parts", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recent_pack")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "record_choice",
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("feature", "measure", name=op.f("pk_record_choice")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "report",
        sa.Column("week", sa.Text(), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_report")),
    )
    op.create_table(
        "retirement",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("retires_on", sa.Date(), nullable=False),
        sa.Column("replacement", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("model", "retires_on", name=op.f("pk_retirement")),
    )
    op.create_table(
        "rollup",
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("tier", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("processing", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("errors", sa.BigInteger(), nullable=False),
        sa.Column("calls_with_tokens", sa.BigInteger(), nullable=False),
        sa.Column("calls_without_tokens", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cache_write_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reported_calls", sa.BigInteger(), nullable=False),
        sa.Column("reported_cost_usd", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "calls >= 0 AND errors >= 0 AND input_tokens >= 0 AND output_tokens >= 0",
            name=op.f("ck_rollup_not_negative"),
        ),
        sa.PrimaryKeyConstraint(
            "feature", "hour", "provider", "model", "tier", "processing", "source", name=op.f("pk_rollup")
        ),
        postgresql_partition_by="RANGE (hour)",
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("rollup", schema=None) as batch_op:
        batch_op.create_index("ix_rollup_hour", ["hour"], unique=False)

    op.create_table(
        "score_day",
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("evaluator", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feature", "day", "metric", "evaluator", "version", name=op.f("pk_score_day")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snapshot",
        sa.Column("sha", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha", name=op.f("pk_snapshot")),
    )
    op.create_table(
        "source_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("duplicates", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_run")),
    )
    with op.batch_alter_table("source_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_source_run_source"), ["source"], unique=False)

    op.create_table(
        "source_state",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("read_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_state")),
    )
    op.create_table(
        "span_hour",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("service", "hour", name=op.f("pk_span_hour")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_ledger",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("hour", "key", name=op.f("pk_usage_ledger")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feature_end",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("feature_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["feature_id"], ["feature.id"], name=op.f("fk_feature_end_feature_id_feature")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feature_end")),
    )
    with op.batch_alter_table("feature_end", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feature_end_feature_id"), ["feature_id"], unique=False)

    op.create_table(
        "feature_revision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("feature_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("form_token", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feature_id"], ["feature.id"], name=op.f("fk_feature_revision_feature_id_feature")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feature_revision")),
        sa.UniqueConstraint("form_token", name=op.f("uq_feature_revision_form_token")),
    )
    with op.batch_alter_table("feature_revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feature_revision_feature_id"), ["feature_id"], unique=False)

    op.create_table(
        "price_proposal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tier_min_input_tokens", sa.Integer(), nullable=False),
        sa.Column("processing", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("old", sa.BigInteger(), nullable=True),
        sa.Column("new", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["price_import.sha256"], name=op.f("fk_price_proposal_sha256_price_import")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_proposal")),
        sa.UniqueConstraint("key", name=op.f("uq_price_proposal_key")),
    )
    with op.batch_alter_table("price_proposal", schema=None) as batch_op:
        batch_op.create_index("ix_price_proposal_status", ["status"], unique=False)

    op.create_table(
        "verdict",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("feature_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("now", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("saving_usd_month", sa.BigInteger(), nullable=True),
        sa.Column("confidence", sa.Text(), nullable=True),
        sa.Column("due_by", sa.Date(), nullable=True),
        sa.Column("snapshot_sha", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feature_id"], ["feature.id"], name=op.f("fk_verdict_feature_id_feature")),
        sa.ForeignKeyConstraint(["snapshot_sha"], ["snapshot.sha"], name=op.f("fk_verdict_snapshot_sha_snapshot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
    )
    with op.batch_alter_table("verdict", schema=None) as batch_op:
        batch_op.create_index("ix_verdict_feature_id_id", ["feature_id", "id"], unique=False)

    op.create_table(
        "flip",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("feature_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("previous_verdict_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("from_verdict", sa.Text(), nullable=True),
        sa.Column("from_target", sa.Text(), nullable=True),
        sa.Column("from_code", sa.Text(), nullable=True),
        sa.Column("to_verdict", sa.Text(), nullable=False),
        sa.Column("to_target", sa.Text(), nullable=True),
        sa.Column("to_code", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_detail", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("before_usd_month", sa.BigInteger(), nullable=True),
        sa.Column("after_usd_month", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["price_event.id"], name=op.f("fk_flip_event_id_price_event")),
        sa.ForeignKeyConstraint(["feature_id"], ["feature.id"], name=op.f("fk_flip_feature_id_feature")),
        sa.ForeignKeyConstraint(
            ["previous_verdict_id"], ["verdict.id"], name=op.f("fk_flip_previous_verdict_id_verdict")
        ),
        sa.ForeignKeyConstraint(["verdict_id"], ["verdict.id"], name=op.f("fk_flip_verdict_id_verdict")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flip")),
    )
    with op.batch_alter_table("flip", schema=None) as batch_op:
        batch_op.create_index("ix_flip_at", ["at"], unique=False)
        batch_op.create_index("ix_flip_feature_id_id", ["feature_id", "id"], unique=False)

    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("feature_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_flip_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_flip_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("follows_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("now", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("saving_usd_month", sa.BigInteger(), nullable=True),
        sa.Column("confidence", sa.Text(), nullable=True),
        sa.Column("due_by", sa.Date(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("verdict_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("claim_due", sa.Date(), nullable=True),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("wake_usd_month", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["closed_flip_id"], ["flip.id"], name=op.f("fk_alert_closed_flip_id_flip")),
        sa.ForeignKeyConstraint(["feature_id"], ["feature.id"], name=op.f("fk_alert_feature_id_feature")),
        sa.ForeignKeyConstraint(["follows_id"], ["alert.id"], name=op.f("fk_alert_follows_id_alert")),
        sa.ForeignKeyConstraint(["opened_flip_id"], ["flip.id"], name=op.f("fk_alert_opened_flip_id_flip")),
        sa.ForeignKeyConstraint(["verdict_id"], ["verdict.id"], name=op.f("fk_alert_verdict_id_verdict")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index("ix_alert_feature_id_id", ["feature_id", "id"], unique=False)
        batch_op.create_index(
            "uq_alert_held_feature",
            ["feature_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('active', 'claimed', 'snoozed', 'dismissed')"),
            postgresql_where=sa.text("state IN ('active', 'claimed', 'snoozed', 'dismissed')"),
        )

    op.create_table(
        "alert_move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("move", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("claim_due", sa.Date(), nullable=True),
        sa.Column("answers_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_move_alert_id_alert")),
        sa.ForeignKeyConstraint(["answers_id"], ["alert_move.id"], name=op.f("fk_alert_move_answers_id_alert_move")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_move")),
    )
    with op.batch_alter_table("alert_move", schema=None) as batch_op:
        batch_op.create_index("ix_alert_move_alert_id_id", ["alert_id", "id"], unique=False)

    op.create_table(
        "migration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("verdict_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_usd_month", sa.BigInteger(), nullable=True),
        sa.Column("running_before_usd_month", sa.BigInteger(), nullable=False),
        sa.Column("running_after_usd_month", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_migration_alert_id_alert")),
        sa.ForeignKeyConstraint(["verdict_id"], ["verdict.id"], name=op.f("fk_migration_verdict_id_verdict")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration")),
        sa.UniqueConstraint("alert_id", name=op.f("uq_migration_alert_id")),
    )
    op.create_table(
        "ledger_span",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("migration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("usage_usd", sa.BigInteger(), nullable=True),
        sa.Column("volume_usd", sa.BigInteger(), nullable=True),
        sa.Column("price_usd", sa.BigInteger(), nullable=True),
        sa.Column("strategy_usd", sa.BigInteger(), nullable=True),
        sa.Column("unmeasured", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["migration_id"], ["migration.id"], name=op.f("fk_ledger_span_migration_id_migration")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_span")),
        sa.UniqueConstraint("migration_id", "number", name=op.f("uq_ledger_span_migration_id_number")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("ledger_span")
    op.drop_table("migration")
    with op.batch_alter_table("alert_move", schema=None) as batch_op:
        batch_op.drop_index("ix_alert_move_alert_id_id")

    op.drop_table("alert_move")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_alert_held_feature",
            sqlite_where=sa.text("state IN ('active', 'claimed', 'snoozed', 'dismissed')"),
            postgresql_where=sa.text("state IN ('active', 'claimed', 'snoozed', 'dismissed')"),
        )
        batch_op.drop_index("ix_alert_feature_id_id")

    op.drop_table("alert")
    with op.batch_alter_table("flip", schema=None) as batch_op:
        batch_op.drop_index("ix_flip_feature_id_id")
        batch_op.drop_index("ix_flip_at")

    op.drop_table("flip")
    with op.batch_alter_table("verdict", schema=None) as batch_op:
        batch_op.drop_index("ix_verdict_feature_id_id")

    op.drop_table("verdict")
    with op.batch_alter_table("price_proposal", schema=None) as batch_op:
        batch_op.drop_index("ix_price_proposal_status")

    op.drop_table("price_proposal")
    with op.batch_alter_table("feature_revision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feature_revision_feature_id"))

    op.drop_table("feature_revision")
    with op.batch_alter_table("feature_end", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feature_end_feature_id"))

    op.drop_table("feature_end")
    op.drop_table("usage_ledger")
    op.drop_table("span_hour")
    op.drop_table("source_state")
    with op.batch_alter_table("source_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_source_run_source"))

    op.drop_table("source_run")
    op.drop_table("snapshot")
    op.drop_table("score_day")
    with op.batch_alter_table("rollup", schema=None) as batch_op:
        batch_op.drop_index("ix_rollup_hour")

    op.drop_table("rollup")
    op.drop_table("retirement")
    op.drop_table("report")
    op.drop_table("record_choice")
    op.drop_table("recent_pack")
    op.drop_table("price_import")
    with op.batch_alter_table("price_event", schema=None) as batch_op:
        batch_op.drop_index("ix_price_event_model")

    op.drop_table("price_event")
    with op.batch_alter_table("price", schema=None) as batch_op:
        batch_op.drop_index("ix_price_model_valid_from")

    op.drop_table("price")
    op.drop_table("output_shape")
    with op.batch_alter_table("model_name", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_model_name_model"))

    op.drop_table("model_name")
    with op.batch_alter_table("metric_use", schema=None) as batch_op:
        batch_op.drop_index("ix_metric_use_hour")

    op.drop_table("metric_use")
    with op.batch_alter_table("metric_stream", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_metric_stream_last_ns"))

    op.drop_table("metric_stream")
    with op.batch_alter_table("ledger_pack", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_pack_range")

    op.drop_table("ledger_pack")
    op.drop_table("latency_count")
    op.drop_table("job_slot")
    op.drop_table("job_control")
    op.drop_table("intake")
    op.drop_table("hour_total")
    op.drop_table("former_name")
    op.drop_table("feature")
    with op.batch_alter_table("eval_score", schema=None) as batch_op:
        batch_op.drop_index("ix_eval_score_feature_at")

    op.drop_table("eval_score")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_state_next_at")
        batch_op.drop_index("ix_delivery_kind_about")

    op.drop_table("delivery")
    with op.batch_alter_table("deed", schema=None) as batch_op:
        batch_op.drop_index("ix_deed_at")

    op.drop_table("deed")
    with op.batch_alter_table("billed", schema=None) as batch_op:
        batch_op.drop_index("ix_billed_day")

    op.drop_table("billed")
    op.drop_table("api_key")
