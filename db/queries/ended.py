"""Which features have ended, who said so and why, and whether somebody calls them still."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, Select, exists, func, select
from sqlalchemy.orm import Session

from db.queries.features import registered_slugs, seen_features
from db.tables import FeatureEnd, FeatureRow, Rollup


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A feature that ended; `called` says that calls came in an hour after the one in which it ended."""

    slug: str
    name: str | None
    owner: str | None
    strategy: str
    at: datetime
    by: str
    why: str
    called: bool

    def document(self) -> dict[str, object]:
        """For `--json`."""
        return {"at": self.at.isoformat(), "by": self.by, "why": self.why, "called_since": self.called}


def ended_features(session: Session, before: datetime | None = None) -> dict[str, Ended]:
    """The features that have ended, by slug; with `before`, those that had just before an instant."""
    later = [Rollup.feature == FeatureRow.slug, Rollup.hour > FeatureEnd.hour]
    if before is not None:
        later.append(Rollup.hour < int(before.timestamp()) // 3600)
    query = (
        select(FeatureRow, FeatureEnd, exists().where(*later))
        .join(FeatureEnd, FeatureEnd.feature_id == FeatureRow.id)
        .where(FeatureEnd.id.in_(_newest(before)), FeatureEnd.ended, FeatureRow.merged_into.is_(None))
        .order_by(FeatureRow.slug)
    )
    return {
        head.slug: Ended(
            slug=head.slug,
            name=head.name,
            owner=head.owner,
            strategy=head.strategy,
            at=row.at,
            by=row.by,
            why=row.why,
            called=called,
        )
        for head, row, called in session.execute(query)
    }


def ended_ids(before: datetime) -> Select[int]:
    """The numbers of the features that had ended just before an instant."""
    return select(FeatureEnd.feature_id).where(FeatureEnd.id.in_(_newest(before)), FeatureEnd.ended)


def discovered_names(session: Session) -> list[str]:
    """The names in traffic that nobody registered; one that ended is not told as such."""
    known = registered_slugs(session) | ended_features(session).keys()
    return [name for name in seen_features(session) if name not in known]


def _newest(before: datetime | None) -> ScalarSelect[int]:
    newest = select(func.max(FeatureEnd.id)).group_by(FeatureEnd.feature_id)
    return (newest if before is None else newest.where(FeatureEnd.at < before)).scalar_subquery()
