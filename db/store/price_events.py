"""Writing what happened to prices and models: each event once, whoever notices it and however often."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.store.upsert import insert_new
from db.tables import PriceEvent


def append_events(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Append the events whose key is new; how many were."""
    return len(insert_new(session, PriceEvent, rows, "key"))


def mark_judged(session: Session, ids: Collection[int], at: datetime) -> None:
    """Note that the features these events touch were judged again."""
    query = update(PriceEvent).where(PriceEvent.id.in_(ids), PriceEvent.judged_at.is_(None))
    session.execute(query.values(judged_at=at))
