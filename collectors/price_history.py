"""Our own cited price history (price_history.yaml) laid over the feed: together they are the book.

Where a model has cited prices, they win for the kinds they name, and the feed's dated changes after the last cited
one continue. The feed's other lines of such a model (size tiers, cache, batch) stand only while the feed's own input
price agrees with the cited one: a discount on a wrong price is a wrong price, and unknown is better.

No price stands before its model was sold (`collectors.releases`). A cited price also says when it was published, so
that a new book can answer what was known at a time before it was filled: on the day an announcement names, else on the
day it took effect, and no later than the day we read it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import cache
from itertools import groupby
from typing import Any

from collectors.packaged import packaged, packaged_yaml
from collectors.price_feed import UNDATED_FROM, feed_prices, feed_version
from collectors.releases import first_day
from strategy.facts import Price
from strategy.hours import hours_of, in_hours, plain
from strategy.kinds import PriceKind

_FAR = datetime.max.replace(tzinfo=UTC)
_Key = tuple[PriceKind, int, str]


@dataclass(frozen=True, slots=True)
class Published:
    """A line of the book, and since when the world has known it; None where nobody says.

    `dated` says that a source dates the start, which else is only the release of its model.
    """

    price: Price
    known_at: datetime | None
    dated: bool


@dataclass(frozen=True, slots=True)
class _Span:
    start: datetime
    end: datetime


def book_version() -> str:
    """What the book was filled from: the feed's version and the fingerprint of our own history."""
    digest = hashlib.sha256(packaged("price_history.yaml", "releases.yaml", "retirements.yaml")).hexdigest()
    return f"{feed_version()} + own {digest[:12]}"


def book_prices(feed: Iterable[Price] | None = None) -> list[Price]:
    """Every price line of the book, USD per million tokens; a line ends where the next of its kind starts.

    `feed` is what the feed says; the installed one by default.
    """
    return [line.price for line in published_prices(feed)]


def published_prices(feed: Iterable[Price] | None = None) -> list[Published]:
    """As `book_prices`, each line with the day since when it was known."""
    cited, fed = _by_model(cited_prices()), _by_model(feed_prices() if feed is None else feed)
    merged = [_merged(lines, fed.pop(model, [])) for model, lines in cited.items()]
    known = _known_since()
    return [
        Published(_since_release(line, bound), _known_at(line, bound, known), line.valid_from != UNDATED_FROM)
        for lines in (*fed.values(), *merged)
        for bound in [_first_instant(lines)]
        for line in lines
    ]


def _first_instant(lines: list[Price]) -> datetime:
    """The release of these lines' model, or the first instant that is dated where that is earlier."""
    dated = [at for line in lines for at in (line.valid_from, line.valid_to) if at is not None and at != UNDATED_FROM]
    return min([first_day(lines[0].model).at, *dated])


def _since_release(line: Price, bound: datetime) -> Price:
    if line.valid_from != UNDATED_FROM:
        return line
    return replace(line, valid_from=bound, source=f"{line.source}; {first_day(line.model).words}")


def _known_at(
    line: Price, bound: datetime, known: Mapping[tuple[str, PriceKind, str, datetime], datetime]
) -> datetime | None:
    if line.tier_min_input_tokens:
        return None
    found = known.get((line.model, line.kind, line.processing, line.valid_from))
    return bound if found == UNDATED_FROM else found


def _known_since() -> dict[tuple[str, PriceKind, str, datetime], datetime]:
    """By cited line, when it was published: as announced, else when it took effect, else on the day it was read."""
    read = datetime.combine(_content()["read"], time(), UTC)
    return {
        (model, kind, _context(fact), fact["at"]): fact.get("announced", min(fact["at"], read))
        for model, facts in _history().items()
        for fact in _facts(facts)
        for kind in PriceKind
        if kind in fact
    }


def cited_models() -> frozenset[str]:
    """The models of our own history, by book id."""
    return frozenset(_history())


def cited_prices() -> list[Price]:
    """Our own history as price lines, model by model."""
    return [line for model, facts in _history().items() for line in _steps(_cited_lines(model, facts))]


@cache
def _content() -> dict[str, Any]:
    return packaged_yaml("price_history.yaml")


@cache
def _history() -> dict[str, Any]:
    return dict(sorted(_content()["models"].items()))


