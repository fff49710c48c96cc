"""Prices usage groups: tokens times the price in force when they were used, exact, unknown where no price is known.

Where a model costs something else at some hours, the groups are cut by those hours too, and each names its context.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from collectors.model_names import provider_id
from collectors.price_feed import feed_providers
from db.queries.prices import price_lines
from db.queries.usage import UsageGroup, models_in_use, usage_groups
from db.session import Session
from db.store.usage import hour_of, hour_start
from strategy.facts import Price, TokenMix
from strategy.hours import HOURS_A_WEEK, hours_of, week_of
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


def provider_of(costed: CostedGroup) -> str:
    """Who is paid: the host of the model in the price book, else what the sender calls the provider.

    A host that sells a maker's models at the maker's price is paid for them: Azure, for OpenAI's.
    """
    group = costed.group
    named = provider_id(group.provider)
    if group.model is None:
        return named or group.provider or "unknown"
    maker = group.model.partition("/")[0]
    return named if named is not None and maker in feed_providers()[named].hosted else maker


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

    A group never spans a price change: the window is cut where a price of a model in use starts or ends, and by the
    hours of the week that have prices of their own; its `processing` then is the context that priced it. With `lines`,
    these prices count instead of the book's; `beside` is what the sources told that are not of record.
    """
    start_hour, end_hour = hour_of(start), hour_of(end)
    book = PriceBook(
        price_lines(session, models_in_use(session, start_hour, end_hour, features)) if lines is None else lines
    )
    moments = {moment for line in book.lines for moment in (line.valid_from, line.valid_to) if moment is not None}
    breaks = sorted({hour_of(moment) for moment in moments if start < moment < end})
    week = hour_classes(book)
    groups = usage_groups(
        session, start_hour, end_hour, by=by, breaks=breaks, features=features, beside=beside, week=week
    )
    starts = [start, *(hour_start(hour) for hour in breaks)]
    samples = {number: hour for hour, number in week.items()}
    return [_costed(book, group, starts, samples) for group in groups]


def hour_classes(book: PriceBook) -> dict[int, int]:
    """By hour of the week (0 to 167) a number that hours of the same prices share; the plain ones are left out."""
    contexts = sorted({line.processing for line in book.lines if hours_of(line.processing)})
    kinds: dict[tuple[str, ...], int] = {(): 0}
    found = {}
    for hour in range(HOURS_A_WEEK) if contexts else ():
        held = tuple(context for context in contexts if hour in week_of(context))
        if held:
            found[hour] = kinds.setdefault(held, len(kinds))
    return found


def _costed(book: PriceBook, group: UsageGroup, starts: Sequence[datetime], samples: Mapping[int, int]) -> CostedGroup:
    if group.calls_with_tokens == 0:
        return CostedGroup(group, None)
    at = starts[group.segment]
    if group.model is not None and group.hours in samples:
        context = book.context(group.model, group.processing, samples[group.hours], at)
        group = replace(group, processing=context)
    return CostedGroup(group, mix_cost(book, token_mix(group), at))
