"""Fills the price book, finds what senders' model names mean in it, and tells what a model costs."""

from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from collectors.model_names import resolve
from collectors.price_history import book_prices, book_version
from collectors.retirements import retirements
from db.queries.prices import BookLine, book_models, has_version, prices_at, unsettled_names
from db.session import Engine, Session, reading, transaction
from db.store.prices import append_prices, record_retirements, remember_names
from strategy.shown import exact, instant

_CENTS = 2


def fill_book(engine: Engine, at: datetime) -> int:
    """Write the installed price feed and our own history into the book; how many lines were new.

    Doing it again writes nothing: a version that was recorded is not read a second time.
    """
    version = book_version()
    with reading(engine) as session:
        if has_version(session, version):
            return 0
    lines = book_prices()
    with transaction(engine) as session:
        if has_version(session, version):
            return 0
        written = append_prices(
            session, lines, recorded_at=at, recorded_by="offramp", source_version=version, reason="filled from package"
        )
        record_retirements(session, retirements(), at)
        _settle_names(session, at)
    return written


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

    The model is a book id or what a sender calls it. `prices` are the standard ones; batch, flex and priority stand
    under `other_processing`. Where nothing is in force, `prices` is empty and `near` names ids that look alike.
    """
    with reading(engine) as session:
        ids = book_models(session)
        known = _book_id(model, ids)
        lines = prices_at(session, known, at, as_of)
    standard = [_shown(line) for line in lines if line.price.processing == "standard"]
    other = [
        _shown(line) | {"processing": line.price.processing} for line in lines if line.price.processing != "standard"
    ]
    near = [] if known in ids else nearby(model, ids)
    return {"model": known, "at": instant(at), "prices": standard, "other_processing": other, "near": near}


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


def _book_id(model: str, ids: list[str]) -> str:
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
    }


def usd_per_mtok(amount: Decimal) -> str:
    """A price in plain digits: every digit it has, and at least the cents.

    >>> usd_per_mtok(Decimal("0.2")), usd_per_mtok(Decimal("0.003625")), usd_per_mtok(Decimal("1E+1"))
    ('0.20', '0.003625', '10.00')
    """
    whole, _, digits = exact(amount).partition(".")
    return f"{whole}.{digits.ljust(_CENTS, '0')}"
