"""The price feed genai-prices, read into values of ours. The only module that knows the package.

What the feed leaves open is settled here, once:
- a feed day is its 00:00 UTC; the first, undated price of a model counts from UNDATED_FROM;
- a price by time of day (DeepSeek's peak hours) is a line of its own for those hours (`strategy.hours`), from the day
  of the dated price that it stands behind in the feed: the feed itself dates no hours (genai-prices#582);
- batch, flex and priority prices are written whole: what such a variant does not name costs what it costs standard;
- amounts finer than a billionth of a dollar are binary noise in the feed (0.13999999999999999) and are rounded to it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from importlib.metadata import version

from genai_prices import types as feed
from genai_prices.data_snapshot import get_snapshot

from strategy.facts import Price
from strategy.hours import in_hours
from strategy.kinds import PriceKind

UNDATED_FROM = datetime(2020, 1, 1, tzinfo=UTC)

_BILLIONTH = Decimal("1e-9")
_KINDS = {
    "input_mtok": PriceKind.INPUT,
    "cache_read_mtok": PriceKind.CACHED_INPUT,
    "cache_write_mtok": PriceKind.CACHE_WRITE,
    "output_mtok": PriceKind.OUTPUT,
}
_PROCESSING = {
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
}

_Clause = (
    feed.ClauseEquals
    | feed.ClauseStartsWith
    | feed.ClauseEndsWith
    | feed.ClauseContains
    | feed.ClauseRegex
    | feed.ClauseOr
    | feed.ClauseAnd
)
_Amounts = dict[tuple[PriceKind, int], Decimal]


@dataclass(frozen=True, slots=True)
class FeedModel:
    """A model of the feed: its id, the names the feed gives it word for word, and the texts its pattern looks for."""

    id: str
    names: frozenset[str]
    stems: frozenset[str]
    match: "_Clause | None" = None

    def claims(self, name: str) -> bool:
        """Whether the feed's own (loose) pattern takes this name."""
        return self.match is None or self.match.is_match(name)


@dataclass(frozen=True, slots=True)
class FeedProvider:
    """A provider of the feed; `hosted` are the makers whose models it sells at their price."""

    id: str
    models: tuple[FeedModel, ...]
    hosted: tuple[str, ...]


def feed_version() -> str:
    """The installed feed, such as genai-prices 0.2.3."""
    return f"genai-prices {version('genai-prices')}"


def feed_prices(raw: bytes | None = None, source: str | None = None) -> Iterator[Price]:
    """Every token price of the feed, by model `provider/model_id`; USD per million tokens.

    `raw` is a saved data.json of the feed (its second version); the installed feed by default.

    Raises:
        ValueError: it is not such a file.
    """
    source = source or feed_version()
    for provider in get_snapshot().providers if raw is None else _read(raw):
        for model in provider.models:
            for line in _model_lines(model):
                yield replace(line, model=f"{provider.id}/{model.id}", source=source)


def _read(raw: bytes) -> Sequence[feed.Provider]:
    providers: Sequence[feed.Provider] = feed._providers_from_raw(json.loads(raw))  # noqa: SLF001 (the loader of its own updates, and the only one)
    return providers


@cache
def feed_providers() -> dict[str, FeedProvider]:
    """The feed's providers and their models, by id, for finding what a name means."""
    return {
        provider.id: FeedProvider(
            provider.id,
            tuple(_feed_model(model) for model in provider.models),
            tuple(provider.fallback_model_providers or ()),
        )
        for provider in get_snapshot().providers
    }


def _feed_model(model: feed.ModelInfo) -> FeedModel:
    names, stems = set[str](), {model.id.lower()}
    for clause in _leaves(model.match):
        if isinstance(clause, feed.ClauseEquals):
            names.add(clause.equals.lower())
        elif isinstance(clause, feed.ClauseStartsWith):
            stems.add(clause.starts_with.lower())
        elif isinstance(clause, feed.ClauseEndsWith):
            stems.add(clause.ends_with.lower())
        elif isinstance(clause, feed.ClauseContains):
            stems.add(clause.contains.lower())
    return FeedModel(model.id, frozenset(names), frozenset(stems | names), model.match)


def _leaves(clause: _Clause) -> Iterator[_Clause]:
    if isinstance(clause, feed.ClauseOr):
        for part in clause.or_:
            yield from _leaves(part)
    elif isinstance(clause, feed.ClauseAnd):
        for part in clause.and_:
            yield from _leaves(part)
    else:
        yield clause


