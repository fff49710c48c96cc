"""Writing bills: appended, slot by slot; the same bill again changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from db.store.turns import Turn, take_turn
from db.store.usage import Recorded
from db.tables import NOBODY, BilledRow
from strategy.facts import Billed

_EPOCH = date(1970, 1, 1)
_NANO_DIGITS = 9

_Line = tuple[str, str, int, str, str]


class _Sum(NamedTuple):
    """What the lines of one place come to."""

    usd: Decimal = Decimal(0)
    input_tokens: int = 0
    output_tokens: int = 0

    def plus(self, line: Billed) -> "_Sum":
        return _Sum(
            self.usd + line.amount_usd, self.input_tokens + line.input_tokens, self.output_tokens + line.output_tokens
        )


class BillSums:
    """The lines of a bill as they come, summed per slot, source, provider, day, project and category."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = defaultdict(int)
        self.sums: dict[str, dict[_Line, _Sum]] = defaultdict(lambda: defaultdict(_Sum))

    def add(self, lines: Iterable[Billed]) -> None:
        """Add lines, in any order."""
        for line in lines:
            day = (line.day - _EPOCH).days
            place = (line.source, line.provider, day, line.project or NOBODY, line.category)
            self.sums[line.slot][place] = self.sums[line.slot][place].plus(line)
            self.rows[line.slot] += 1


@dataclass(frozen=True, slots=True)
class RecordedBills(Recorded):
    """How many rows told something new, and in which slots.

    Of those that replaced an earlier bill: what it came to, what they come to, and how many of its sums (of a day,
    project and category) they have no line of.
    """

    changed: frozenset[str]
    before_usd: Decimal
    after_usd: Decimal
    gone_lines: int


def record_bills(session: Session, bills: BillSums, at: datetime, *, dry_run: bool = False) -> RecordedBills:
    """Append each slot whose lines are not those that count already."""
    take_turn(session, Turn.BILLS)  # two readers of one bill would both append it
    new, changed, gone = 0, set[str](), 0
    before = after = Decimal(0)
    for slot, sums in bills.sums.items():
        rounded = {place: sums[place]._replace(usd=round(sums[place].usd, _NANO_DIGITS)) for place in sums}
        version, present = _newest(session, slot)
        if rounded == present:
            continue
        new += bills.rows[slot]
        changed.add(slot)
        if present:
            before, after = before + _usd(present), after + _usd(rounded)
            gone += len(present.keys() - rounded.keys())
        if not dry_run:
            _append(session, slot, version + 1, rounded, at)
    return RecordedBills(new, sum(bills.rows.values()) - new, frozenset(changed), before, after, gone)


def _usd(sums: Mapping[_Line, _Sum]) -> Decimal:
    return sum((found.usd for found in sums.values()), Decimal(0))


def _newest(session: Session, slot: str) -> tuple[int, dict[_Line, _Sum]]:
    version = session.scalar(select(func.max(BilledRow.version)).where(BilledRow.slot == slot)) or 0
    rows = session.scalars(select(BilledRow).where(BilledRow.slot == slot, BilledRow.version == version))
    return version, {
        (row.source, row.provider, row.day, row.project, row.category): _Sum(
            row.amount_usd, row.input_tokens, row.output_tokens
        )
        for row in rows
    }


def _append(session: Session, slot: str, version: int, sums: Mapping[_Line, _Sum], at: datetime) -> None:
    rows = [
        {
            "slot": slot,
            "version": version,
            "source": source,
            "provider": provider,
            "day": day,
            "project": project,
            "category": category,
            "amount_usd": found.usd,
            "input_tokens": found.input_tokens,
            "output_tokens": found.output_tokens,
            "recorded_at": at,
        }
        for (source, provider, day, project, category), found in sums.items()
    ]
    session.execute(insert(BilledRow), rows)
