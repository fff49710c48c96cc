"""What was counted, grouped in SQL so finely that every group has one price, and no finer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select
from sqlalchemy.orm import Session

from db.queries.record import all_speak, of_record, rollup_day
from db.tables import HourTotal, LatencyCount, ModelName, Rollup

DAY_HOURS = 24
_WEEK_HOURS = 7 * DAY_HOURS
# 1970 began on a Thursday: so many hours of its week were over.
_THURSDAY = 3 * DAY_HOURS


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageGroup:
    """Summed usage of one price: `model` is the book's id or None, `segment` counts the price breaks passed.

    `hours` numbers the hours of the week that were told apart, 0 for all others.

    `feature`, `day` (days since 1970) and `source` are None where not grouped by; an unattributed
    feature is '' here and becomes None at the edge.
    """

    feature: str | None
    day: int | None
    source: str | None
    provider: str
    name: str
    model: str | None
    tier: int
    processing: str
    segment: int
    hours: int
    calls: int
    errors: int
    calls_with_tokens: int
    calls_without_tokens: int
    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reported_calls: int
    reported_cost_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyGroup:
    """Calls in one latency bucket; the group keys are None where not grouped by."""

    feature: str | None
    day: int | None
    source: str | None
    name: str | None
    bucket: int
    calls: int


_COUNTS = (
    "calls",
    "errors",
    "calls_with_tokens",
    "calls_without_tokens",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reported_calls",
)
_PRICED_BY = ("provider", "name", "tier", "processing", "segment", "hours")


def usage_groups(  # noqa: PLR0913 (each says which usage, and what is one group)
    session: Session,
    start_hour: int,
    end_hour: int,
    *,
    by: Collection[str],
    breaks: Sequence[int] = (),
    features: Collection[str] | None = None,
    beside: bool = False,
    week: Mapping[int, int] | None = None,
) -> list[UsageGroup]:
    """Usage from `start_hour` up to, not including, `end_hour` (hours since 1970), of these features or of all.

    It is what the sources of record told, or, `beside`, what the others told of the same features' days.
    `by` is any of feature, day, source; `breaks` are the hours inside the window at which a price changes; `week` gives
    numbers to the hours of the week (0 from Monday 00:00 UTC) that are told apart.
    """
    week = week or {}
    if "feature" in by or features is not None or beside or not all_speak(session):
        wide = features is None and end_hour - start_hour > _WEEK_HOURS
        wide = wide and session.get_bind().dialect.name == "sqlite"
        query = _hours(Rollup, start_hour, end_hour, breaks, week, in_key_order=wide).add_columns(Rollup.feature)
        if features is not None:
            query = query.where(Rollup.feature.in_(features))
        days = start_hour // DAY_HOURS, -(-end_hour // DAY_HOURS)
        rows = of_record(session, query, Rollup, days, features, beside=beside).subquery()
    else:
        rows = _hours(HourTotal, start_hour, end_hour, breaks, week).subquery()
    keys = [*_PRICED_BY, *(name for name in ("feature", "day", "source") if name in by)]
    sums = [func.sum(rows.c[name]).label(name) for name in (*_COUNTS, "reported_cost_usd")]
    columns = [rows.c[name] for name in keys]
    totals = select(*columns, *sums).group_by(*columns).subquery()
    named = select(totals, ModelName.model.label("model")).outerjoin(
        ModelName, (ModelName.provider == totals.c.provider) & (ModelName.name == totals.c.name)
    )
    return [_group(dict(row)) for row in session.execute(named).mappings()]


def _hours(
    table: type[Rollup] | type[HourTotal],
    start_hour: int,
    end_hour: int,
    breaks: Sequence[int],
    week: Mapping[int, int],
    *,
    in_key_order: bool = False,
) -> Select[Any]:
    # Grouping needs the expressions as columns first: PostgreSQL takes two equal parameters for different ones.
    passed: ColumnElement[int] = literal_column("0")
    for hour in breaks:
        passed = passed + case((table.hour >= hour, 1), else_=0)
    # SQLite would look up each row of the hours' index on its own; in the order of the key it takes a quarter.
    clock = table.hour + literal_column("0") if in_key_order else table.hour
    return select(
        table.source,
        table.provider,
        table.model.label("name"),
        table.tier,
        table.processing,
        rollup_day(table).label("day"),
        passed.label("segment"),
        _told_apart(table, week).label("hours"),
        *(getattr(table, name) for name in (*_COUNTS, "reported_cost_usd")),
    ).where(clock >= start_hour, clock < end_hour)


def _told_apart(table: type[Rollup] | type[HourTotal], week: Mapping[int, int]) -> ColumnElement[int]:
    """The number of a row's hour of the week, 0 where it has none."""
    if not week:
        return literal_column("0")
    hour = (table.hour + _THURSDAY) % _WEEK_HOURS
    same: dict[int, list[int]] = {}
    for each, number in week.items():
        same.setdefault(number, []).append(each)
    return case(*((hour.in_(hours), number) for number, hours in sorted(same.items())), else_=0)


