"""Takes the prices that a person keeps into the book: they win over every list, and no list moves them again."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from collectors.own_prices import Discount, OwnPrices, read_own_prices
from collectors.rejected import Rejected, SourceError
from db.queries.prices import book_lines, book_models
from db.queries.proposals import newest_import
from db.queries.usage import seen_names
from db.session import Engine, Session, transaction
from db.store.prices import append_prices, remember_names
from db.store.proposals import keep_import
from db.store.turns import Turn, take_turn
from offramp.actions.failure import BadInput, Problem
from offramp.actions.price_diff import DISCOUNT, OWN
from strategy.facts import Price

_HUNDRED = Decimal(100)
_BILLIONTH = Decimal("1e-9")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTaken:
    """What reading the file did: how many lines were new, and what of it was refused."""

    written: int
    refused: tuple[Rejected, ...]


def take_own_prices(engine: Engine, raw: bytes, name: str, *, at: datetime) -> OwnTaken:
    """Write the file's prices and discounts into the book; the same file again writes nothing.

    A discount is taken off what the lists say, from its day on, and follows what they say later (`follow_lists`).

    Raises:
        BadInput: it is no such file; nothing was written.
    """
    try:
        own = read_own_prices(raw)
    except SourceError as bad:
        raise BadInput([Problem(error=bad.message, cure=bad.cure or None)]) from None
    sha256 = hashlib.sha256(raw).hexdigest()
    with transaction(engine) as session:
        take_turn(session, Turn.PRICES)
        keep_import(session, sha256=sha256, form=OWN, name=name, content=raw, at=at)
        write = partial(append_prices, session, recorded_at=at, source_version=name, source_sha256=sha256)
        written = write(own.prices, recorded_by=OWN, reason="own price", originals=own.originals)
        lines = list(_by_discount(session, own))
        written += write(lines, recorded_by=DISCOUNT, reason="own discount")
        settle_own_names(session, {line.model for line in (*own.prices, *lines)}, at)
    return OwnTaken(written=written, refused=own.refused)


def follow_lists(session: Session, at: datetime) -> int:
    """Take the discounts of the newest own file off what the lists say by now; how many lines were new."""
    newest = newest_import(session, OWN)
    if newest is None or newest.content is None:
        return 0
    return append_prices(
        session,
        _by_discount(session, read_own_prices(newest.content)),
        # A list's line of the same start may be a moment old: the discount is what was recorded last.
        recorded_at=at + timedelta(microseconds=1),
        recorded_by=DISCOUNT,
        source_version=newest.name,
        source_sha256=newest.sha256,
        reason="own discount, following its list",
    )


def with_discounts(session: Session, line: Price) -> tuple[Price, ...]:
    """A line that a list would bring into the book, and after it what the newest own file's discounts make of it."""
    newest = newest_import(session, OWN)
    if newest is None or newest.content is None:
        return (line,)
    own = read_own_prices(newest.content)
    of_one_s_own = {each.model for each in own.prices} | {
        each.price.model for each in book_lines(session, [line.model], but_by=DISCOUNT) if each.recorded_by == OWN
    }
    if line.model in of_one_s_own:
        return (line,)
    off = [each for each in own.discounts if each.provider == line.model.partition("/")[0]]
    return (line, *(less for each in off for less in _discounted([line], each)))


def _by_discount(session: Session, own: OwnPrices) -> Iterable[Price]:
    """What the discounts make of the lists' lines; they leave what has an own price alone."""
    if not own.discounts:
        return
    named = {line.model for line in own.prices}
    models = book_models(session)
    for discount in own.discounts:
        of_provider = [model for model in models if model.partition("/")[0] == discount.provider and model not in named]
        lines = book_lines(session, of_provider, but_by=DISCOUNT)
        kept = {line.price.model for line in lines if line.recorded_by == OWN}
        yield from _discounted([line.price for line in lines if line.price.model not in kept], discount)


def _discounted(lines: Sequence[Price], discount: Discount) -> Iterable[Price]:
    left = (_HUNDRED - discount.percent) / _HUNDRED
    for line in lines:
        if line.valid_to is None or line.valid_to > discount.start:
            yield replace(
                line,
                usd_per_mtok=(line.usd_per_mtok * left).quantize(_BILLIONTH),
                valid_from=max(line.valid_from, discount.start),
                valid_to=None,
                source=f"{discount.source}: {discount.percent} % off {line.source}",
            )


def settle_own_names(session: Session, models: set[str], at: datetime) -> None:
    """Names of traffic that nobody understood, and that say an own model word for word, mean it from now on."""
    found = {
        (provider, name): model
        for provider, name in seen_names(session)
        for model in (f"{provider}/{name}", name)
        if model in models
    }
    remember_names(session, found, at)
