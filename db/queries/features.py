"""Which features there are, registered or seen in traffic."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import IS_REGISTERED, NOBODY, FeatureRevision, FeatureRow, FormerName, Rollup


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureHead:
    """One registered feature with its document as it was stored."""

    id: int
    slug: str
    name: str | None
    owner: str | None
    strategy: str
    model: str | None
    document: dict[str, Any]
    created_at: datetime
    updated_at: datetime


def _head(row: FeatureRow) -> FeatureHead:
    return FeatureHead(
        id=row.id,
        slug=row.slug,
        name=row.name,
        owner=row.owner,
        strategy=row.strategy,
        model=row.model,
        document=json.loads(row.document),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def features(session: Session, slugs: Collection[str] | None = None, *, ended: bool = False) -> list[FeatureHead]:
    """The registered features, by slug; all of them where none are named; with `ended` also those that ended."""
    kept = FeatureRow.merged_into.is_(None) if ended else IS_REGISTERED
    query = select(FeatureRow).where(kept).order_by(FeatureRow.slug)
    if slugs is not None:
        query = query.where(FeatureRow.slug.in_(slugs))
    return [_head(row) for row in session.scalars(query)]


def feature_models(session: Session) -> list[tuple[str, str, str | None]]:
    """The registered features' slug, strategy and model, without their documents: a fleet's are long to read."""
    query = select(FeatureRow.slug, FeatureRow.strategy, FeatureRow.model).where(IS_REGISTERED)
    return [(slug, strategy, model) for slug, strategy, model in session.execute(query)]


def registered_slugs(session: Session) -> set[str]:
    """The slugs of the registered features."""
    return set(session.scalars(select(FeatureRow.slug).where(IS_REGISTERED)))


def feature_names(session: Session) -> list[tuple[str, str | None]]:
    """The slugs of the registered features with the names that people gave them, by slug."""
    return [
        (slug, name)
        for slug, name in session.execute(select(FeatureRow.slug, FeatureRow.name).order_by(FeatureRow.slug))
    ]


def revisions(session: Session) -> dict[str, list[tuple[datetime, dict[str, Any]]]]:
    """Every document that each feature had, by slug, oldest first, with when it was recorded."""
    query = (
        select(FeatureRow.slug, FeatureRevision.recorded_at, FeatureRevision.document)
        .join(FeatureRow, FeatureRow.id == FeatureRevision.feature_id)
        .where(IS_REGISTERED)
        .order_by(FeatureRow.slug, FeatureRevision.recorded_at, FeatureRevision.id)
    )
    found: dict[str, list[tuple[datetime, dict[str, Any]]]] = {}
    for slug, at, document in session.execute(query):
        found.setdefault(slug, []).append((at, json.loads(document)))
    return found


def features_stamp(session: Session) -> tuple[int, datetime | None]:
    """Something that moves whenever a feature is registered or changed: how many there are, and the newest change."""
    count, newest = session.execute(select(func.count(FeatureRow.id), func.max(FeatureRow.updated_at))).one()
    return int(count), newest


def seen_features(session: Session) -> list[str]:
    """Every feature name that traffic carried, registered or not; unattributed traffic has none."""
    # From name to name along the key: DISTINCT would read every hour of every feature.
    first = select(func.min(Rollup.feature).label("name")).where(Rollup.feature > NOBODY)
    names = first.cte("names", recursive=True)
    after = select(func.min(Rollup.feature)).where(Rollup.feature > names.c.name).scalar_subquery()
    names = names.union_all(select(after).where(names.c.name.is_not(None)))
    return list(session.scalars(select(names.c.name).where(names.c.name.is_not(None)).order_by(names.c.name)))


def former_names(session: Session) -> dict[str, str]:
    """The names that became another feature's, each with that feature."""
    return {row.name: row.feature for row in session.scalars(select(FormerName))}


def merged_slugs(session: Session) -> set[str]:
    """The slugs of features that were merged into others: kept for their history, and nobody else's name."""
    return set(session.scalars(select(FeatureRow.slug).where(FeatureRow.merged_into.is_not(None))))


def form_token_used(session: Session, form_token: str) -> bool:
    """Whether a form with this token was saved already."""
    query = select(FeatureRevision.id).where(FeatureRevision.form_token == form_token)
    return session.scalar(query) is not None
