"""Prices usage groups: tokens times the price in force when they were used, exact, unknown where no price is known."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from db.queries.prices import price_lines
from db.queries.usage import UsageGroup, models_in_use, usage_groups
from db.session import Session
from db.store.usage import hour_of, hour_start
from strategy.facts import Price, TokenMix
from strategy.prices import PriceBook, mix_cost


@dataclass(frozen=True, slots=True)
class CostedGroup:
    """A usage group with its computed cost; `cost_usd` is None where its calls could not be priced."""

    group: UsageGroup
    cost_usd: Decimal | None

    @property
    def unpriced_calls(self) -> int:
        """Calls whose tokens are known and whose price is not."""
        return self.group.calls_with_tokens if self.cost_usd is None else 0


def token_mix(group: UsageGroup) -> TokenMix:
    """The group's tokens as the judge prices them."""
    return TokenMix(
        model=group.model,
        tier=group.tier,
        processing=group.processing,
        calls=group.calls_with_tokens,
        input_tokens=group.input_tokens,
        cached_input_tokens=group.cached_input_tokens,
        cache_write_tokens=group.cache_write_tokens,
        output_tokens=group.output_tokens,
    )


def costed_groups(
    session: Session,
    start: datetime,
    end: datetime,
    *,
    by: Collection[str],
    features: Collection[str] | None = None,
    lines: tuple[Price, ...] | None = None,
    beside: bool = False,
) -> list[CostedGroup]:
    """Usage from `start` up to, not including, `end` (whole hours), each group with its cost.

    A group never spans a price change: the window is cut where a price of a model in use starts or ends. With `lines`,
    these prices count instead of the book's; `beside` is what the sources told that are not of record.
    """
    start_hour, end_hour = hour_of(start), hour_of(end)
    book = PriceBook(
        price_lines(session, models_in_use(session, start_hour, end_hour, features)) if lines is None else lines
    )
    moments = {moment for line in book.lines for moment in (line.valid_from, line.valid_to) if moment is not None}
    breaks = sorted({hour_of(moment) for moment in moments if start < moment < end})
    groups = usage_groups(session, start_hour, end_hour, by=by, breaks=breaks, features=features, beside=beside)
    starts = [start, *(hour_start(hour) for hour in breaks)]
    return [_costed(book, group, starts) for group in groups]


def _costed(book: PriceBook, group: UsageGroup, starts: Sequence[datetime]) -> CostedGroup:
    if group.calls_with_tokens == 0:
        return CostedGroup(group, None)
    return CostedGroup(group, mix_cost(book, token_mix(group), starts[group.segment]))
