"""What was billed, as the newest version of each slot says it."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from db.tables import BilledRow

# Where bills overlap, the first of these counts.
_RANK = ("focus", "invoice", "pull")
_TOKENS = "tokens"


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
    keys = (BilledRow.provider, BilledRow.day, BilledRow.source, BilledRow.category)
    query = (
        select(*keys, func.sum(BilledRow.amount_usd).label("amount"))
        .where(*_newest(start_day, end_day), BilledRow.category != _TOKENS)
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


def told_tokens(session: Session, start_day: int, end_day: int) -> dict[tuple[str, int], tuple[int, int]]:
    """How many input and output tokens a provider itself says there were, by provider and day (days since 1970)."""
    query = (
        select(
            BilledRow.provider,
            BilledRow.day,
            func.sum(BilledRow.input_tokens).label("into"),
            func.sum(BilledRow.output_tokens).label("out"),
        )
        .where(*_newest(start_day, end_day), BilledRow.category == _TOKENS)
        .group_by(BilledRow.provider, BilledRow.day)
    )
    return {(row.provider, row.day): (int(row.into), int(row.out)) for row in session.execute(query)}


def last_billed_day(session: Session) -> int | None:
    """The newest day that a bill speaks of."""
    return session.scalar(select(func.max(BilledRow.day)).where(BilledRow.category != _TOKENS))


def _newest(start_day: int, end_day: int) -> tuple[ColumnElement[bool], ...]:
    later = aliased(BilledRow)
    newest = select(func.max(later.version)).where(later.slot == BilledRow.slot).scalar_subquery()
    return BilledRow.day >= start_day, BilledRow.day < end_day, BilledRow.version == newest
