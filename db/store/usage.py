"""Counting calls exactly once: the ledger and the rollups move in one transaction.

A call whose key is in the ledger is a duplicate, whenever and however often it comes again.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import repeat
from typing import Any

from sqlalchemy.orm import Session

from db.store.names import todays_names
from db.store.packs import packed
from db.store.totals import add_totals
from db.store.turns import take_turn
from db.store.upsert import add_counts, add_plain, insert_all
from db.tables import NOBODY, Intake, LatencyCount, Rollup, UsageLedger
from db.types import NANO
from db.wanted import rows_where
from strategy.facts import LATENCY_GROWTH, Call, size_tier

_HOUR = 3600
_LOG_GROWTH = math.log(LATENCY_GROWTH)
ROLLUP_KEYS = ("feature", "hour", "provider", "model", "tier", "processing", "source")
ROLLUP_COUNTS = (
    "calls",
    "errors",
    "calls_with_tokens",
    "calls_without_tokens",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "reported_calls",
    "reported_cost_usd",
)
LATENCY_KEYS = ("feature", "day", "provider", "model", "source", "bucket")
# One arbitrary number that every writer of usage in a PostgreSQL database agrees on.

# A call and the feature that it counts for, whatever its own says.
Attributed = tuple[str | None, Call]


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many calls of a batch were new and how many were known already."""

    accepted: int
    duplicates: int


@lru_cache(maxsize=4_096)
def hour_of(at: datetime) -> int:
    """Whole hours since 1970 of an instant."""
    return int(at.timestamp()) // _HOUR


def hour_start(hour: int) -> datetime:
    """The instant at which an hour begins."""
    return datetime.fromtimestamp(hour * _HOUR, UTC)


def latency_bucket(milliseconds: float) -> int:
    """The bucket of a latency; bucket b holds (1.1^(b-1), 1.1^b] milliseconds, 0 holds up to 1.

    >>> latency_bucket(0.4), latency_bucket(1000.0)
    (0, 73)
    """
    return 0 if milliseconds <= 1 else math.ceil(math.log(milliseconds) / _LOG_GROWTH)


def bucket_milliseconds(bucket: int) -> float:
    """The middle of a latency bucket, in milliseconds."""
    return 1.0 if bucket == 0 else float(LATENCY_GROWTH ** (bucket - 0.5))


def record_calls(session: Session, calls: Sequence[Call], at: datetime) -> Recorded:
    """Count the calls that were never seen before; `at` is when they were received."""
    take_turn(session)
    fresh = new_calls(session, calls)
    add_usage(session, fresh)
    for source, batch in _by_source(calls).items():
        accepted = sum(1 for call in fresh if call.source == source)
        record_intake(session, source, {"accepted": accepted, "duplicate": len(batch) - accepted}, at)
    return Recorded(accepted=len(fresh), duplicates=len(calls) - len(fresh))


def new_calls(session: Session, calls: Sequence[Call]) -> list[Call]:
    """The calls that the ledger did not know, each once; it knows them now."""
    first: defaultdict[int, dict[bytes, Call]] = defaultdict(dict)
    for call in reversed(calls):
        first[_ledger_hour(call)][call.key] = call
    new = _noted(session, first)
    return [call for members in first.values() for key, call in members.items() if key in new]


def new_call_keys(session: Session, calls: Iterable[Call]) -> set[bytes]:
    """The keys of the calls that the ledger did not know; it knows them now. Needs the turn."""
    by_hour: defaultdict[int, set[bytes]] = defaultdict(set)
    for call in calls:
        by_hour[_ledger_hour(call)].add(call.key)
    return _noted(session, by_hour)


def new_keys(session: Session, found: Iterable[tuple[int, bytes]]) -> set[bytes]:
    """The keys, each under its hour, that the ledger did not know; it knows them now. Needs the turn."""
    by_hour: defaultdict[int, set[bytes]] = defaultdict(set)
    for hour, key in found:
        by_hour[hour].add(key)
    return _noted(session, by_hour)


def _noted(session: Session, by_hour: Mapping[int, Collection[bytes]]) -> set[bytes]:
    new: set[bytes] = set()
    rows: list[tuple[int, bytearray]] = []
    for hour in sorted(by_hour):
        # The driver takes a bytearray as it is; of bytes it asks first whether they want to be something else.
        keys = list(map(bytearray, sorted(by_hour[hour])))
        known = _known_keys(session, hour, keys)
        fresh = [key for key in keys if bytes(key) not in known] if known else keys
        new.update(map(bytes, fresh) if known else by_hour[hour])
        rows += zip(repeat(hour), fresh)
    insert_all(session, UsageLedger, ("hour", "key"), rows)
    return new


