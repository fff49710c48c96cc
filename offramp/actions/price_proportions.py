"""How a proposed price sits beside the others of its model: a cached token dearer than a plain one, and so on.

Limits: in the book of 2026-11, of some 3,000 outputs nine cost more than 20 inputs, no cache write cost more than four
inputs, one cached token more than a plain one, and four prices of larger requests less than those of small ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from db.queries.prices import BookLine
from offramp.actions.price_diff import Difference, Series, in_force, series_of
from strategy.kinds import PriceKind

Place = tuple[Series, datetime]
# What is charged as, what it is held against, how many times that it may cost at most, and what is said beyond.
_PROPORTIONS = (
    (PriceKind.CACHED_INPUT, PriceKind.INPUT, Decimal(1), "a cached token would cost more than a plain one"),
    (PriceKind.CACHE_WRITE, PriceKind.INPUT, Decimal(4), "a cache write would cost more than 4 inputs"),
    (PriceKind.OUTPUT, PriceKind.INPUT, Decimal(20), "an output would cost more than 20 inputs"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The book and what the same list says, to look up what another price will be."""

    book: Mapping[Series, Sequence[BookLine]]
    told: Mapping[Place, Difference]
    tiers: Mapping[tuple[str, PriceKind, str], frozenset[int]]

    def then(self, series: Series, at: datetime) -> Decimal | None:
        """What another price will be at an instant: as the same list says it, else as the book does."""
        same = self.told.get((series, at))
        if same is not None:
            return same.new
        line = in_force(self.book.get(series, ()), at)
        return None if line is None else line.price.usd_per_mtok


def beside(book: Mapping[Series, Sequence[BookLine]], found: Sequence[Difference]) -> Beside:
    """The book with the differences of a list laid beside it."""
    told = {(series_of(each.line), each.line.valid_from): each for each in found}
    tiers: dict[tuple[str, PriceKind, str], set[int]] = {}
    for model, kind, tier, processing in [*book, *(series for series, _ in told)]:
        tiers.setdefault((model, kind, processing), set()).add(tier)
    return Beside(book=book, told=told, tiers={key: frozenset(sizes) for key, sizes in tiers.items()})


def out_of_proportion(each: Difference, others: Beside) -> Iterator[str]:
    """What looks wrong with a price beside its model's others from the same instant on."""
    model, kind, tier, processing = series_of(each.line)
    new, at = each.new, each.line.valid_from
    if not new:
        return
    for charged, held, most, words in _PROPORTIONS:
        if kind in (charged, held):
            other = others.then((model, held if kind is charged else charged, tier, processing), at)
            part, whole = (new, other) if kind is charged else (other, new)
            if part and whole and part > whole * most:
                yield words
    for size in sorted(others.tiers.get((model, kind, processing), ())):
        other = others.then((model, kind, size, processing), at)
        if other and ((size > tier and other < new) or (size < tier and other > new)):
            yield "larger requests would cost less than small ones"
            return
