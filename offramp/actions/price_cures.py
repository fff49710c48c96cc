"""What a person knows of a model that has no price: what it costs them, or that it is a model of the book."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

from db.queries.prices import book_models, known_names
from db.session import Engine
from db.store.prices import append_prices, remember_names
from offramp.actions.actors import By, acting, may_write_all, name_of
from offramp.actions.failure import BadInput, Problem
from offramp.actions.own_prices import settle_own_names
from offramp.actions.price_diff import OWN
from strategy.facts import Price
from strategy.kinds import PriceKind

MOST_USD = Decimal(1_000_000)


def set_own_price(
    engine: Engine,
    sent: tuple[str, str],
    usd_per_mtok: Mapping[PriceKind, Decimal],
    start: date,
    *,
    at: datetime,
    by: By,
) -> str:
    """Write what a million tokens of a model cost from a day (UTC) on; it wins over every list. The model's id.

    `sent` are provider and name as senders write them.

    Raises:
        NotAllowed: only an admin may.
        BadInput: a price is missing, negative or no price at all.
    """
    if not usd_per_mtok or not all(amount.is_finite() and 0 <= amount <= MOST_USD for amount in usd_per_mtok.values()):
        cure = "write USD for a million tokens, such as 0.20"
        raise BadInput([Problem(error="a price is missing or wrong", field="input", cure=cure)])
    with acting(engine, by, "set a price", "/".join(sent), at) as session:
        may_write_all(by, "set prices")
        model = known_names(session, {sent}).get(sent) or "/".join(part for part in sent if part)
        lines = [
            Price(
                model=model,
                kind=kind,
                usd_per_mtok=amount,
                valid_from=datetime.combine(start, time(), UTC),
                source=f"own price, set by {name_of(by)}",
            )
            for kind, amount in usd_per_mtok.items()
        ]
        append_prices(session, lines, recorded_at=at, recorded_by=OWN, source_version="page", reason="own price")
        settle_own_names(session, {model}, at)
    return model


def name_model(engine: Engine, provider: str, name: str, model: str, *, at: datetime, by: By) -> None:
    """Say that what senders call so is this model of the book; said once, it stays, so that no past cost moves twice.

    Raises:
        NotAllowed: only an admin may.
        BadInput: the book has no such model, or the name means another one already.
    """
    with acting(engine, by, "name a model", f"{provider}/{name} is {model}", at) as session:
        may_write_all(by, "name models")
        if model not in book_models(session):
            cure = "see `offramp prices MODEL`, or set a price of your own"
            raise BadInput([Problem(error=f"the book has no {model!r}", field="model", cure=cure)])
        before = known_names(session, {(provider, name)}).get((provider, name))
        if before not in {None, model}:
            cure = f"set an own price for {before} where the book is wrong about it"
            raise BadInput([Problem(error=f"{name} means {before} already", field="model", cure=cure)])
        remember_names(session, {(provider, name): model}, at)