def _known_keys(session: Session, hour: int, keys: Sequence[bytearray]) -> set[bytes]:
    # Whole files keep their keys packed; they are remembered for ever, as everything under hour 0.
    known = packed(session, list(map(bytes, keys))) if hour == 0 else set[bytes]()
    query = f"SELECT key FROM usage_ledger WHERE hour = {int(hour)}"  # noqa: S608 (a number)
    known.update(row[0] for row in rows_where(session, query, "key", keys))
    return known


def add_usage(session: Session, calls: Iterable[Call]) -> None:
    """Add calls to the rollups and latencies, under the names of today, without asking the ledger."""
    add_attributed(session, [(call.feature, call) for call in calls])


def add_attributed(session: Session, found: Sequence[Attributed]) -> None:
    """`add_usage` of calls under these features instead of their own."""
    names = todays_names(session)
    if names:
        found = [(names.get(feature or NOBODY, feature), call) for feature, call in found]
    sums = sums_of(found)
    add_plain(session, Rollup, ROLLUP_KEYS, ROLLUP_COUNTS, sums)
    add_totals(session, sums.items(), ROLLUP_COUNTS)
    add_plain(session, LatencyCount, LATENCY_KEYS, ("calls",), {key: (n,) for key, n in latencies_of(found).items()})


def add_rollups(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add rollup rows, money in dollars, to those that are there and to the totals of all features."""
    add_counts(session, Rollup, rows, ROLLUP_KEYS, ROLLUP_COUNTS)
    plain = [row | {"reported_cost_usd": int(row["reported_cost_usd"] * NANO)} for row in rows]
    parts = (([row[name] for name in names] for names in (ROLLUP_KEYS, ROLLUP_COUNTS)) for row in plain)
    add_totals(session, ((key, sums) for key, sums in parts), ROLLUP_COUNTS)


def _ledger_hour(call: Call) -> int:
    # What may come again at any age (files, pull sources) is remembered for ever, under hour 0, whatever time it names.
    return hour_of(call.at) if call.windowed else 0


def record_intake(session: Session, source: str, outcomes: Mapping[str, int], at: datetime) -> None:
    """Add to the day's count of what arrived from a source, by outcome."""
    day = hour_of(at) // 24
    rows = [
        {"day": day, "source": source, "outcome": outcome, "count": count, "last_at": at}
        for outcome, count in outcomes.items()
        if count
    ]
    add_counts(session, Intake, rows, ("day", "source", "outcome"), ("count",))


def _by_source(calls: Iterable[Call]) -> dict[str, list[Call]]:
    found: dict[str, list[Call]] = {}
    for call in calls:
        found.setdefault(call.source, []).append(call)
    return found


def sums_of(found: Iterable[Attributed]) -> dict[tuple[Any, ...], list[int]]:
    """The counts in their order by rollup key, money in billionths of a dollar."""
    rows: dict[tuple[Any, ...], list[int]] = {}
    for feature, call in found:
        count, errors, total, output = call.calls, call.errors, call.input_tokens, call.output_tokens
        each = total if total is None or count <= 1 else total // count
        about = call.provider, call.model, size_tier(each), call.processing, call.source
        key = feature or NOBODY, hour_of(call.at), *about
        sums = rows.get(key)
        if sums is None:
            sums = rows[key] = [0] * len(ROLLUP_COUNTS)
        sums[0] += count
        sums[1] += errors
        # Half a count prices half a call: such a call is told apart as one without tokens.
        if total is not None and output is not None:
            sums[2] += count
        else:
            # A failed call that used no tokens lacks none.
            sums[3] += count - errors
        sums[4] += total or 0
        sums[5] += call.cached_input_tokens or 0
        sums[6] += call.cache_write_tokens or 0
        sums[7] += output or 0
        sums[8] += call.reasoning_tokens or 0
        if call.cost_usd is not None:
            sums[9] += count
            sums[10] += round(call.cost_usd * NANO)
    return rows


def latencies_of(found: Iterable[Attributed]) -> dict[tuple[Any, ...], int]:
    """How many calls fall into each latency bucket, by `LATENCY_KEYS`; calls without a latency are left out."""
    rows: dict[tuple[Any, ...], int] = {}
    for feature, call in found:
        if call.latency_ms is not None:
            day = hour_of(call.at) // 24
            key = (feature or NOBODY, day, call.provider, call.model, call.source, latency_bucket(call.latency_ms))
            rows[key] = rows.get(key, 0) + call.calls
    return rows
