"""The blind spots as sentences, each with what to do about it."""

from collections.abc import Iterator, Sequence

from reports.value import BlindSpots, Discovered, SourceTrouble, Unpriced
from reports.words import count, day, percent, usd
from strategy.money import ZERO

_MOST_NAMED = 5
_ONE = ZERO + 1


def blind_sentences(blind: BlindSpots, year: int) -> Iterator[str]:
    """One sentence per blind spot, the ones about money first."""
    yield from _money(blind, year)
    yield from _features(blind, year)
    for trouble in blind.sources:
        yield _source(trouble, year)


def _money(blind: BlindSpots, year: int) -> Iterator[str]:
    if blind.unattributed_calls and blind.unattributed_share is not None:
        share = percent(blind.unattributed_share, _ONE)
        calls = count(blind.unattributed_calls, "call")
        verb = "belongs" if blind.unattributed_calls == 1 else "belong"
        yield f"{calls} ({share}) {verb} to no feature: add a match rule or send a feature name"
    if blind.unpriced:
        named = [f"{_model(item)} ({count(item.calls, 'call')})" for item in blind.unpriced]
        yield f"No price in force, cost not known: {_named(named)}"
    if blind.calls_without_tokens:
        yield f"{count(blind.calls_without_tokens, 'call')} told no tokens, so their cost cannot be computed"
    if blind.price_book == "none":
        yield "There are no prices at all: `offramp review` fills the price book"
    if blind.price_book == "stale" and blind.price_book_at is not None:
        yield f"Prices were last read on {day(blind.price_book_at, year)}: newer ones may be in force"


def _features(blind: BlindSpots, year: int) -> Iterator[str]:
    if blind.none_registered:
        yield "No feature was registered by the end of this week: what traffic names is not judged"
    elif blind.unregistered:
        named = [
            f"{item.feature} ({'ended, ' if item.ended else ''}{count(item.calls, 'call')}, {_cost(item)})"
            for item in blind.unregistered
        ]
        yield f"Seen in traffic, registered by nobody: {_named(named)}"
    if blind.without_baseline:
        yield f"No score of today's quality: {_named(blind.without_baseline)}"
    if blind.old_evals:
        named = [f"{item.name} ({day(item.at, year)})" for item in blind.old_evals]
        yield f"Last scored more than 90 days ago: {_named(named)}"


def _model(item: Unpriced) -> str:
    return f"{item.provider}/{item.model}" if item.provider else item.model


def _cost(item: Discovered) -> str:
    return "cost not known" if item.cost_usd is None else usd(item.cost_usd)


def _source(trouble: SourceTrouble, year: int) -> str:
    when = f" on {day(trouble.at, year)}" if trouble.at else ""
    match trouble.kind:
        case "failed":
            return f"{trouble.source} failed{when}" + (f": {trouble.message}" if trouble.message else "")
        case "partial":
            return f"{trouble.source} took only part{when}: {trouble.message}"
        case _:
            if trouble.at is not None:
                return f"No usage from {trouble.source} for {trouble.message}: the last was{when}"
            return f"{trouble.source} fell silent: nothing this week, {trouble.message}"


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
