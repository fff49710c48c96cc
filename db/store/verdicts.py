"""Writing verdicts and flips: each is a row, appended."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.store.upsert import insert_into
from db.tables import IS_REGISTERED, FeatureRow, FlipRow, SnapshotRow, VerdictRow


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVerdict:
    """A verdict to store, with the columns that lists are sorted by."""

    feature_id: int
    as_of: datetime
    judged_at: datetime
    verdict: str
    code: str | None
    now: str
    target: str | None
    saving_usd_month: Decimal | None
    confidence: Decimal | None
    due_by: date | None
    snapshot_sha: str
    engine: str
    document: str


def save_snapshots(session: Session, documents: Mapping[str, str]) -> None:
    """Keep frozen facts once under their hash."""
    if documents:
        rows = [{"sha": sha, "document": document} for sha, document in sorted(documents.items())]
        session.connection().execute(insert_into(session, SnapshotRow).on_conflict_do_nothing(), rows)


def lock_features(session: Session, ids: Sequence[int]) -> set[int]:
    """Make a second writer about these features wait until this transaction ends; those that are registered still."""
    query = select(FeatureRow.id, IS_REGISTERED).where(FeatureRow.id.in_(ids)).order_by(FeatureRow.id)
    return {feature_id for feature_id, registered in session.execute(query.with_for_update()) if registered}


def latest_verdict(session: Session, feature_id: int) -> VerdictRow | None:
    """The newest stored verdict of a feature, None before the first."""
    query = select(VerdictRow).where(VerdictRow.feature_id == feature_id).order_by(VerdictRow.id.desc()).limit(1)
    return session.scalars(query).one_or_none()


def latest_flip(session: Session, feature_id: int) -> FlipRow | None:
    """The newest flip of a feature, None before the first."""
    query = select(FlipRow).where(FlipRow.feature_id == feature_id).order_by(FlipRow.id.desc()).limit(1)
    return session.scalars(query).one_or_none()


def latest_verdicts(session: Session, ids: Collection[int]) -> dict[int, VerdictRow]:
    """The newest stored verdict of each of these features that has one, by feature."""
    newest = select(func.max(VerdictRow.id)).where(VerdictRow.feature_id.in_(ids)).group_by(VerdictRow.feature_id)
    return {row.feature_id: row for row in session.scalars(select(VerdictRow).where(VerdictRow.id.in_(newest)))}


def append_verdicts(session: Session, new: Sequence[NewVerdict]) -> list[VerdictRow]:
    """Append verdict rows, in their order."""
    rows = [VerdictRow(**{name: getattr(each, name) for name in NewVerdict.__dataclass_fields__}) for each in new]
    session.add_all(rows)
    session.flush()
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipCause:
    """Why a verdict flipped, the price event behind it, and what a month cost by the judgements before and after."""

    kind: str
    detail: str
    event_id: int | None = None
    before_usd_month: Decimal | None = None
    after_usd_month: Decimal | None = None


def append_flip(session: Session, before: VerdictRow | None, after: VerdictRow, cause: FlipCause) -> FlipRow:
    """Append the change from one verdict to the next, with its cause."""
    flip = FlipRow(
        feature_id=after.feature_id,
        at=after.as_of,
        verdict_id=after.id,
        previous_verdict_id=before.id if before else None,
        from_verdict=before.verdict if before else None,
        from_target=before.target if before else None,
        from_code=before.code if before else None,
        to_verdict=after.verdict,
        to_target=after.target,
        to_code=after.code,
        cause=cause.kind,
        cause_detail=cause.detail,
        event_id=cause.event_id,
        before_usd_month=cause.before_usd_month,
        after_usd_month=cause.after_usd_month,
    )
    session.add(flip)
    session.flush()
    return flip