def _model_lines(model: feed.ModelInfo) -> Iterator[Price]:
    prices = model.prices if isinstance(model.prices, list) else [feed.ConditionalPrice(prices=model.prices)]
    # Last first, the first one that applies wins: the feed's own rule.
    dated = [(_start(entry.constraint), entry.prices) for entry in reversed(prices) if _is_dated(entry.constraint)]
    starts = {start for start, _ in dated} | {UNDATED_FROM}
    yield from _lines("standard", {start: _amounts(_in_force(dated, start)) for start in starts})
    yield from _by_hours(prices)
    for processing, when in _PROCESSING.items():
        variants = [
            (_start(variant.constraint), variant.prices)
            for variant in model.price_variants or ()
            if variant.when == when and _is_dated(variant.constraint)
        ]
        if variants:
            first = min(start for start, _ in variants)
            moves = {start for start in starts | {start for start, _ in variants} if start >= first}
            yield from _lines(
                processing,
                {start: _amounts(_in_force(dated, start)) | _overrides(variants, start) for start in moves},
            )


def _by_hours(prices: Sequence[feed.ConditionalPrice]) -> Iterator[Price]:
    """The prices of some hours of the day; windows of the same prices are one."""
    found: dict[tuple[datetime, datetime | None, tuple[tuple[tuple[PriceKind, int], Decimal], ...]], list[str]] = {}
    start = UNDATED_FROM
    for place, entry in enumerate(prices):
        if _is_dated(entry.constraint):
            start = _start(entry.constraint)
        elif isinstance(entry.constraint, feed.TimeOfDateConstraint):
            later = [_start(each.constraint) for each in prices[place + 1 :] if _is_dated(each.constraint)]
            key = (start, min(later, default=None), tuple(sorted(_amounts(entry.prices).items())))
            found.setdefault(key, []).append("-".join(_utc(entry.constraint)))
    for (since, until, amounts), windows in found.items():
        for (kind, tier), usd in amounts:
            yield Price(
                model="",
                kind=kind,
                usd_per_mtok=usd,
                valid_from=since,
                valid_to=until,
                tier_min_input_tokens=tier,
                processing=in_hours("standard", ",".join(sorted(windows))),
            )


def _utc(window: feed.TimeOfDateConstraint) -> tuple[str, str]:
    """The two ends of a window as UTC clock times; without an offset they are UTC."""
    ends = (datetime.combine(UNDATED_FROM, end, end.tzinfo or UTC) for end in (window.start_time, window.end_time))
    first, last = (end.astimezone(UTC).strftime("%H:%M") for end in ends)
    return first, last


def _is_dated(constraint: object) -> bool:
    return constraint is None or isinstance(constraint, feed.StartDateConstraint)


def _start(constraint: object) -> datetime:
    day: date | None = constraint.start_date if isinstance(constraint, feed.StartDateConstraint) else None
    return UNDATED_FROM if day is None else datetime.combine(day, time(), UTC)


def _in_force(dated: list[tuple[datetime, feed.ModelPrice]], at: datetime) -> feed.ModelPrice:
    return next((prices for start, prices in dated if start <= at), feed.ModelPrice())


def _overrides(variants: list[tuple[datetime, feed.ModelPrice]], at: datetime) -> _Amounts:
    found: _Amounts = {}
    for start, prices in variants:
        if start <= at:
            found = _amounts(prices) | found
    return found


def _amounts(prices: feed.ModelPrice) -> _Amounts:
    found: _Amounts = {}
    for name, kind in _KINDS.items():
        price = getattr(prices, name)
        if isinstance(price, feed.TieredPrices):
            found[kind, 0] = _exact(price.base)
            found |= {(kind, tier.start): _exact(tier.price) for tier in price.tiers}
        elif price is not None:
            found[kind, 0] = _exact(price)
    return found


def _exact(amount: Decimal) -> Decimal:
    rounded = amount.quantize(_BILLIONTH)
    return amount if amount == rounded else rounded


def _lines(processing: str, by_start: dict[datetime, _Amounts]) -> Iterator[Price]:
    """One line for each change of an amount; a line whose price is gone at the next start ends there."""
    keys = sorted({key for amounts in by_start.values() for key in amounts})
    for kind, tier in keys:
        line: Price | None = None
        for start in sorted(by_start):
            amount = by_start[start].get((kind, tier))
            if line is not None and amount != line.usd_per_mtok:
                yield line if amount is not None else replace(line, valid_to=start)
                line = None
            if line is None and amount is not None:
                line = Price(
                    model="",
                    kind=kind,
                    usd_per_mtok=amount,
                    valid_from=start,
                    tier_min_input_tokens=tier,
                    processing=processing,
                )
        if line is not None:
            yield line
