"""When a price list was last read into or held against the book, and what went wrong since."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.queries.prices import FILLED_BY
from db.tables import PriceRow, SourceRun

# The name under which readings of price lists stand among the runs of sources.
PRICE_LIST = "price list"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRead:
    """The newest reading that worked, and the newest one after it that did not, with its message."""

    read_at: datetime | None
    failed_at: datetime | None
    failure: str


def last_price_read(session: Session, before: datetime | None = None) -> PriceRead:
    """The readings so far, or before an instant: filling the book is one, taking own prices is none."""
    filling = select(func.max(PriceRow.recorded_at)).where(PriceRow.recorded_by == FILLED_BY)
    newest = select(SourceRun).where(SourceRun.source == PRICE_LIST).order_by(SourceRun.id.desc()).limit(1)
    if before is not None:
        filling, newest = filling.where(PriceRow.recorded_at < before), newest.where(SourceRun.started_at < before)
    filled = session.scalar(filling)
    worked = session.scalars(newest.where(SourceRun.outcome == "ok")).one_or_none()
    last = session.scalars(newest).one_or_none()
    read_at = max(filter(None, (filled, worked.started_at if worked else None)), default=None)
    if last is None or last.outcome == "ok":
        return PriceRead(read_at=read_at, failed_at=None, failure="")
    return PriceRead(read_at=read_at, failed_at=last.started_at, failure=last.message)
