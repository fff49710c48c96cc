"""Writing bills: appended, slot by slot; the same bill again changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from db.store.usage import Recorded
from db.tables import NOBODY, BilledRow
from strategy.facts import Billed

_EPOCH = date(1970, 1, 1)
_NANO_DIGITS = 9

_Line = tuple[str, str, int, str, str]


class BillSums:
    """The lines of a bill as they come, summed per slot, source, provider, day, project and category."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = defaultdict(int)
        self.sums: dict[str, dict[_Line, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    def add(self, lines: Iterable[Billed]) -> None:
        """Add lines, in any order."""
        for line in lines:
            day = (line.day - _EPOCH).days
            place = (line.source, line.provider, day, line.project or NOBODY, line.category)
            self.sums[line.slot][place] += line.amount_usd
            self.rows[line.slot] += 1


def record_bills(session: Session, bills: BillSums, at: datetime, *, dry_run: bool = False) -> Recorded:
    """Append each slot whose lines are not those that count already; how many rows told something new."""
    new = 0
    for slot, sums in bills.sums.items():
        rounded = {place: round(amount, _NANO_DIGITS) for place, amount in sums.items()}
        version, present = _newest(session, slot)
        if rounded == present:
            continue
        new += bills.rows[slot]
        if not dry_run:
            _append(session, slot, version + 1, rounded, at)
    return Recorded(accepted=new, duplicates=sum(bills.rows.values()) - new)


def _newest(session: Session, slot: str) -> tuple[int, dict[_Line, Decimal]]:
    version = session.scalar(select(func.max(BilledRow.version)).where(BilledRow.slot == slot)) or 0
    rows = session.scalars(select(BilledRow).where(BilledRow.slot == slot, BilledRow.version == version))
    return version, {(row.source, row.provider, row.day, row.project, row.category): row.amount_usd for row in rows}


def _append(session: Session, slot: str, version: int, sums: Mapping[_Line, Decimal], at: datetime) -> None:
    rows = [
        {
            "slot": slot,
            "version": version,
            "source": source,
            "provider": provider,
            "day": day,
            "project": project,
            "category": category,
            "amount_usd": amount,
            "recorded_at": at,
        }
        for (source, provider, day, project, category), amount in sums.items()
    ]
    session.execute(insert(BilledRow), rows)
