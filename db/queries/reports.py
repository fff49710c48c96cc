"""What the weekly letter asks: the world as it stood at an instant, and the letters that were kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.queries.ended import ended_ids
from db.queries.price_reads import last_price_read
from db.tables import AlertMoveRow, AlertRow, FeatureRevision, FeatureRow, PriceRow, ReportRow, VerdictRow
from strategy.lifecycle import OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureThen:
    """A feature as it was registered at some instant; `strategy` is what it then ran on."""

    slug: str
    name: str | None
    owner: str | None
    strategy: str
    model: str | None
    floor: Decimal | None = None


def features_then(session: Session, before: datetime) -> list[FeatureThen]:
    """The features registered just before an instant, by slug, each as its newest document of the time says."""
    ids = (
        select(func.max(FeatureRevision.id))
        .where(FeatureRevision.recorded_at < before)
        .group_by(FeatureRevision.feature_id)
    )
    query = (
        select(FeatureRow.slug, FeatureRevision.document)
        .join(FeatureRevision, FeatureRevision.feature_id == FeatureRow.id)
        .where(FeatureRevision.id.in_(ids), FeatureRow.merged_into.is_(None), FeatureRow.id.not_in(ended_ids(before)))
        .order_by(FeatureRow.slug)
    )
    return [_then(slug, document) for slug, document in session.execute(query)]


def _then(slug: str, text: str) -> FeatureThen:
    document = json.loads(text)
    return FeatureThen(
        slug=slug,
        name=document.get("name"),
        owner=document.get("owner"),
        strategy=document.get("strategy") or "prompt",
        model=document.get("model"),
        floor=_floor(document),
    )


def _floor(document: Mapping[str, Any]) -> Decimal | None:
    floor = (document.get("quality") or {}).get("floor")
    return None if floor is None else Decimal(str(floor))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertThen:
    """An alert as it stood at some instant; `moved_by` made its last move, `claim_due` is what a claim promised."""

    opened_at: datetime
    state: str
    moved_by: str
    claim_due: date | None


def alerts_then(session: Session, before: datetime) -> dict[str, AlertThen]:
    """The alerts that waited for somebody just before an instant, by feature.

    One that was dismissed or finished by then waits for nobody.
    """
    newest = select(func.max(AlertMoveRow.id)).where(AlertMoveRow.at < before).group_by(AlertMoveRow.alert_id)
    query = (
        select(FeatureRow.slug, AlertRow.opened_at, AlertMoveRow)
        .join(FeatureRow, FeatureRow.id == AlertRow.feature_id)
        .join(AlertMoveRow, AlertMoveRow.alert_id == AlertRow.id)
        .where(AlertMoveRow.id.in_(newest), AlertMoveRow.to_state.in_(OPEN))
        .order_by(AlertRow.opened_at)
    )
    return {
        slug: AlertThen(opened_at=opened_at, state=move.to_state, moved_by=move.by, claim_due=move.claim_due)
        for slug, opened_at, move in session.execute(query)
    }


def first_judged_at(session: Session) -> datetime | None:
    """The instant that the earliest stored verdict is about; None while nothing was judged."""
    return session.scalar(select(func.min(VerdictRow.as_of)))


def price_book_then(session: Session, before: datetime) -> tuple[bool, datetime | None]:
    """Whether there are prices at all, and when the book had last learnt one, or met a list, before an instant."""
    learnt = session.scalar(select(func.max(PriceRow.recorded_at)).where(PriceRow.recorded_at < before))
    newest = max(filter(None, (learnt, last_price_read(session, before).read_at)), default=None)
    return newest is not None or session.scalar(select(PriceRow.id).limit(1)) is not None, newest


def report_weeks(session: Session) -> list[str]:
    """The weeks whose letter was kept, newest first."""
    return list(session.scalars(select(ReportRow.week).order_by(ReportRow.week.desc())))


def report_document(session: Session, week: str) -> str | None:
    """The letter of a week as it was kept, None where there is none."""
    return session.scalar(select(ReportRow.document).where(ReportRow.week == week))
