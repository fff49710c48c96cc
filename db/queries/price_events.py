"""What happened to prices and models, and who was touched by it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import ModelName, PriceEvent, PriceRow, Rollup


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One event; `judged_at` is when the features it touches were judged again, None while they wait."""

    id: int
    key: str
    kind: str
    model: str
    at: datetime
    detail: str
    recorded_at: datetime
    judged_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """An announced line that was taken back."""

    model: str
    kind: str
    valid_from: datetime
    recorded_at: datetime


def price_events(
    session: Session, *, kinds: Collection[str] | None = None, before: datetime | None = None, waiting: bool = False
) -> list[StoredEvent]:
    """The events in time, by kind, before an instant, or only those whose features wait to be judged."""
    query = select(PriceEvent).order_by(PriceEvent.at, PriceEvent.id)
    if kinds is not None:
        query = query.where(PriceEvent.kind.in_(kinds))
    if before is not None:
        query = query.where(PriceEvent.at < before)
    if waiting:
        query = query.where(PriceEvent.judged_at.is_(None))
    return [
        StoredEvent(**{name: getattr(row, name) for name in StoredEvent.__dataclass_fields__})
        for row in session.scalars(query)
    ]


def cancelled_lines(session: Session, models: Collection[str], known_by: datetime) -> list[Cancelled]:
    """The announced lines of these models that were taken back by an instant."""
    query = (
        select(PriceRow)
        .where(PriceRow.status == "cancelled", PriceRow.model.in_(models), PriceRow.recorded_at <= known_by)
        .order_by(PriceRow.recorded_at, PriceRow.id)
    )
    return [
        Cancelled(model=row.model, kind=row.kind, valid_from=row.valid_from, recorded_at=row.recorded_at)
        for row in session.scalars(query)
    ]


def first_prices(session: Session, start: datetime, end: datetime) -> dict[str, datetime]:
    """The models whose first price begins after `start` and up to `end`."""
    first = func.min(PriceRow.valid_from)
    query = (
        select(PriceRow.model, first)
        .where(PriceRow.status.in_(("active", "scheduled")))
        .group_by(PriceRow.model)
        .having(first > start, first <= end)
    )
    return {model: at for model, at in session.execute(query)}  # noqa: C416 (rows are no pairs to mypy)


def models_by_feature(session: Session, start_hour: int, end_hour: int) -> dict[str, set[str]]:
    """The book ids that each feature's traffic used in a window of hours since 1970."""
    names = select(ModelName.provider, ModelName.name, ModelName.model).where(ModelName.model.is_not(None))
    known = {(provider, name): model for provider, name, model in session.execute(names)}
    query = select(Rollup.feature, Rollup.provider, Rollup.model).distinct()
    found: dict[str, set[str]] = {}
    for feature, *name in session.execute(query.where(Rollup.hour >= start_hour, Rollup.hour < end_hour)):
        if model := known.get((name[0], name[1])):
            found.setdefault(feature, set()).add(model)
    return found
