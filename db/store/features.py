"""Writing features: the head row is kept current, every document it ever had is appended."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.store.upsert import insert_new
from db.tables import FeatureEnd, FeatureRevision, FeatureRow, RecordChoice
from strategy.profile import Feature
from strategy.record import MEASURES


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving one feature did: `created`, `updated` or `unchanged`, with the document before."""

    slug: str
    change: str
    before: str | None


def save_feature(
    session: Session, feature: Feature, document: str, *, at: datetime, by: str, form_token: str | None = None
) -> Saved:
    """Create or update a feature; the same document, or the same form token again, changes nothing.

    `document` is the canonical JSON of the feature.
    """
    head = {"slug": feature.slug, "created_at": at, **_head(feature, document, at)}
    created = bool(insert_new(session, FeatureRow, [head], "id"))
    row = session.scalars(select(FeatureRow).where(FeatureRow.slug == feature.slug).with_for_update()).one()
    before = None if created else row.document
    if before == document or _token_used(session, form_token):
        return Saved(feature.slug, "unchanged", before)
    revision = {
        "feature_id": row.id,
        "recorded_at": at,
        "recorded_by": by,
        "form_token": form_token,
        "document": document,
    }
    if not insert_new(session, FeatureRevision, [revision], "id"):
        return Saved(feature.slug, "unchanged", before)
    for name, value in _head(feature, document, at).items():
        setattr(row, name, value)
    _choose_record(session, feature)
    session.flush()
    return Saved(feature.slug, "created" if created else "updated", before)


def _head(feature: Feature, document: str, at: datetime) -> dict[str, object]:
    return {
        "name": feature.name,
        "owner": feature.owner,
        "strategy": str(feature.strategy),
        "model": feature.model,
        "document": document,
        "updated_at": at,
    }


def rename_feature(session: Session, old: str, feature: Feature, document: str, *, at: datetime, by: str) -> None:
    """Give a registered feature the slug of this document; its verdicts, alerts and savings stay its own."""
    row = session.scalars(select(FeatureRow).where(FeatureRow.slug == old).with_for_update()).one()
    row.slug = feature.slug
    session.execute(delete(RecordChoice).where(RecordChoice.feature == old))
    session.flush()
    save_feature(session, feature, document, at=at, by=by)


def retire_feature(session: Session, slug: str, into: str, at: datetime) -> None:
    """Keep a feature that was merged into another for its history only."""
    row = session.scalars(select(FeatureRow).where(FeatureRow.slug == slug).with_for_update()).one()
    row.merged_into, row.updated_at = into, at
    session.execute(delete(RecordChoice).where(RecordChoice.feature == slug))
    session.flush()


def end_feature(session: Session, feature_id: int, *, ended: bool, at: datetime, by: str, why: str) -> None:
    """Write down that a feature ended, or that it runs again."""
    row = session.scalars(select(FeatureRow).where(FeatureRow.id == feature_id)).one()
    row.ended_at, row.updated_at = (at if ended else None), at
    hour = int(at.timestamp()) // 3600
    session.add(FeatureEnd(feature_id=feature_id, at=at, hour=hour, by=by, why=why, ended=ended))
    session.flush()


def _choose_record(session: Session, feature: Feature) -> None:
    session.execute(delete(RecordChoice).where(RecordChoice.feature == feature.slug))
    chosen = {measure: getattr(feature.record, measure) for measure in MEASURES}
    session.add_all(
        RecordChoice(feature=feature.slug, measure=measure, source=source)
        for measure, source in chosen.items()
        if source is not None
    )


def _token_used(session: Session, form_token: str | None) -> bool:
    if form_token is None:
        return False
    return session.scalar(select(FeatureRevision.id).where(FeatureRevision.form_token == form_token)) is not None
