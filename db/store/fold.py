"""Old hours become days: a day's rows are put together under its first hour; every figure by day stays as it is."""

from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select, true, tuple_
from sqlalchemy.orm import Session

from db.store.span_pack import any_ended
from db.store.turns import take_turn
from db.store.upsert import add_counts
from db.store.usage import ROLLUP_COUNTS, ROLLUP_KEYS, hour_start
from db.tables import MetricUse, ModelName, PriceRow, RecentPack, Rollup

_HOURS = 24
_NANO = 10**9
_HOUR_NS = 3600 * _NANO


def hourly_day(session: Session, first: int, before: int) -> int | None:
    """The first day (since 1970) from `first` on and before day `before` that is kept by the hour, or None."""
    hour = session.scalar(
        select(func.min(Rollup.hour)).where(
            Rollup.hour >= first * _HOURS,
            Rollup.hour < before * _HOURS,
            Rollup.hour % _HOURS != 0,
            _at_any_hour(session),
        )
    )
    return None if hour is None else hour // _HOURS


def fold_day(session: Session, day: int) -> bool:
    """Put a day's hours together; False where that could move a figure: then they stay.

    They stay where a price changes within the day, where the model costs something else at some hours, and while a call
    of that day may still be taken out of its hour: a span that is remembered, a metric that spans may replace.
    """
    take_turn(session)
    if session.scalar(select(exists().where(_changes(day)))) or _waits(session, day):
        return False
    if session.scalar(select(exists().where(MetricUse.hour >= day * _HOURS, MetricUse.since < (day + 1) * _HOURS))):
        return False
    here = Rollup.hour >= day * _HOURS, Rollup.hour < (day + 1) * _HOURS, _at_any_hour(session)
    names = [name for name in ROLLUP_KEYS if name != "hour"]
    columns: list[Any] = [getattr(Rollup, name) for name in names]
    sums = [func.sum(getattr(Rollup, name)).label(name) for name in ROLLUP_COUNTS]
    rows = session.execute(select(*columns, *sums).where(*here).group_by(*columns)).mappings().all()
    session.execute(delete(Rollup).where(*here))
    add_counts(session, Rollup, [_row(dict(row), day) for row in rows], ROLLUP_KEYS, ROLLUP_COUNTS)
    return True


def _at_any_hour(session: Session) -> ColumnElement[bool]:
    """What is called by names of models whose price does not hang on the hour of the day."""
    query = (
        select(ModelName.provider, ModelName.name)
        .join(PriceRow, PriceRow.model == ModelName.model)
        .where(PriceRow.processing.contains("@"))
        .distinct()
    )
    names = [(provider, name) for provider, name in session.execute(query)]
    return tuple_(Rollup.provider, Rollup.model).not_in(names) if names else true()


def _row(row: dict[str, Any], day: int) -> dict[str, Any]:
    # PostgreSQL adds whole numbers up to a numeric.
    counts = {name: row[name] if name == "reported_cost_usd" else int(row[name]) for name in ROLLUP_COUNTS}
    return {**row, **counts, "hour": day * _HOURS}


def _changes(day: int) -> ColumnElement[bool]:
    start, end = hour_start(day * _HOURS), hour_start((day + 1) * _HOURS)
    begins = (PriceRow.valid_from > start) & (PriceRow.valid_from < end)
    return begins | ((PriceRow.valid_to > start) & (PriceRow.valid_to < end))


def _waits(session: Session, day: int) -> bool:
    start_ns, end_ns = (each * _HOURS * _HOUR_NS for each in (day, day + 1))
    near = (RecentPack.last_end_ns >= start_ns) & (RecentPack.first_end_ns < end_ns)
    packs = session.execute(select(RecentPack.responses, RecentPack.parts).where(near))
    return any(any_ended(responses, parts, start_ns, end_ns) for responses, parts in packs)
