"""The finished migrations with their measured spans, as frozen values."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import AlertRow, FeatureRow, LedgerSpanRow, MigrationRow, SnapshotRow, VerdictRow
from strategy.ledger import Effects


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSpan:
    """One measured span, from `start` up to, not including, `end`; `effects` is None where it could not be measured."""

    number: int
    start: date
    end: date
    calls: int
    usage_usd: Decimal | None
    effects: Effects | None
    unmeasured: str | None

    @property
    def days(self) -> int:
        """How long it is."""
        return (self.end - self.start).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A finished migration: where from and to, what was promised, and its spans, oldest first."""

    id: int
    alert_id: int
    feature_id: int
    feature: str
    name: str | None
    owner: str | None
    strategy: str
    now: str
    target: str
    state: str
    finished_at: datetime
    promised_usd_month: Decimal | None
    running_before_usd_month: Decimal
    running_after_usd_month: Decimal
    verdict_id: int
    spans: tuple[LedgerSpan, ...]


def migrations(session: Session, *, slug: str | None = None) -> list[Migration]:
    """Every finished migration, the newest first; or those of one feature. `strategy` is what it runs on today."""
    query = (
        select(MigrationRow, AlertRow, FeatureRow)
        .join(AlertRow, AlertRow.id == MigrationRow.alert_id)
        .join(FeatureRow, FeatureRow.id == AlertRow.feature_id)
        .order_by(MigrationRow.finished_at.desc(), MigrationRow.id.desc())
    )
    if slug is not None:
        query = query.where(FeatureRow.slug == slug)
    spans = _spans(session)
    return [
        Migration(
            id=row.id,
            alert_id=alert.id,
            feature_id=feature.id,
            feature=feature.slug,
            name=feature.name,
            owner=feature.owner,
            strategy=feature.strategy,
            now=alert.now,
            target=alert.target,
            state=alert.state,
            finished_at=row.finished_at,
            promised_usd_month=row.promised_usd_month,
            running_before_usd_month=row.running_before_usd_month,
            running_after_usd_month=row.running_after_usd_month,
            verdict_id=row.verdict_id,
            spans=tuple(spans.get(row.id, ())),
        )
        for row, alert, feature in session.execute(query)
    ]


def migrations_then(session: Session, before: datetime) -> tuple[Migration, ...]:
    """The migrations finished before an instant, each with the spans that had ended by then."""
    return tuple(
        replace(found, spans=tuple(span for span in found.spans if span.end <= before.date()))
        for found in migrations(session)
        if found.finished_at < before
    )


def frozen_of(session: Session, verdict_id: int) -> str:
    """The snapshot behind a verdict, as canonical JSON."""
    query = select(SnapshotRow.document).join(VerdictRow, VerdictRow.snapshot_sha == SnapshotRow.sha)
    return session.scalars(query.where(VerdictRow.id == verdict_id)).one()


def _spans(session: Session) -> dict[int, list[LedgerSpan]]:
    found: dict[int, list[LedgerSpan]] = {}
    for row in session.scalars(select(LedgerSpanRow).order_by(LedgerSpanRow.migration_id, LedgerSpanRow.number)):
        effects = None
        if row.volume_usd is not None and row.price_usd is not None and row.strategy_usd is not None:
            effects = Effects(volume_usd=row.volume_usd, price_usd=row.price_usd, strategy_usd=row.strategy_usd)
        span = LedgerSpan(
            number=row.number,
            start=row.start,
            end=row.end,
            calls=row.calls,
            usage_usd=row.usage_usd,
            effects=effects,
            unmeasured=row.unmeasured,
        )
        found.setdefault(row.migration_id, []).append(span)
    return found
