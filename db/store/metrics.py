"""Counting what metrics say, where a service's spans do not say it: a point once, however often and in any order.

Spans win by the hour: in an hour with a span of a service, its metrics do not count, whichever came first.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from db.store.moves import take_rows
from db.store.names import todays_names
from db.store.upsert import add_counts, insert_into, insert_new
from db.store.usage import add_rollups, new_keys
from db.tables import NOBODY, MetricStream, MetricUse, SpanHour
from db.wanted import rows_where
from strategy.metrics import Increase, Measure, MetricPoint

SOURCE = "otlp_metrics"
# About 20 MB: a sender with a random attribute makes a stream of every point.
MOST_STREAMS = 200_000
_HOUR_NS = 3600 * 10**9
KEYS = ("service", "hour", "since", "feature", "provider", "model")
COUNTS = (
    "calls",
    "errors",
    "calls_with_tokens",
    "calls_without_tokens",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
)
_AT_ONCE = 500


class TooManyStreams(Exception):  # noqa: N818 (a state of the database, not a fault)
    """No room for the last values of more streams."""


def increases(session: Session, points: Sequence[MetricPoint], oldest_ns: int) -> list[Increase]:
    """What these points add to what was known; a point seen before, or older than one seen, adds nothing.

    A cumulative stream that began before `oldest_ns` and was never seen is only noted: what it counted is of an
    unknown time.

    Raises:
        TooManyStreams: nothing of these points may be kept.
    """
    delta = {(point.time_ns // _HOUR_NS, _point_key(point)): point for point in points if not point.cumulative}
    new = new_keys(session, delta)
    found = [
        Increase(point, point.start_ns or point.time_ns, point.total, point.observed)
        for (_, key), point in delta.items()
        if key in new
    ]
    return found + _cumulative(session, [point for point in points if point.cumulative], oldest_ns)


def _point_key(point: MetricPoint) -> bytes:
    return blake2b(b"point" + point.stream + point.time_ns.to_bytes(8, "big"), digest_size=16).digest()


def _cumulative(session: Session, points: Sequence[MetricPoint], oldest_ns: int) -> list[Increase]:
    streams = sorted({point.stream for point in points})
    last: dict[bytes, tuple[int, int, int]] = {}
    for start in range(0, len(streams), _AT_ONCE):
        query = select(MetricStream).where(MetricStream.key.in_(streams[start : start + _AT_ONCE]))
        last |= {row.key: (row.last_ns, row.total, row.observed) for row in session.scalars(query)}
    unseen = len(streams) - len(last)
    if unseen and unseen + (session.scalar(select(func.count()).select_from(MetricStream)) or 0) > MOST_STREAMS:
        raise TooManyStreams
    found: list[Increase] = []
    for point in sorted(points, key=lambda item: item.time_ns):
        before = last.get(point.stream)
        if before is None:
            if point.start_ns >= oldest_ns:
                found.append(Increase(point, point.start_ns, point.total, point.observed))
        elif point.time_ns <= before[0]:
            continue
        elif point.total < before[1] or point.observed < before[2]:
            # Its sender began anew without saying so.
            found.append(Increase(point, before[0], point.total, point.observed))
        else:
            found.append(Increase(point, before[0], point.total - before[1], point.observed - before[2]))
        last[point.stream] = point.time_ns, point.total, point.observed
    rows = [{"key": key, "last_ns": state[0], "total": state[1], "observed": state[2]} for key, state in last.items()]
    if rows:
        statement = insert_into(session, MetricStream)
        newer = {name: statement.excluded[name] for name in ("last_ns", "total", "observed")}
        session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=newer), rows)
    return [item for item in found if item.total or item.observed]


def count_increases(session: Session, found: Iterable[Increase]) -> tuple[int, int]:
    """Keep what points added, and count it where no span speaks: (calls counted, calls left to the spans)."""
    rows = _uses(found, todays_names(session))
    add_counts(session, MetricUse, rows, KEYS, COUNTS)
    counted = [row for row in rows if not _spans_between(session, row["service"], row["since"], row["hour"])]
    add_rollups(session, [_rollup(row) for row in counted])
    calls = sum(row["calls"] for row in counted)
    return calls, sum(row["calls"] for row in rows) - calls


def spans_speak(session: Session, hours: Iterable[tuple[str, int]]) -> None:
    """Spans of calls came from these services for these hours: what their metrics said of that time is taken out."""
    told = set(hours)
    for service, hour in sorted(told - _spoken(session, told)):
        taken = [
            _rollup({name: getattr(row, name) for name in (*KEYS, *COUNTS)})
            for row in session.scalars(
                select(MetricUse).where(MetricUse.service == service, MetricUse.since <= hour, MetricUse.hour >= hour)
            )
            if not _spans_between(session, service, row.since, row.hour)
        ]
        take_rows(session, taken)
        insert_new(session, SpanHour, [{"service": service, "hour": hour}], "hour")


def forget_metrics(session: Session, before_ns: int) -> None:
    """Forget streams without a newer point, and whose hours these were; what was counted stays."""
    hour = before_ns // _HOUR_NS
    session.execute(delete(MetricStream).where(MetricStream.last_ns < before_ns))
    session.execute(delete(MetricUse).where(MetricUse.hour < hour))
    session.execute(delete(SpanHour).where(SpanHour.hour < hour))


def _spoken(session: Session, told: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
    """Which of these services and hours are known to be told by spans."""
    if not told:
        return set()
    services, hours = {service for service, _ in told}, {hour for _, hour in told}
    query = f"SELECT service, hour FROM span_hour WHERE hour BETWEEN {min(hours):d} AND {max(hours):d}"  # noqa: S608 (numbers)
    return {(service, hour) for service, hour in rows_where(session, query, "service", services)}


def _spans_between(session: Session, service: str, since: int, hour: int) -> bool:
    query = select(SpanHour.hour).where(SpanHour.service == service, SpanHour.hour.between(since, hour)).limit(1)
    return session.scalar(query) is not None


def _uses(found: Iterable[Increase], names: Mapping[str, str]) -> list[dict[str, Any]]:
    sums: dict[tuple[Any, ...], Counter[str]] = {}
    for item in found:
        point = item.point
        key = (
            point.service,
            point.time_ns // _HOUR_NS,
            min(item.since_ns, point.time_ns) // _HOUR_NS,
            names.get(point.feature or NOBODY, point.feature or NOBODY),
            point.provider,
            point.model,
        )
        counts = sums.setdefault(key, Counter())
        counts[point.measure] += item.total
        counts["errors"] += item.total if point.measure is Measure.CALLS and point.failed else 0
        counts["calls_with_tokens"] += item.observed if point.measure is Measure.INPUT else 0
    return [dict(zip(KEYS, key, strict=True)) | _counts(counts) for key, counts in sums.items()]


def _counts(counts: Counter[str]) -> dict[str, int]:
    answered = counts["calls"] - counts["errors"]
    # A counter of tokens does not say of how many calls: then of all that were answered.
    sized = counts["calls_with_tokens"] or (answered if counts["input_tokens"] or counts["output_tokens"] else 0)
    derived = {"calls_with_tokens": sized, "calls_without_tokens": max(0, answered - sized)}
    return {name: counts[name] for name in COUNTS} | derived


def _rollup(row: dict[str, Any]) -> dict[str, Any]:
    fixed = {
        "tier": 0,
        "processing": "standard",
        "source": SOURCE,
        "reported_calls": 0,
        "reported_cost_usd": Decimal(0),
    }
    return {name: row[name] for name in (*KEYS, *COUNTS) if name not in ("service", "since")} | fixed
