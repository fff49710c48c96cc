"""Tells what was counted: calls, errors, tokens, cost and latency; unattributed and unpriced stand apart."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from db.queries.bills import BilledDay, billed_days
from db.queries.usage import LatencyGroup, first_and_last_hour, latency_groups
from db.session import Engine, reading
from db.store.usage import bucket_milliseconds, hour_start
from offramp.actions.basis import Basis, billed_of, is_billed_whole, is_reported_whole, preferred
from offramp.actions.costing import CostedGroup, costed_groups
from offramp.actions.failure import BadInput, Problem
from strategy.shown import exact

DIMENSIONS = ("feature", "model", "day", "source")
_EPOCH = date(1970, 1, 1)
_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """One row of usage; keys not grouped by are None, as is a feature that nothing resolved.

    `cost_usd` is computed from tokens and prices for the priced calls, None where there are none;
    `reported_cost_usd` stands beside it and is never added to it, nor is `billed_cost_usd`, which only days and totals
    have: bills know no features. `shown_cost_usd` is the surest of the three that is known of the whole row, `basis`
    which one that is.
    """

    feature: str | None
    provider: str | None
    model: str | None
    day: date | None
    source: str | None
    calls: int
    errors: int
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    reported_cost_usd: Decimal | None
    billed_cost_usd: Decimal | None
    shown_cost_usd: Decimal | None
    basis: Basis | None
    reported_calls: int
    unpriced_calls: int
    calls_without_tokens: int
    latency_p50_ms: float | None
    latency_p95_ms: float | None

    def document(self) -> dict[str, Any]:
        """The row as design's `usage --json`."""
        return {
            "feature": self.feature,
            "provider": self.provider,
            "model": self.model,
            "day": self.day.isoformat() if self.day else None,
            "source": self.source,
            "calls": self.calls,
            "errors": self.errors,
            "input_tokens": self.input_tokens,
            "cached_input_tokens": self.cached_input_tokens,
            "output_tokens": self.output_tokens,
            "cost_usd": None if self.cost_usd is None else exact(self.cost_usd),
            "reported_cost_usd": None if self.reported_cost_usd is None else exact(self.reported_cost_usd),
            "billed_cost_usd": None if self.billed_cost_usd is None else exact(self.billed_cost_usd),
            "shown_cost_usd": None if self.shown_cost_usd is None else exact(self.shown_cost_usd),
            "basis": self.basis,
            "reported_calls": self.reported_calls,
            "unpriced_calls": self.unpriced_calls,
            "calls_without_tokens": self.calls_without_tokens,
            "latency_p50_ms": self.latency_p50_ms,
            "latency_p95_ms": self.latency_p95_ms,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageTable:
    """The rows of a window and their total; the total's cost is the sum of the rows', exactly."""

    rows: tuple[UsageRow, ...]
    total: UsageRow
    start: datetime
    end: datetime

    def document(self) -> dict[str, Any]:
        """The table as design's `usage --json`."""
        return {"rows": [row.document() for row in self.rows], "total": self.total.document()}


def usage(
    engine: Engine,
    *,
    by: Collection[str] = ("feature",),
    start: datetime | None = None,
    end: datetime | None = None,
    feature: str | Collection[str] | None = None,
    waits: bool = True,
) -> UsageTable:
    """What was counted from `start` up to, not including, `end`, by any of feature, model, day, source.

    Of all features, or only of one, or of those named.
    Without bounds it is all there is. Latency is counted per UTC day, so a part of a day counts whole; without `waits`
    it is not read.

    Raises:
        BadInput: `by` names something else, or a bound is not a whole hour.
    """
    _check(by, start, end)
    features = None if feature is None else (feature,) if isinstance(feature, str) else tuple(feature)
    with reading(engine) as session:
        first, last = first_and_last_hour(session) or (0, 0)
        start, end = start or hour_start(first), end or hour_start(last + 1)
        days = (start.date() - _EPOCH).days, (end - timedelta(microseconds=1)).date()
        span = days[0], (days[1] - _EPOCH).days + 1
        latencies = latency_groups(session, *span, by=set(by), features=features) if waits else []
        bills = billed_days(session, *span) if feature is None else []
        # What a bill covers is known by the day, so the days are needed where there are bills.
        within = {*by, *(["day"] if bills else [])} - {"model"}
        groups = costed_groups(session, start, end, by=within, features=features)
    # A bill knows days, and neither features nor models.
    rows = _fold(groups, latencies, by, bills if set(by) == {"day"} else ())
    (total,) = _fold(groups, latencies, (), bills) or (_empty(billed_of(bills)),)
    return UsageTable(rows=rows, total=total, start=start, end=end)


def beside(
    engine: Engine, *, start: datetime | None = None, end: datetime | None = None, feature: str | None = None
) -> dict[str, int]:
    """The calls that are in no row of `usage`, by source: of their feature's day another source is the record."""
    with reading(engine) as session:
        first, last = first_and_last_hour(session) or (0, 0)
        bounds = start or hour_start(first), end or hour_start(last + 1)
        features = None if feature is None else (feature,)
        groups = costed_groups(session, *bounds, by={"source"}, features=features, beside=True)
    found: dict[str, int] = {}
    for costed in groups:
        found[costed.group.source or ""] = found.get(costed.group.source or "", 0) + costed.group.calls
    return found


def _check(by: Collection[str], start: datetime | None, end: datetime | None) -> None:
    wrong = sorted(set(by) - set(DIMENSIONS))
    if wrong:
        raise BadInput([Problem(error=f"cannot group by {wrong[0]}", field="by", cure=f"use {', '.join(DIMENSIONS)}")])
    for name, bound in (("from", start), ("to", end)):
        if bound is not None and bound != bound.replace(minute=0, second=0, microsecond=0):
            raise BadInput([Problem(error="is not a whole hour", field=name, cure="usage is kept by the hour")])


def _fold(
    groups: Sequence[CostedGroup],
    latencies: Iterable[LatencyGroup],
    by: Collection[str],
    bills: Sequence[BilledDay],
) -> tuple[UsageRow, ...]:
    found: dict[_Key, list[CostedGroup]] = {}
    for costed in groups:
        found.setdefault(_group_key(costed, by), []).append(costed)
    waits: dict[_Key, list[LatencyGroup]] = {}
    for latency in latencies:
        waits.setdefault(_latency_key(latency, by), []).append(latency)
    rows = [_row(members, waits.get(_wait_key(key, by), []), by, bills) for key, members in found.items()]
    return tuple(sorted(rows, key=_order))


def _group_key(costed: CostedGroup, by: Collection[str]) -> _Key:
    group = costed.group
    model = (group.provider, group.name) if "model" in by else None
    return (
        group.feature if "feature" in by else None,
        model,
        group.day if "day" in by else None,
        group.source if "source" in by else None,
    )


def _latency_key(latency: LatencyGroup, by: Collection[str]) -> _Key:
    return tuple(
        value if name in by else None
        for name, value in zip(DIMENSIONS, (latency.feature, latency.name, latency.day, latency.source), strict=True)
    )


def _wait_key(key: _Key, by: Collection[str]) -> _Key:
    # Latency is kept by model name alone: two providers of one model share their percentiles.
    feature, model, day, source = key
    return (feature, model[1] if "model" in by and isinstance(model, tuple) else None, day, source)


def _row(
    members: Sequence[CostedGroup], waits: Sequence[LatencyGroup], by: Collection[str], bills: Sequence[BilledDay]
) -> UsageRow:
    first = members[0].group
    day = _EPOCH + timedelta(days=first.day) if "day" in by and first.day is not None else None
    costs = [costed.cost_usd for costed in members if costed.cost_usd is not None]
    reported = [costed.group.reported_cost_usd for costed in members if costed.group.reported_calls]
    estimated = sum(costs, Decimal(0)) if costs else None
    told = sum(reported, Decimal(0)) if reported else None
    billed = billed_of(bills, day)
    covered = [bill for bill in bills if day is None or bill.day == first.day]
    shown, basis = preferred(
        billed if is_billed_whole(members, covered) else None, told if is_reported_whole(members) else None, estimated
    )
    total: Callable[[str], int] = lambda name: sum(getattr(costed.group, name) for costed in members)  # noqa: E731 (one line says it)
    return UsageRow(
        feature=(first.feature or None) if "feature" in by else None,
        provider=(first.provider or None) if "model" in by else None,
        model=first.name if "model" in by else None,
        day=day,
        source=first.source if "source" in by else None,
        calls=total("calls"),
        errors=total("errors"),
        input_tokens=total("input_tokens"),
        cached_input_tokens=total("cached_input_tokens"),
        output_tokens=total("output_tokens"),
        cost_usd=estimated,
        reported_cost_usd=told,
        billed_cost_usd=billed,
        shown_cost_usd=shown,
        basis=basis,
        reported_calls=total("reported_calls"),
        unpriced_calls=sum(costed.unpriced_calls for costed in members),
        calls_without_tokens=total("calls_without_tokens"),
        latency_p50_ms=percentile(waits, 0.50),
        latency_p95_ms=percentile(waits, 0.95),
    )


def percentile(waits: Sequence[LatencyGroup], share: float) -> float | None:
    """The latency in ms below which this share of the counted calls lies, within 5 %; None without counts."""
    counts: dict[int, int] = {}
    for wait in waits:
        counts[wait.bucket] = counts.get(wait.bucket, 0) + wait.calls
    rank = share * sum(counts.values())
    seen = 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= rank:
            return round(bucket_milliseconds(bucket), 1)
    return None


def _order(row: UsageRow) -> tuple[Any, ...]:
    return (
        row.day or _EPOCH,
        row.feature is None,
        row.feature or "",
        row.provider or "",
        row.model or "",
        row.source or "",
    )


def _empty(billed: Decimal | None) -> UsageRow:
    return UsageRow(
        feature=None,
        provider=None,
        model=None,
        day=None,
        source=None,
        calls=0,
        errors=0,
        input_tokens=0,
        cached_input_tokens=0,
        output_tokens=0,
        cost_usd=None,
        reported_cost_usd=None,
        billed_cost_usd=billed,
        shown_cost_usd=None,
        basis=None,
        reported_calls=0,
        unpriced_calls=0,
        calls_without_tokens=0,
        latency_p50_ms=None,
        latency_p95_ms=None,
    )


def midnight(day: date) -> datetime:
    """The UTC instant at which a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
