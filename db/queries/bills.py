"""What was billed, as the newest version of each slot says it."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from db.tables import BilledRow

# Where bills overlap, the first of these counts.
_RANK = ("focus", "invoice", "pull")


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledDay:
    """What one source of bills says of a provider, a day (days since 1970) and a category."""

    provider: str
    day: int
    source: str
    category: str
    amount_usd: Decimal


def billed_days(session: Session, start_day: int, end_day: int) -> list[BilledDay]:
    """The bills of the days from `start_day` up to, not including, `end_day`.

    Where two sources of bills speak of one provider's day, the one that tells of every charge counts.
    """
    later = aliased(BilledRow)
    newest = select(func.max(later.version)).where(later.slot == BilledRow.slot).scalar_subquery()
    keys = (BilledRow.provider, BilledRow.day, BilledRow.source, BilledRow.category)
    query = (
        select(*keys, func.sum(BilledRow.amount_usd).label("amount"))
        .where(BilledRow.day >= start_day, BilledRow.day < end_day, BilledRow.version == newest)
        .group_by(*keys)
        .order_by(*keys)
    )
    found = [
        BilledDay(provider=row.provider, day=row.day, source=row.source, category=row.category, amount_usd=row.amount)
        for row in session.execute(query)
    ]
    counted: dict[tuple[str, int], str] = {}
    for bill in found:
        place = (bill.provider, bill.day)
        counted[place] = min(counted.get(place, bill.source), bill.source, key=_RANK.index)
    return [bill for bill in found if counted[bill.provider, bill.day] == bill.source]


def last_billed_day(session: Session) -> int | None:
    """The newest day that a bill speaks of."""
    return session.scalar(select(func.max(BilledRow.day)))
