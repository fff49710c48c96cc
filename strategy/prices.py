"""What a call costs at an instant: the price line in force, by model, kind, request size and processing.

Rules, each stated once here:
- a line is in force from `valid_from` (inclusive) to `valid_to` (exclusive); of several, the latest start wins;
- a request is priced by its own size: of the lines in force, the largest tier it exceeds;
- a cached or cache-write price that is missing falls back to the input price, for that is what is billed
  where a vendor names no discount; nothing else falls back, so batch traffic without a batch price is unpriced;
- a price of some hours only (`strategy.hours`) is asked for by its context; where none is in force, the price of any
  hour stands in for it;
- zero tokens need no price; tokens without a price make the cost unknown (None), never 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from strategy.facts import Price, TokenMix
from strategy.hours import hours_of, plain, week_of
from strategy.kinds import PriceKind
from strategy.money import ZERO, token_cost

# A book that was not looked at for so long is an alarm. Of 48 curated headline changes 20 fell into the last eleven
# months: two a month, so that a month without a look misses one. A sync that failed unseen for seven weeks is why
# this is an alarm at all (Arize-ai/phoenix#12673).
BOOK_OLD_AFTER = timedelta(days=30)

_FALLBACK = {PriceKind.CACHED_INPUT: PriceKind.INPUT, PriceKind.CACHE_WRITE: PriceKind.INPUT}

_Key = tuple[str, PriceKind, str]


def line_order(line: Price) -> tuple[str, str, str, int, datetime, Decimal, str]:
    """The order of the book, total for lines that differ in what they say."""
    return (
        line.model,
        line.kind,
        line.processing,
        line.tier_min_input_tokens,
        line.valid_from,
        line.usd_per_mtok,
        line.source,
    )


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Price lines, indexed; the order in which they are given does not matter."""

    lines: tuple[Price, ...]
    _by_key: dict[_Key, tuple[Price, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        grouped: dict[_Key, list[Price]] = {}
        for line in sorted(self.lines, key=line_order):
            grouped.setdefault((line.model, line.kind, line.processing), []).append(line)
        object.__setattr__(self, "_by_key", {key: tuple(lines) for key, lines in grouped.items()})

    def in_force(
        self, model: str, kind: PriceKind, at: datetime, *, tier: int = 0, processing: str = "standard"
    ) -> Price | None:
        """The line that prices a request of this size tier at this instant; None where there is none."""
        lines = [
            line
            for line in self._by_key.get((model, kind, processing), ())
            if line.tier_min_input_tokens <= tier
            and line.valid_from <= at
            and (line.valid_to is None or at < line.valid_to)
        ]
        if not lines and hours_of(processing):
            return self.in_force(model, kind, at, tier=tier, processing=plain(processing))
        return max(lines, key=lambda line: (line.tier_min_input_tokens, line.valid_from), default=None)

    def contexts(self, model: str, processing: str = "standard") -> tuple[str, ...]:
        """The contexts of a model that hold for some hours only, by name."""
        found = {context for name, _, context in self._by_key if name == model and hours_of(context)}
        return tuple(sorted(context for context in found if plain(context) == processing))

    def context(self, model: str, processing: str, hour: int, at: datetime) -> str:
        """The context that prices calls of an hour of the week at an instant; `processing` where no hours differ."""
        for context in self.contexts(model, processing):
            if hour in week_of(context) and self._begun(model, context, at):
                return context
        return processing

    def _begun(self, model: str, context: str, at: datetime) -> bool:
        lines = (line for kind in PriceKind for line in self._by_key.get((model, kind, context), ()))
        return any(line.valid_from <= at and (line.valid_to is None or at < line.valid_to) for line in lines)

    def line_for(
        self, model: str, kind: PriceKind, at: datetime, *, tier: int = 0, processing: str = "standard"
    ) -> Price | None:
        """As `in_force`, with the fallback of cached and cache-write tokens to the input price."""
        line = self.in_force(model, kind, at, tier=tier, processing=processing)
        if line is None and kind in _FALLBACK:
            return self.in_force(model, _FALLBACK[kind], at, tier=tier, processing=processing)
        return line

    def turns_after(self, at: datetime, models: Iterable[str]) -> tuple[datetime, ...]:
        """The instants after `at` at which a line of these models is announced to begin or to end, soonest first."""
        wanted = set(models)
        lines = [line for line in self.lines if line.model in wanted]
        turns = {line.valid_from for line in lines} | {line.valid_to for line in lines if line.valid_to is not None}
        return tuple(sorted(turn for turn in turns if turn > at))


def overlaid(lines: Iterable[Price], new: Price) -> tuple[Price, ...]:
    """The lines as they would be with one more: it replaces a line of the same start, and ends the one before it."""
    return (*(_before(line, new) for line in lines if not _says_the_same(line, new)), new)


def taken_back(lines: Iterable[Price], gone: Price) -> tuple[Price, ...]:
    """The lines as they would be without an announced one: what it ended goes on as long as it did."""
    return tuple(
        replace(line, valid_to=gone.valid_to)
        if _series(line) == _series(gone) and line.valid_to == gone.valid_from
        else line
        for line in lines
        if not _says_the_same(line, gone)
    )


def _says_the_same(line: Price, new: Price) -> bool:
    return _series(line) == _series(new) and line.valid_from == new.valid_from


def _before(line: Price, new: Price) -> Price:
    """The line, ending where the new one of its series starts."""
    ends = line.valid_from < new.valid_from and (line.valid_to is None or line.valid_to > new.valid_from)
    return replace(line, valid_to=new.valid_from) if ends and _series(line) == _series(new) else line


def _series(line: Price) -> tuple[str, PriceKind, str, int]:
    return line.model, line.kind, line.processing, line.tier_min_input_tokens


def token_parts(mix: TokenMix) -> tuple[tuple[PriceKind, int], ...]:
    """The tokens of a mix by what they are charged as; cached and written tokens are parts of the input."""
    plain = max(0, mix.input_tokens - mix.cached_input_tokens - mix.cache_write_tokens)
    return (
        (PriceKind.INPUT, plain),
        (PriceKind.CACHED_INPUT, mix.cached_input_tokens),
        (PriceKind.CACHE_WRITE, mix.cache_write_tokens),
        (PriceKind.OUTPUT, mix.output_tokens),
    )


def mix_cost(book: PriceBook, mix: TokenMix, at: datetime) -> Decimal | None:
    """USD for all tokens of a mix at an instant; None (unpriced) where any of them has no price."""
    if mix.model is None:
        return None
    total = ZERO
    for kind, tokens in token_parts(mix):
        if tokens == 0:
            continue
        line = book.line_for(mix.model, kind, at, tier=mix.tier, processing=mix.processing)
        if line is None:
            return None
        total += token_cost(tokens, line.usd_per_mtok)
    return total


def lines_used(book: PriceBook, mixes: Iterable[TokenMix], at: datetime) -> tuple[Price, ...]:
    """The price lines that a cost at this instant rests on, in the order of the book, each once."""
    used = {
        line
        for mix in mixes
        if mix.model is not None
        for kind, tokens in token_parts(mix)
        if tokens and (line := book.line_for(mix.model, kind, at, tier=mix.tier, processing=mix.processing)) is not None
    }
    return tuple(sorted(used, key=line_order))
