"""Fills the price book, finds what senders' model names mean in it, and tells what a model costs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from collectors.model_names import resolve
from collectors.price_history import Published, book_version, published_prices
from collectors.price_lists import installed_sha256
from collectors.retirements import retirements, retirements_known_at
from db.queries.prices import FILLED_BY, HISTORY, BookLine, book_models, is_filled, prices_at, unsettled_names
from db.session import Engine, Session, reading, transaction
from db.store.prices import append_prices, record_retirements, remember_names
from db.store.proposals import keep_import
from db.store.turns import Turn, take_turn
from strategy.facts import Price
from strategy.hours import holds_at, hours_of, plain
from strategy.shown import exact, instant

_CENTS = 2


def fill_book(engine: Engine, at: datetime) -> int:
    """Fill an empty book from the installed price feed and our own history; how many lines were new.

    A line of our own history is recorded as of the day it was published, so that the book answers what was known
    then. A book that was filled once is left alone: what a newer package says differently is proposed (`refresh`).
    """
    with reading(engine) as session:
        if is_filled(session):
            return 0
    groups = _by_publication(published_prices(), at)
    with transaction(engine) as session:
        take_turn(session, Turn.PRICES)
        if is_filled(session):
            return 0
        written = sum(_record(session, lines, known_at, at) for known_at, lines in sorted(groups.items()))
        record_retirements(session, retirements(), min(at, retirements_known_at()))
        keep_import(session, sha256=installed_sha256(), form="package", name=book_version(), content=None, at=at)
        _settle_names(session, at)
    return written


def _by_publication(lines: Iterable[Published], at: datetime) -> dict[datetime, list[Price]]:
    groups: dict[datetime, list[Price]] = {}
    for line in lines:
        groups.setdefault(min(line.known_at or at, at), []).append(line.price)
    return groups


def _record(session: Session, lines: Sequence[Price], known_at: datetime, at: datetime) -> int:
    return append_prices(
        session,
        lines,
        recorded_at=known_at,
        recorded_by=FILLED_BY if known_at == at else HISTORY,
        source_version=book_version(),
        reason="filled from package",
    )


def resolve_names(engine: Engine, at: datetime) -> int:
    """Find what the model names of new traffic mean, and try again those unknown when the book was last filled.

    Gives how many names were looked up. A name once understood keeps its meaning, so that no past cost moves.
    """
    with reading(engine) as session:
        if not unsettled_names(session):
            return 0
    with transaction(engine) as session:
        return _settle_names(session, at)


def prices_of(engine: Engine, model: str, at: datetime, as_of: datetime | None = None) -> dict[str, Any]:
    """What a model costs at a time, as known at a time: design's `prices MODEL --json`.

    The model is a book id or what a sender calls it. `prices` are the standard ones of that hour; those of other hours,
    batch, flex and priority stand under `other_processing`. Where nothing is in force, `prices` is empty and `near`
    names ids that look alike.
    """
    with reading(engine) as session:
        ids = book_models(session)
        known = book_id(model, ids)
        lines = prices_at(session, known, at, as_of)
    told = _charged_at(lines, at)
    standard = [_shown(line) for line in told]
    other = [_shown(line) | {"processing": line.price.processing} for line in lines if line not in told]
    near = [] if known in ids else nearby(model, ids)
    return {"model": known, "at": instant(at), "prices": standard, "other_processing": other, "near": near}


def without_price(engine: Engine, models: Iterable[str]) -> dict[str, list[str]]:
    """The models that the book has no id for, each with the ids most like it; an empty book as what will fill it."""
    with reading(engine) as session:
        ids = book_models(session) or sorted({line.price.model for line in published_prices()})
    return {model: nearby(model, ids) for model in dict.fromkeys(models) if book_id(model, ids) not in ids}


def _charged_at(lines: Sequence[BookLine], at: datetime) -> list[BookLine]:
    """The standard prices of an instant: of two of a kind and tier the one that holds for its hour only."""
    found: dict[tuple[str, int], BookLine] = {}
    for line in sorted(lines, key=lambda each: each.price.processing):
        price = line.price
        if plain(price.processing) == "standard" and holds_at(price.processing, at):
            found[price.kind, price.tier_min_input_tokens] = line
    return [line for line in lines if line in found.values()]


def nearby(model: str, ids: list[str], most: int = 5) -> list[str]:
    """The ids that look most like a misspelt one, best first; makers' own ids before those of routers."""
    wanted = model.strip().lower()
    by_shape = {form: name for name in sorted(ids, key=lambda name: -name.count("/")) for form in _forms(name)}
    found = get_close_matches(wanted, by_shape, n=most, cutoff=0.6)
    return list(dict.fromkeys(by_shape[form] for form in found))


def _forms(model: str) -> tuple[str, str]:
    return model.lower(), model.lower().partition("/")[2]


def _settle_names(session: Session, at: datetime) -> int:
    pairs = unsettled_names(session)
    remember_names(session, {(provider, name): resolve(provider, name) for provider, name in pairs}, at)
    return len(pairs)


def book_id(model: str, ids: list[str]) -> str:
    """The book's id for an id or what a sender calls a model; the name itself where nobody knows it."""
    if model in ids:
        return model
    provider, _, name = model.partition("/")
    return (resolve(provider, name) if name else resolve("", model)) or model


def _shown(line: BookLine) -> dict[str, Any]:
    price = line.price
    return {
        "kind": price.kind.value,
        "usd_per_mtok": usd_per_mtok(price.usd_per_mtok),
        "valid_from": instant(price.valid_from),
        "valid_to": instant(price.valid_to),
        "tier_min_input_tokens": price.tier_min_input_tokens,
        "source": price.source,
        "recorded_at": instant(line.recorded_at),
    } | ({"hours": hours_of(price.processing)} if hours_of(price.processing) else {})


def usd_per_mtok(amount: Decimal) -> str:
    """A price in plain digits: every digit it has, and at least the cents.

    >>> usd_per_mtok(Decimal("0.2")), usd_per_mtok(Decimal("0.003625")), usd_per_mtok(Decimal("1E+1"))
    ('0.20', '0.003625', '10.00')
    """
    whole, _, digits = exact(amount).partition(".")
    return f"{whole}.{digits.ljust(_CENTS, '0')}"
