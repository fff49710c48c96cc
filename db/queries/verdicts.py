"""The stored verdicts and flips, as frozen values."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from db.queries.ended import ended_ids
from db.tables import IS_REGISTERED, FeatureRow, FlipRow, SnapshotRow, VerdictRow


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVerdict:
    """One verdict as stored; `document` is the whole argument as JSON text."""

    feature: str
    as_of: datetime
    verdict: str
    code: str | None
    now: str
    target: str | None
    saving_usd_month: Decimal | None
    due_by: date | None
    snapshot_sha: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """One change of verdict with its cause, the saving and the monthly cost before and after."""

    feature: str
    at: datetime
    from_verdict: str | None
    from_target: str | None
    from_code: str | None
    to_verdict: str
    to_target: str | None
    to_code: str | None
    cause: str
    cause_detail: str
    saving_before_usd_month: Decimal | None
    saving_after_usd_month: Decimal | None
    event_id: int | None = None
    before_usd_month: Decimal | None = None
    after_usd_month: Decimal | None = None


def stored_verdict(row: VerdictRow, slug: str) -> StoredVerdict:
    """A row as a frozen value."""
    return StoredVerdict(
        feature=slug,
        as_of=row.as_of,
        verdict=row.verdict,
        code=row.code,
        now=row.now,
        target=row.target,
        saving_usd_month=row.saving_usd_month,
        due_by=row.due_by,
        snapshot_sha=row.snapshot_sha,
        document=row.document,
    )


def latest_verdicts(session: Session, as_of: datetime | None = None) -> list[StoredVerdict]:
    """The newest verdict of every registered feature, by slug; with `as_of`, of those of then, judged by then."""
    ids = select(func.max(VerdictRow.id)).group_by(VerdictRow.feature_id)
    kept = IS_REGISTERED
    if as_of is not None:
        ids = ids.where(VerdictRow.as_of <= as_of)
        kept = and_(FeatureRow.merged_into.is_(None), FeatureRow.id.not_in(ended_ids(as_of)))
    query = select(VerdictRow, FeatureRow.slug).join(FeatureRow).where(VerdictRow.id.in_(ids), kept)
    query = query.order_by(FeatureRow.slug)
    return [stored_verdict(row, slug) for row, slug in session.execute(query)]


def verdict_of(session: Session, slug: str, as_of: datetime | None = None) -> StoredVerdict | None:
    """The newest verdict of one feature, or the newest judged for `as_of` or before; None where there is none."""
    query = select(VerdictRow).join(FeatureRow).where(FeatureRow.slug == slug)
    if as_of is not None:
        query = query.where(VerdictRow.as_of <= as_of)
    row = session.scalars(query.order_by(VerdictRow.id.desc()).limit(1)).one_or_none()
    return None if row is None else stored_verdict(row, slug)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands of a feature: the decision of its last flip, what it ran on, since when; and its last move."""

    verdict: str
    code: str | None
    target: str | None
    now: str
    since: datetime
    moved: datetime | None


def standing(session: Session, slugs: Collection[str], *, before: datetime) -> dict[str, Standing]:
    """By slug what was last said of each of these features before an instant."""
    after, earlier = aliased(VerdictRow), aliased(VerdictRow)
    ids = select(FeatureRow.id).where(FeatureRow.slug.in_(slugs))
    known = select(FlipRow).where(FlipRow.at < before, FlipRow.feature_id.in_(ids)).subquery()
    moving = (
        select(known.c.feature_id, func.max(known.c.at))
        .join(after, after.id == known.c.verdict_id)
        .join(earlier, earlier.id == known.c.previous_verdict_id)
        .where(after.now != earlier.now)
        .group_by(known.c.feature_id)
    )
    moves: dict[int, datetime] = {feature: at for feature, at in session.execute(moving)}  # noqa: C416 (rows, not pairs)
    newest = select(func.max(known.c.id)).group_by(known.c.feature_id)
    query = (
        select(FlipRow, VerdictRow.now, FeatureRow.slug)
        .join(VerdictRow, VerdictRow.id == FlipRow.verdict_id)
        .join(FeatureRow, FeatureRow.id == FlipRow.feature_id)
        .where(FlipRow.id.in_(newest))
    )
    return {
        slug: Standing(
            verdict=flip.to_verdict,
            code=flip.to_code,
            target=flip.to_target,
            now=now,
            since=flip.at,
            moved=moves.get(flip.feature_id),
        )
        for flip, now, slug in session.execute(query)
    }


def snapshot_of(session: Session, sha: str) -> str | None:
    """The frozen facts under a hash, as canonical JSON."""
    return session.scalar(select(SnapshotRow.document).where(SnapshotRow.sha == sha))


def flips(
    session: Session, *, slug: str | None = None, start: datetime | None = None, end: datetime | None = None
) -> list[Flip]:
    """Changes of verdict, oldest first; of one feature, or from `start` up to, not including, `end`."""
    after, before = aliased(VerdictRow), aliased(VerdictRow)
    query = (
        select(FlipRow, FeatureRow.slug, after.saving_usd_month, before.saving_usd_month)
        .join(FeatureRow, FeatureRow.id == FlipRow.feature_id)
        .join(after, after.id == FlipRow.verdict_id)
        .outerjoin(before, before.id == FlipRow.previous_verdict_id)
        .order_by(FlipRow.at, FlipRow.id)
    )
    wanted: list[ColumnElement[bool]] = []
    if slug is not None:
        wanted.append(FeatureRow.slug == slug)
    if start is not None:
        wanted.append(FlipRow.at >= start)
    if end is not None:
        wanted.append(FlipRow.at < end)
    return [
        Flip(
            feature=name,
            at=row.at,
            from_verdict=row.from_verdict,
            from_target=row.from_target,
            from_code=row.from_code,
            to_verdict=row.to_verdict,
            to_target=row.to_target,
            to_code=row.to_code,
            cause=row.cause,
            cause_detail=row.cause_detail,
            saving_before_usd_month=saving_before,
            saving_after_usd_month=saving_after,
            event_id=row.event_id,
            before_usd_month=row.before_usd_month,
            after_usd_month=row.after_usd_month,
        )
        for row, name, saving_after, saving_before in session.execute(query.where(*wanted))
    ]
