"""What a proposed price must not slip through as: a typo, a slip of unit, a swap, a revert, a broken list.

Limits (price research of 2026-11-21, section A4): of 48 known headline changes 16 moved more than 3 times, so that asks
a person and refuses nothing; beyond 8 times stood one true change, one typo of 11 times and every slip of unit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from db.queries.prices import BookLine
from offramp.actions.price_diff import Change, Difference, Series, in_force, series_of
from offramp.actions.price_proportions import Beside, beside, out_of_proportion
from strategy.hours import hours_of, plain
from strategy.kinds import PriceKind
from strategy.money import rate

ASK_BEYOND = Decimal(3)
QUARANTINE_BEYOND = Decimal(8)
# The dearest price per Mtok in two price books of 2026-11 was 600 USD (o1-pro's output); slips began at 2,900.
DEAREST = Decimal(1_000)
# The cheapest in the same two books was 0.0011 (a cached token); a price per thousand or per token lies far below.
CHEAPEST = Decimal("0.0005")
# Of the 4,700 token prices in the book of 2026-11 two in a hundred lie below and two above. A first price has none
# before it to be held against, so there a person looks; a slip by a hundred or a thousand mostly ends up outside.
ORDINARY = {
    PriceKind.INPUT: (Decimal("0.02"), Decimal(11)),
    PriceKind.OUTPUT: (Decimal("0.05"), Decimal(55)),
}
REVERT_WITHIN = timedelta(days=45)
MANY_SHARE = Decimal("0.2")
MANY_MODELS = 5
_BY_THE_HOUR = {PriceKind.TRAINING_HOUR, PriceKind.GPU_HOUR}
_MOVES = {Change.CHANGED, Change.BACK_DATED, Change.SCHEDULED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A difference with what becomes of it: `accepted` by itself, `open` for a person, or `quarantined`; and why."""

    difference: Difference
    status: str
    why: str


def judged(
    found: Sequence[Difference], book: Mapping[Series, Sequence[BookLine]], makers: Mapping[str, str]
) -> list[Judged]:
    """Each difference with its status. `makers` gives for a host's model the maker's model of the same name."""
    many = _many(found, book)
    others = beside(book, found)
    weighed = [_judged(each, others, many, makers) for each in found]
    waits = {_group(each.difference) for each in weighed if each.status != "accepted"}
    return [
        replace(each, status="open", why="waits with the model's other prices of this list")
        if each.status == "accepted" and each.difference.new is not None and _group(each.difference) in waits
        else each
        for each in weighed
    ]


def _group(each: Difference) -> tuple[str, datetime]:
    return each.line.model, each.line.valid_from


def _judged(
    each: Difference,
    others: Beside,
    many: Mapping[str, str],
    makers: Mapping[str, str],
) -> Judged:
    if each.change is Change.REMOVED:
        return Judged(difference=each, status="accepted", why="gone from the list; the book keeps its price")
    wild = list(_wild(each, others.book, makers))
    if wild:
        return Judged(difference=each, status="quarantined", why="; ".join(wild))
    doubts = [*_doubts(each, others, makers), *([many[p] for p in [_provider(each)] if p in many])]
    if doubts:
        return Judged(difference=each, status="open", why="; ".join(doubts))
    return Judged(difference=each, status="accepted", why="dated by its source and within the ordinary")


def _wild(each: Difference, book: Mapping[Series, Sequence[BookLine]], makers: Mapping[str, str]) -> Iterator[str]:
    new = each.new
    if new is None:
        return
    if each.line.kind not in _BY_THE_HOUR and new > DEAREST:
        yield f"${rate(new)} per Mtok is dearer than anything sold: a slip of unit"
    if each.line.kind not in _BY_THE_HOUR and 0 < new < CHEAPEST:
        yield f"${rate(new)} per Mtok is cheaper than anything sold: a slip of unit"
    for what, times in _ratios(each, book, makers):
        if times > QUARANTINE_BEYOND:
            yield f"${rate(new)} is {_times(times)} {what}: more than {QUARANTINE_BEYOND} times is taken for an error"


