"""The source of record of each feature's day: which rows are the figures, and which stand beside them.

Nothing of this is stored: late rows, a source that is read again or another choice change it by themselves.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal_column, or_, select
from sqlalchemy.orm import Session

from db.tables import HourTotal, Intake, LatencyCount, RecordChoice, Rollup, SourceState
from strategy.record import EVERY, Rank, rank_of

Counted = type[Rollup] | type[LatencyCount]


def rollup_day(table: type[Rollup] | type[HourTotal] = Rollup) -> ColumnElement[Any]:
    """The day since 1970 of a rollup row, or of a total's."""
    # PostgreSQL takes two equal parameters for different expressions, so there are none.
    return (table.hour - table.hour % literal_column("24")) / literal_column("24")


def source_ranks(session: Session) -> dict[str, Rank]:
    """Every source that calls came from, with its place in the order."""
    kinds = {row.source: row.kind for row in session.scalars(select(SourceState))}
    names = {*session.scalars(select(Intake.source).distinct()), *kinds}
    return {name: rank_of(name, kinds.get(name)) for name in names}


def all_speak(session: Session) -> bool:
    """Whether every row is of record: the sources are of one rank, and nobody chose."""
    return _all_speak(session, source_ranks(session))


def _all_speak(session: Session, ranks: dict[str, Rank]) -> bool:
    chosen = session.scalar(select(RecordChoice.feature).limit(1)) is not None
    return not chosen and len(set(ranks.values())) < 2  # noqa: PLR2004 (one rank alone has nobody to step aside for)


def of_record(
    session: Session,
    query: Select[Any],
    table: Counted,
    days: tuple[int, int],
    features: Collection[str] | None = None,
    *,
    beside: bool = False,
) -> Select[Any]:
    """The query over a table's rows of these days (the last not included), narrowed to those of record, or to the rest.

    A day's record does not depend on the part of the day that is asked for: the whole day says who speaks.
    """
    ranks = source_ranks(session)
    if _all_speak(session, ranks):
        return query.where(false()) if beside else query
    rank, day = _rank(table, ranks), _day(table)
    said: Select[Any] = select(table.feature, day.label("day"), rank.label("rank"))
    said = _choosing(said, table).where(*_within(table, days))
    if features is not None:
        said = said.where(table.feature.in_(features))
    each = said.subquery()
    best = select(each.c.feature, each.c.day, func.min(each.c.rank).label("rank")).group_by(each.c.feature, each.c.day)
    first = best.subquery()
    here = rank > first.c.rank if beside else rank == first.c.rank
    return _choosing(query, table).join(first, and_(first.c.feature == table.feature, first.c.day == day, here))


def _day(table: Counted) -> ColumnElement[Any]:
    return rollup_day() if table is Rollup else LatencyCount.day.expression


def _within(table: Counted, days: tuple[int, int]) -> tuple[ColumnElement[bool], ...]:
    first, end = days
    if table is Rollup:
        return Rollup.hour >= first * 24, Rollup.hour < end * 24
    return LatencyCount.day >= first, LatencyCount.day < end


def _rank(table: Counted, ranks: dict[str, Rank]) -> ColumnElement[int]:
    by_rank = {rank: [name for name, own in sorted(ranks.items()) if own is rank] for rank in sorted({*ranks.values()})}
    return case(
        (or_(RecordChoice.source == table.source, RecordChoice.source == EVERY), int(Rank.CHOSEN)),
        *((table.source.in_(names), int(rank)) for rank, names in by_rank.items() if rank is not Rank.SENDER),
        else_=int(Rank.SENDER),
    )


def _choosing(query: Select[Any], table: Counted) -> Select[Any]:
    measure = "usage" if table is Rollup else "latency"
    return query.outerjoin_from(
        table, RecordChoice, and_(RecordChoice.feature == table.feature, RecordChoice.measure == measure)
    )
