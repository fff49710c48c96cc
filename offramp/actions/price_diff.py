"""What a price list says differently from the book, by model, kind, size tier and processing.

The changes: `new` (nothing of this kind was in the book), `changed` (from its day on), `back_dated` (for a time whose
costs were told: a correction), `scheduled` (announced), `cancelled` (announced once, and gone from a list that is
whole), `removed` (the model is gone from such a list: no action). A list that does not date a price says what holds
when it is read: such a change starts with that hour.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from collectors.price_rows import Listed
from db.queries.prices import BookLine
from strategy.facts import Price
from strategy.kinds import PriceKind


class Change(StrEnum):
    """How a price list differs from the book (design's words)."""

    NEW = "new"
    CHANGED = "changed"
    REMOVED = "removed"
    BACK_DATED = "back_dated"
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


Series = tuple[str, PriceKind, int, str]

# Lines that a person keeps by hand; no list moves them.
OWN = "own"
# What an own discount makes of the lists' lines: it follows them, so lists go on below it.
DISCOUNT = "own discount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference: the line as it would stand in the book, and the book's line it differs from."""

    change: Change
    line: Price
    old: Decimal | None
    base_id: int
    declared: bool

    @property
    def new(self) -> Decimal | None:
        """The amount from the change on; None where there will be none."""
        return None if self.change in {Change.REMOVED, Change.CANCELLED} else self.line.usd_per_mtok

    @property
    def key(self) -> str:
        """What differs from which line: the same difference has the same key, whenever it is read."""
        line = self.line
        start = line.valid_from.isoformat() if self.declared else "noticed"
        parts = (line.model, line.kind.value, line.tier_min_input_tokens, line.processing)
        return "|".join(str(part) for part in (*parts, self.change.value, self.new, start, self.base_id))


def series_of(line: Price) -> Series:
    """What has a price of its own."""
    return line.model, line.kind, line.tier_min_input_tokens, line.processing


def by_series(lines: Iterable[BookLine]) -> dict[Series, list[BookLine]]:
    """The book's lines by what has a price, each in time."""
    found: dict[Series, list[BookLine]] = {}
    for line in sorted(lines, key=lambda each: each.price.valid_from):
        found.setdefault(series_of(line.price), []).append(line)
    return found


def in_force(lines: Sequence[BookLine], at: datetime) -> BookLine | None:
    """The line of one series in force at an instant."""
    begun = [line for line in lines if line.price.valid_from <= at]
    last = begun[-1] if begun else None
    ended = last is not None and last.price.valid_to is not None and last.price.valid_to <= at
    return None if ended else last


def differences(
    book: Mapping[Series, Sequence[BookLine]],
    listed: Iterable[Listed],
    *,
    now: datetime,
    told_until: datetime,
    whole: bool,
) -> list[Difference]:
    """How a list differs from the book; costs up to `told_until` were told with the book as it is.

    With `whole`, what the list leaves out of a provider it tells was taken away.
    """
    steps: dict[Series, list[Listed]] = {}
    for line in sorted(listed, key=lambda each: each.price.valid_from):
        steps.setdefault(series_of(line.price), []).append(line)
    hour = now.replace(minute=0, second=0, microsecond=0)
    found: list[Difference] = []
    for series, said in steps.items():
        lines = book.get(series, ())
        if any(line.recorded_by == OWN for line in lines):
            continue
        for step in said:
            found += _of_step(lines, step, (hour, now, told_until), only=len(said) == 1)
        if whole:
            found += _cancelled(lines, said, now)
    return found + (list(_removed(book, steps, hour)) if whole else [])


def _of_step(
    lines: Sequence[BookLine],
    step: Listed,
    times: tuple[datetime, datetime, datetime],
    *,
    only: bool,
) -> Iterator[Difference]:
    hour, now, told_until = times
    price = step.price
    if not lines:
        yield _difference(Change.NEW, price, None, price.valid_from if step.declared else hour, declared=step.declared)
    elif step.declared:
        base = in_force(lines, price.valid_from)
        if base is None or base.price.usd_per_mtok != price.usd_per_mtok:
            late = Change.CHANGED if price.valid_from >= told_until else Change.BACK_DATED
            change = Change.SCHEDULED if price.valid_from > now else late
            yield _difference(change, price, base, price.valid_from, declared=True)
    elif only and price.valid_to is not None and price.valid_to <= now:
        return  # it ended before today, so it says nothing of today
    elif only:
        base = in_force(lines, now)
        if base is None or base.price.usd_per_mtok != price.usd_per_mtok:
            yield _difference(Change.CHANGED, price, base, hour, declared=False)
    elif lines[0].price.usd_per_mtok != price.usd_per_mtok:
        # The list dates what came later, so this is what it says of the beginning.
        yield _difference(Change.BACK_DATED, price, lines[0], lines[0].price.valid_from, declared=False)


def _difference(change: Change, price: Price, base: BookLine | None, at: datetime, *, declared: bool) -> Difference:
    end = price.valid_to if price.valid_to is not None and price.valid_to > at else None
    line = Price(
        model=price.model,
        kind=price.kind,
        usd_per_mtok=price.usd_per_mtok,
        valid_from=at,
        valid_to=end,
        tier_min_input_tokens=price.tier_min_input_tokens,
        processing=price.processing,
        source=price.source,
    )
    old, base_id = (None, 0) if base is None else (base.price.usd_per_mtok, base.id)
    return Difference(change=change, line=line, old=old, base_id=base_id, declared=declared)


def _cancelled(lines: Sequence[BookLine], said: Sequence[Listed], now: datetime) -> Iterator[Difference]:
    """What was announced and what the list no longer announces."""
    starts = {step.price.valid_from for step in said}
    for line in lines:
        if line.price.valid_from > now and line.price.valid_from not in starts:
            old = line.price.usd_per_mtok
            yield Difference(change=Change.CANCELLED, line=line.price, old=old, base_id=line.id, declared=False)


def _removed(
    book: Mapping[Series, Sequence[BookLine]], steps: Mapping[Series, object], hour: datetime
) -> Iterator[Difference]:
    """Models that the list, though it tells their provider, no longer has."""
    told = {model for model, *_ in steps}
    providers = {model.partition("/")[0] for model in told}
    gone: set[str] = set()
    for (model, *_), lines in book.items():
        base = in_force(lines, hour)
        missing = model not in told and model not in gone and model.partition("/")[0] in providers
        if missing and base is not None and base.recorded_by != OWN:
            gone.add(model)
            yield _difference(Change.REMOVED, base.price, base, base.price.valid_from, declared=False)