def _group(row: dict[str, Any]) -> UsageGroup:
    counts = {name: int(row[name]) for name in _COUNTS}
    day = row.get("day")
    return UsageGroup(
        feature=row.get("feature"),
        day=None if day is None else int(day),
        source=row.get("source"),
        provider=row["provider"],
        name=row["name"],
        model=row["model"],
        tier=row["tier"],
        processing=row["processing"],
        segment=int(row["segment"]),
        hours=int(row["hours"]),
        reported_cost_usd=row["reported_cost_usd"],
        **counts,
    )


def latency_groups(
    session: Session, start_day: int, end_day: int, *, by: Collection[str], features: Collection[str] | None = None
) -> list[LatencyGroup]:
    """Latency counts of the sources of record from `start_day` up to, not including, `end_day`.

    `by` is any of feature, day, source, model.
    """
    columns: dict[str, Any] = {
        "feature": LatencyCount.feature,
        "day": LatencyCount.day,
        "source": LatencyCount.source,
        "model": LatencyCount.model,
    }
    chosen = {name: column for name, column in columns.items() if name in by}
    query = (
        select(
            *(column.label(name) for name, column in chosen.items()), LatencyCount.bucket, _total(LatencyCount.calls)
        )
        .where(LatencyCount.day >= start_day, LatencyCount.day < end_day)
        .group_by(*chosen.values(), LatencyCount.bucket)
    )
    if features is not None:
        query = query.where(LatencyCount.feature.in_(features))
    query = of_record(session, query, LatencyCount, (start_day, end_day), features)
    return [
        LatencyGroup(
            feature=row.get("feature"),
            day=row.get("day"),
            source=row.get("source"),
            name=row.get("model"),
            bucket=row["bucket"],
            calls=int(row["total"]),
        )
        for row in session.execute(query).mappings()
    ]


def _total(column: Any) -> ColumnElement[Any]:  # noqa: ANN401 (a mapped column of any type)
    return func.sum(column).label("total")


def models_in_use(
    session: Session, start_hour: int, end_hour: int, features: Collection[str] | None = None
) -> list[str]:
    """The book ids of the models that calls of the window used; those of these features or of all."""
    table = HourTotal if features is None else Rollup
    query = (
        select(ModelName.model)
        .join(table, (ModelName.provider == table.provider) & (ModelName.name == table.model))
        .where(table.hour >= start_hour, table.hour < end_hour, ModelName.model.is_not(None))
        .distinct()
        .order_by(ModelName.model)
    )
    if features is not None:
        query = query.where(Rollup.feature.in_(features))
    return [model for model in session.scalars(query) if model]


def first_and_last_hour(session: Session) -> tuple[int, int] | None:
    """The first and the last hour with usage, None while there is none."""
    first = session.scalar(select(func.min(HourTotal.hour)))
    last = session.scalar(select(func.max(HourTotal.hour)))
    return None if first is None or last is None else (first, last)


def seen_names(session: Session) -> list[tuple[str, str]]:
    """The (provider, model) pairs as senders wrote them."""
    query = select(HourTotal.provider, HourTotal.model).distinct().order_by(HourTotal.provider, HourTotal.model)
    return [(provider, name) for provider, name in session.execute(query)]
