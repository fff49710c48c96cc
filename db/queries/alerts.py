"""The stored alerts and their moves, as frozen values."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from db.tables import AlertMoveRow, AlertRow, FeatureRow, FlipRow, VerdictRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert; `owner` is who claimed it, else the feature's owner.

    `evidence` is the digest of the snapshot its figures rest on, which a claim and a dismissal freeze. `decided_by`,
    `reason` and `note` are those of its last move.
    """

    id: int
    feature: str
    name: str | None
    state: str
    now: str
    target: str
    saving_usd_month: Decimal | None
    confidence: Decimal | None
    opened_at: datetime
    due_by: date | None
    owner: str | None
    cause: str
    closed_at: datetime | None
    closed_cause: str | None
    claim_due: date | None
    snoozed_until: date | None
    wake_usd_month: Decimal | None
    decided_by: str
    decided_at: datetime
    reason: str | None
    note: str
    evidence: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMove:
    """One move of an alert: who, when, from where to where, and why; `answers` says that it took back that move."""

    id: int
    alert_id: int
    at: datetime
    by: str
    move: str
    from_state: str | None
    to_state: str
    reason: str | None
    why: str
    answers_id: int | None
    now: str
    target: str


def alerts(session: Session, *, states: Collection[str] | None = None, slug: str | None = None) -> list[Alert]:
    """Alerts of these states (all of them where none are named), or of one feature; in the order they were opened."""
    closing = aliased(FlipRow)
    newest = select(func.max(AlertMoveRow.id)).group_by(AlertMoveRow.alert_id)
    query = (
        select(AlertRow, FeatureRow, AlertMoveRow, VerdictRow, closing.cause_detail)
        .join(FeatureRow, FeatureRow.id == AlertRow.feature_id)
        .join(AlertMoveRow, AlertMoveRow.alert_id == AlertRow.id)
        .join(VerdictRow, VerdictRow.id == AlertRow.verdict_id)
        .outerjoin(closing, closing.id == AlertRow.closed_flip_id)
        .where(AlertMoveRow.id.in_(newest))
        .order_by(AlertRow.id)
    )
    if states is not None:
        query = query.where(AlertRow.state.in_(states))
    if slug is not None:
        query = query.where(FeatureRow.slug == slug)
    return [
        Alert(
            id=row.id,
            feature=feature.slug,
            name=feature.name,
            state=row.state,
            now=row.now,
            target=row.target,
            saving_usd_month=row.saving_usd_month,
            confidence=row.confidence,
            opened_at=row.opened_at,
            due_by=row.due_by,
            owner=row.owner or feature.owner,
            cause=row.cause,
            closed_at=row.closed_at,
            closed_cause=closed_cause,
            claim_due=row.claim_due,
            snoozed_until=row.snoozed_until,
            wake_usd_month=row.wake_usd_month,
            decided_by=move.by,
            decided_at=move.at,
            reason=move.reason,
            note=move.why,
            evidence=verdict.snapshot_sha,
            document=verdict.document,
        )
        for row, feature, move, verdict, closed_cause in session.execute(query)
    ]


def count_alerts(session: Session, states: Collection[str]) -> int:
    """How many alerts are in one of these states."""
    return session.scalar(select(func.count(AlertRow.id)).where(AlertRow.state.in_(states))) or 0


def alert_moves(session: Session, slug: str) -> list[AlertMove]:
    """Every move of every alert of a feature, oldest first."""
    query = (
        select(AlertMoveRow, AlertRow)
        .join(AlertRow, AlertRow.id == AlertMoveRow.alert_id)
        .join(FeatureRow, FeatureRow.id == AlertRow.feature_id)
        .where(FeatureRow.slug == slug)
        .order_by(AlertMoveRow.id)
    )
    return [
        AlertMove(
            id=row.id,
            alert_id=row.alert_id,
            at=row.at,
            by=row.by,
            move=row.move,
            from_state=row.from_state,
            to_state=row.to_state,
            reason=row.reason,
            why=row.why,
            answers_id=row.answers_id,
            now=alert.now,
            target=alert.target,
        )
        for row, alert in session.execute(query)
    ]
