"""The price book as it was known at a time, and what names mean in it.

Two times are kept apart: *valid* time (when a price is charged) and *known* time (when the book learnt it). Of the
lines known by an instant, the one recorded last speaks for its (model, kind, tier, processing, valid_from).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from sqlalchemy import func, or_, select, union
from sqlalchemy.orm import Session

from db.tables import IS_REGISTERED, FeatureRow, HourTotal, ModelName, PriceRow, RetirementRow
from strategy.facts import Formerly, Price, Retirement
from strategy.kinds import PriceKind

# Quarantined lines wait for a person and never count; a cancelled one takes back the line before it.
_SPEAKING = ("active", "scheduled", "cancelled")
# Who wrote the first lines of a book, with its first filling as the time of knowing.
FILLED_BY = "offramp"
# And those that the package dates by their own announcement.
HISTORY = "history"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLine:
    """A price with what the book knows about how it came to be known; `id` is its row.

    `superseded_usd` is what the book said of the same start before, None where this is the first it says of it.
    """

    id: int
    price: Price
    recorded_at: datetime
    recorded_by: str
    reason: str
    superseded_usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """A standard price below every size tier that moved: from `old` (None: the first price) to `new` USD per Mtok."""

    model: str
    kind: PriceKind
    old: Decimal | None
    new: Decimal
    valid_from: datetime
    recorded_at: datetime
    source: str


def price_lines(
    session: Session, models: Collection[str], known_by: datetime | None = None, *, at: datetime | None = None
) -> tuple[Price, ...]:
    """Every price of these models, past, present and announced, each with its end; all of the book as it is known.

    With `known_by`, only what was recorded by then. With `at` too, prices that had begun by `at` count even where
    the book learnt them later: history is not unknown because it was written down late, the future is.
    """
    return _prices(_rows(session, models, known_by, at))


def price_lines_with_news(
    session: Session, models: Collection[str], *, known_by: datetime, at: datetime, since: datetime
) -> tuple[tuple[Price, ...], tuple[Formerly, ...]]:
    """As `price_lines`, and what the book said of a model before each thing that it learnt after `since`.

    What it was filled with is taken to be known of old, and so is what counts here though it was learnt after
    `known_by`. A model whose first price is learnt has nothing that it departs from: its former lines are none.
    """
    rows = _rows(session, models, known_by, at)

    def of_old(row: PriceRow) -> bool:
        return row.recorded_at <= since or row.recorded_at > known_by or row.recorded_by in {FILLED_BY, HISTORY}

    learnt: dict[str, set[datetime]] = {}
    for row in rows:
        if not of_old(row):
            learnt.setdefault(row.model, set()).add(row.recorded_at)
    found = [
        Formerly(
            model=model,
            until=until,
            lines=_prices(row for row in rows if row.model == model and (of_old(row) or row.recorded_at < until)),
        )
        for model, instants in sorted(learnt.items())
        for until in sorted(instants)
    ]
    return _prices(rows), tuple(found)


def prices_at(session: Session, model: str, at: datetime, known_by: datetime | None = None) -> tuple[BookLine, ...]:
    """The lines of a model in force at an instant, as known at another; empty where nothing is known."""
    return tuple(
        line
        for line in _book_lines(session, [model], known_by, None)
        if line.price.valid_from <= at and (line.price.valid_to is None or at < line.price.valid_to)
    )


def book_lines(
    session: Session,
    models: Collection[str] | None = None,
    *,
    known_by: datetime | None = None,
    at: datetime | None = None,
    but_by: str | None = None,
) -> tuple[BookLine, ...]:
    """Every line of these models (all by default), in the book's order; `known_by` and `at` as in `price_lines`.

    With `but_by`, the book as it would be without what was recorded under that name.
    """
    return tuple(_book_lines(session, models, known_by, at, but_by))


def filled_at(session: Session) -> datetime | None:
    """When the book was filled from the package; None before."""
    return session.scalar(select(func.max(PriceRow.recorded_at)).where(PriceRow.recorded_by == FILLED_BY))


def price_changes(
    session: Session, start: datetime, end: datetime, models: Collection[str] | None = None
) -> tuple[PriceChange, ...]:
    """The changes that take effect from `start` up to, not including, `end`, of models (in use), oldest first."""
    found: list[PriceChange] = []
    for lines in _by_series(_book_lines(session, used_models(session) if models is None else models, None, None)):
        for before, line in zip([None, *lines[:-1]], lines, strict=True):
            old, new = before.price.usd_per_mtok if before else None, line.price
            in_window = start <= new.valid_from < end and old != new.usd_per_mtok
            if in_window and new.tier_min_input_tokens == 0 and new.processing == "standard":
                found.append(
                    PriceChange(
                        model=new.model,
                        kind=new.kind,
                        old=old,
                        new=new.usd_per_mtok,
                        valid_from=new.valid_from,
                        recorded_at=line.recorded_at,
                        source=new.source,
                    )
                )
    return tuple(sorted(found, key=lambda change: (change.valid_from, change.model, change.kind)))


def retirements_of(
    session: Session, models: Collection[str], known_by: datetime | None = None, *, at: datetime | None = None
) -> tuple[Retirement, ...]:
    """The announced ends of these models, one each, soonest first; `known_by` and `at` as in `price_lines`."""
    query = select(RetirementRow).where(RetirementRow.model.in_(models))
    if known_by is not None:
        known = RetirementRow.recorded_at <= known_by
        query = query.where(known if at is None else or_(known, RetirementRow.on <= at.date()))
    rows = session.scalars(query.order_by(RetirementRow.recorded_at, RetirementRow.on))
    newest = {row.model: row for row in rows}
    found = [
        Retirement(model=row.model, on=row.on, replacement=row.replacement, source=row.source)
        for row in newest.values()
    ]
    return tuple(sorted(found, key=_soonest))


def book_age(session: Session) -> datetime | None:
    """When the book last learnt a price; None while it is empty."""
    return session.scalar(select(func.max(PriceRow.recorded_at)))


def is_filled(session: Session) -> bool:
    """Whether the book was filled from the package before; from then on differences are proposed."""
    return session.scalar(select(PriceRow.id).where(PriceRow.recorded_by == FILLED_BY).limit(1)) is not None


def book_models(session: Session) -> list[str]:
    """Every model id that has a price, by name."""
    return list(session.scalars(select(PriceRow.model).distinct().order_by(PriceRow.model)))


def used_models(session: Session) -> list[str]:
    """The book ids that traffic used or a registered feature names."""
    used = union(
        select(ModelName.model.label("model")).where(ModelName.model.is_not(None)),
        select(FeatureRow.model.label("model")).where(FeatureRow.model.is_not(None), IS_REGISTERED),
    )
    return sorted(model for model in session.scalars(used) if model)


def known_names(session: Session, pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], str | None]:
    """What these (provider, name) pairs were found to mean; a pair never looked up is left out."""
    query = select(ModelName).where(ModelName.name.in_({name for _, name in pairs}))
    found = {(row.provider, row.name): row.model for row in session.scalars(query)}
    return {pair: found[pair] for pair in pairs if pair in found}


def unsettled_names(session: Session) -> list[tuple[str, str]]:
    """The (provider, name) pairs of traffic never looked up, or looked up in vain before the book last grew."""
    age = book_age(session)
    never = ModelName.name.is_(None)
    unknown = never if age is None else or_(never, ModelName.model.is_(None) & (ModelName.recorded_at < age))
    seen = select(HourTotal.provider, HourTotal.model).distinct().subquery()
    query = (
        select(seen.c.provider, seen.c.model)
        .outerjoin(ModelName, (ModelName.provider == seen.c.provider) & (ModelName.name == seen.c.model))
        .where(unknown)
        .order_by(seen.c.provider, seen.c.model)
    )
    return [(provider, name) for provider, name in session.execute(query)]


def _soonest(item: Retirement) -> tuple[date, str]:
    return item.on, item.model


def _book_lines(
    session: Session,
    models: Collection[str] | None,
    known_by: datetime | None,
    at: datetime | None,
    but_by: str | None = None,
) -> list[BookLine]:
    return _lines_of(_rows(session, models, known_by, at, but_by))


def _rows(
    session: Session,
    models: Collection[str] | None,
    known_by: datetime | None,
    at: datetime | None,
    but_by: str | None = None,
) -> list[PriceRow]:
    """What was written of these models, in the order in which it was."""
    query = select(PriceRow).where(PriceRow.status.in_(_SPEAKING))
    if but_by is not None:
        query = query.where(PriceRow.recorded_by != but_by)
    if models is not None:
        query = query.where(PriceRow.model.in_(models))
    if known_by is not None:
        known = PriceRow.recorded_at <= known_by
        query = query.where(known if at is None else or_(known, PriceRow.valid_from <= at))
    return list(session.scalars(query.order_by(PriceRow.recorded_at, PriceRow.id)))


def _prices(rows: Iterable[PriceRow]) -> tuple[Price, ...]:
    return tuple(line.price for line in _lines_of(list(rows)))


def _lines_of(rows: Sequence[PriceRow]) -> list[BookLine]:
    """What stands of what was written, each line with its end."""
    amounts = {row.id: row.usd_per_mtok for row in rows}
    newest = {_key(row): row for row in rows}
    lines = [_line(row, amounts) for row in newest.values() if row.status != "cancelled"]
    return [line for series in _by_series(lines) for line in _with_ends(series)]


def _key(row: PriceRow) -> tuple[str, str, int, str, datetime]:
    return row.model, row.kind, row.tier_min_input_tokens, row.processing, row.valid_from


def _line(row: PriceRow, amounts: Mapping[int, Decimal]) -> BookLine:
    price = Price(
        model=row.model,
        kind=PriceKind(row.kind),
        usd_per_mtok=row.usd_per_mtok,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        tier_min_input_tokens=row.tier_min_input_tokens,
        processing=row.processing,
        source=row.source,
    )
    return BookLine(
        id=row.id,
        price=price,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        reason=row.reason,
        superseded_usd=None if row.supersedes_id is None else amounts.get(row.supersedes_id),
    )


def _series(line: BookLine) -> tuple[str, PriceKind, str, int]:
    price = line.price
    return price.model, price.kind, price.processing, price.tier_min_input_tokens


def _by_series(lines: Iterable[BookLine]) -> Iterator[list[BookLine]]:
    ordered = sorted(lines, key=lambda line: (_series(line), line.price.valid_from))
    return (list(same) for _, same in groupby(ordered, _series))


def _with_ends(lines: list[BookLine]) -> Iterator[BookLine]:
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        next_start = after.price.valid_from if after else None
        ends = [end for end in (line.price.valid_to, next_start) if end is not None]
        yield replace(line, price=replace(line.price, valid_to=min(ends, default=None)))