def _doubts(
    each: Difference,
    others: Beside,
    makers: Mapping[str, str],
) -> Iterator[str]:
    if each.change is Change.BACK_DATED:
        yield "corrects a time whose costs were told"
    if each.change is Change.CANCELLED:
        yield "was announced, and is no longer"
    elif not each.declared:
        yield "the list does not date it: noticed when it was read"
    if each.new == 0 or (each.old == 0 and each.new is not None):
        yield "a price of zero"
    ordinary = ORDINARY.get(each.line.kind)
    if each.old is None and each.new and ordinary is not None and not ordinary[0] <= each.new <= ordinary[1]:
        yield f"${rate(each.new)} is outside what 96 of 100 prices are, and has none before it"
    for what, times in _ratios(each, others.book, makers):
        if times > ASK_BEYOND:
            yield f"{_times(times)} {what}"
    if _is_swapped(each, others):
        yield "input and output look swapped"
    yield from out_of_proportion(each, others)
    if _is_revert(each, others.book):
        yield f"takes back a change of the last {REVERT_WITHIN.days} days"


def _ratios(
    each: Difference, book: Mapping[Series, Sequence[BookLine]], makers: Mapping[str, str]
) -> Iterator[tuple[str, Decimal]]:
    """How many times the price moved, and how many times a new one is apart from its maker's."""
    new = each.new
    if not new:
        return
    if each.old:
        yield f"the ${rate(each.old)} before", _apart(each.old, new)
    elif each.old is None and hours_of(each.line.processing):
        place = (each.line.model, each.line.kind, each.line.tier_min_input_tokens, plain(each.line.processing))
        line = in_force(book.get(place, ()), each.line.valid_from)
        if line is not None and line.price.usd_per_mtok:
            yield "what it costs at other hours", _apart(line.price.usd_per_mtok, new)
    elif each.old is None and each.line.model in makers:
        maker = makers[each.line.model]
        _, kind, tier, processing = series_of(each.line)
        line = in_force(book.get((maker, kind, tier, processing), ()), each.line.valid_from)
        if line is not None and line.price.usd_per_mtok:
            yield f"what {maker} costs", _apart(line.price.usd_per_mtok, new)


def _apart(one: Decimal, other: Decimal) -> Decimal:
    return max(one, other) / min(one, other)


def _times(ratio: Decimal) -> str:
    return f"{ratio:.1f} times"


def _is_swapped(each: Difference, others: Beside) -> bool:
    """Whether from its day on input costs more than output, where before it did not."""
    other_kind = {PriceKind.INPUT: PriceKind.OUTPUT, PriceKind.OUTPUT: PriceKind.INPUT}.get(each.line.kind)
    if other_kind is None or each.new is None:
        return False
    model, _, tier, processing = series_of(each.line)
    place: Series = (model, other_kind, tier, processing)
    line = in_force(others.book.get(place, ()), each.line.valid_from)
    then, now = None if line is None else line.price.usd_per_mtok, others.then(place, each.line.valid_from)
    if now is None:
        return False
    after = (each.new, now) if each.line.kind is PriceKind.INPUT else (now, each.new)
    if each.old is None or then is None:
        return after[0] > after[1]
    before = (each.old, then) if each.line.kind is PriceKind.INPUT else (then, each.old)
    return after[0] > after[1] and before[0] <= before[1]


def _is_revert(each: Difference, book: Mapping[Series, Sequence[BookLine]]) -> bool:
    """Whether it brings back what a change within the last weeks had replaced."""
    lines = [line for line in book.get(series_of(each.line), ()) if line.price.valid_from <= each.line.valid_from]
    return any(
        before.price.usd_per_mtok == each.new and each.line.valid_from - after.price.valid_from <= REVERT_WITHIN
        for before, after in pairwise(lines)
    )


def _many(found: Sequence[Difference], book: Mapping[Series, Sequence[BookLine]]) -> dict[str, str]:
    """The providers of which too many models move at once, with the sentence that says so."""
    models: dict[str, set[str]] = {}
    for model, *_ in book:
        models.setdefault(model.partition("/")[0], set()).add(model)
    moved: dict[str, set[str]] = {}
    for each in found:
        if each.change in _MOVES:
            moved.setdefault(_provider(each), set()).add(each.line.model)
    return {
        provider: f"{len(moving)} of {len(models.get(provider, moving))} models of {provider} move at once"
        for provider, moving in moved.items()
        if len(moving) >= MANY_MODELS and len(moving) > MANY_SHARE * len(models.get(provider, moving))
    }


def _provider(each: Difference) -> str:
    return each.line.model.partition("/")[0]