def _facts(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a model cost first, told by whoever told of its first change, each change, and each price of some hours."""
    changes: list[dict[str, Any]] = facts.get("changes", [])
    told = {name: changes[0][name] for name in ("source", "grade")} if changes else {}
    first = [{"at": UNDATED_FROM} | told | facts["first"]] if "first" in facts else []
    return [*first, *changes, *facts.get("by_hours", [])]


def _context(fact: Mapping[str, Any]) -> str:
    return in_hours("standard", fact["hours"]) if "hours" in fact else "standard"


def _by_model(lines: Iterable[Price]) -> dict[str, list[Price]]:
    found: dict[str, list[Price]] = {}
    for line in lines:
        found.setdefault(line.model, []).append(line)
    return found


def _cited_lines(model: str, facts: Mapping[str, Any]) -> Iterator[Price]:
    for fact in _facts(facts):
        note = f"; {fact['note']}" if "note" in fact else ""
        for kind in PriceKind:
            if kind in fact:
                yield Price(
                    model=model,
                    kind=kind,
                    usd_per_mtok=Decimal(fact[kind]),
                    valid_from=fact["at"],
                    valid_to=fact.get("until"),
                    processing=_context(fact),
                    source=f"{fact['source']}{note} (grade {fact['grade']})",
                )


def _by_key(lines: Iterable[Price]) -> Iterator[list[Price]]:
    """The lines of each kind, tier and processing, in time."""
    ordered = sorted(lines, key=lambda line: (_key(line), line.valid_from))
    return (list(same) for _, same in groupby(ordered, _key))


def _steps(lines: Iterable[Price]) -> list[Price]:
    """The lines of each kind, in time, without those that repeat the amount before them."""
    return [
        line
        for same in _by_key(lines)
        for before, line in zip([None, *same[:-1]], same, strict=True)
        if before is None or before.valid_to is not None or line.usd_per_mtok != before.usd_per_mtok
    ]


def _key(line: Price) -> _Key:
    return line.kind, line.tier_min_input_tokens, line.processing


def _merged(own: list[Price], fed: list[Price]) -> list[Price]:
    last = {_key(line): max(other.valid_from for other in own if _key(other) == _key(line)) for line in own}
    continuing = [line for line in fed if _key(line) in last and line.valid_from > last[_key(line)]]
    lines = _steps([*own, *continuing])
    # Our own facts that tell no input price (training alone) say nothing against the feed's.
    silent = not _inputs(own)
    agreeing = [_Span(UNDATED_FROM, _FAR)] if silent else list(_agreement(_inputs(lines), _inputs(fed)))
    # The feed knows hours and no weekdays: where our own facts tell the hours, its windows say the same less well.
    told = {plain(line.processing) for line in own if hours_of(line.processing)}
    by_hours = {line.processing for line in fed if hours_of(line.processing) and plain(line.processing) in told}
    others = (line for line in _ended(fed) if _key(line) not in last and line.processing not in by_hours)
    return lines + _open_ended(part for line in others for part in _within(line, agreeing))


def _inputs(lines: Iterable[Price]) -> list[Price]:
    return [line for line in lines if _key(line) == (PriceKind.INPUT, 0, "standard")]


def _agreement(own: list[Price], fed: list[Price]) -> Iterator[_Span]:
    """The longest spans in which both histories give the same input price."""
    starts = sorted({line.valid_from for line in (*own, *fed)})
    agreed: datetime | None = None
    for start in starts:
        same = _amount_at(own, start) == _amount_at(fed, start)
        if same and agreed is None:
            agreed = start
        if not same and agreed is not None:
            yield _Span(agreed, start)
            agreed = None
    if agreed is not None:
        yield _Span(agreed, _FAR)


def _amount_at(lines: list[Price], at: datetime) -> Decimal | None:
    begun = [line for line in lines if line.valid_from <= at]
    return max(begun, key=lambda line: line.valid_from).usd_per_mtok if begun else None


def _ended(lines: Iterable[Price]) -> Iterator[Price]:
    """The lines with their end written out, so that each can be cut alone."""
    for same in _by_key(lines):
        for line, after in zip(same, [*same[1:], None], strict=True):
            end = min(line.valid_to or _FAR, after.valid_from if after else _FAR)
            yield line if end == _FAR else replace(line, valid_to=end)


def _open_ended(lines: Iterable[Price]) -> list[Price]:
    """The lines without the ends that the start of the next one says anyway."""
    return [
        replace(line, valid_to=None) if after is not None and line.valid_to == after.valid_from else line
        for same in _by_key(lines)
        for line, after in zip(same, [*same[1:], None], strict=True)
    ]


def _within(line: Price, spans: list[_Span]) -> Iterator[Price]:
    for span in spans:
        start, end = max(line.valid_from, span.start), min(line.valid_to or _FAR, span.end)
        if start < end:
            yield replace(line, valid_from=start, valid_to=None if end == _FAR else end)
