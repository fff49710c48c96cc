"""Counting calls exactly once: the ledger and the rollups move in one transaction.

A call whose key is in the ledger is a duplicate, whenever and however often it comes again.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from db.store.names import under_todays_names
from db.store.packs import packed
from db.store.upsert import add_counts, insert_all
from db.tables import NOBODY, Intake, LatencyCount, Rollup, UsageLedger
from db.types import NANO
from strategy.facts import LATENCY_GROWTH, Call, size_tier

_HOUR = 3600
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
_TURN = 0x0FF7A3C
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many calls of a batch were new and how many were known already."""

    accepted: int
    duplicates: int


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
    return 0 if milliseconds <= 1 else math.ceil(math.log(milliseconds) / math.log(LATENCY_GROWTH))


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


def take_turn(session: Session) -> None:
    """Wait until no other transaction is changing usage; SQLite's write transactions take turns by themselves.

    Writers that read what they then change (a late parent moves a call) must not overlap, and turns cannot deadlock.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _TURN})


def new_calls(session: Session, calls: Sequence[Call]) -> list[Call]:
    """The calls that the ledger did not know, each once; it knows them now."""
    first = {(_ledger_hour(call), call.key): call for call in reversed(calls)}
    new = new_keys(session, first)
    return [call for (_, key), call in first.items() if key in new]


def new_keys(session: Session, found: Iterable[tuple[int, bytes]]) -> set[bytes]:
    """The keys, each under its hour, that the ledger did not know; it knows them now. Needs the turn."""
    by_hour: dict[int, list[bytes]] = {}
    for hour, key in sorted(set(found)):
        by_hour.setdefault(hour, []).append(key)
    rows = [
        (hour, key)
        for hour, keys in by_hour.items()
        for known in [_known_keys(session, hour, keys)]
        for key in keys
        if key not in known
    ]
    insert_all(session, UsageLedger, ("hour", "key"), rows)
    return {key for _, key in rows}


def _known_keys(session: Session, hour: int, keys: Sequence[bytes]) -> set[bytes]:
    # Whole files keep their keys packed; they are remembered for ever, as everything under hour 0.
    known = packed(session, keys) if hour == 0 else set[bytes]()
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        known.update(
            session.scalars(select(UsageLedger.key).where(UsageLedger.hour == hour, UsageLedger.key.in_(some)))
        )
    return known


def add_usage(session: Session, calls: Sequence[Call]) -> None:
    """Add calls to the rollups and latencies, under the names of today, without asking the ledger."""
    calls = under_todays_names(session, calls)
    add_counts(session, Rollup, rollup_rows(calls), ROLLUP_KEYS, ROLLUP_COUNTS)
    add_counts(session, LatencyCount, latency_rows(calls), LATENCY_KEYS, ("calls",))


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


def rollup_rows(calls: Iterable[Call]) -> list[dict[str, Any]]:
    """What calls add up to, one row per rollup key."""
    found: dict[tuple[Any, ...], Counter[str]] = {}
    for call in calls:
        key = (
            call.feature or NOBODY,
            hour_of(call.at),
            call.provider,
            call.model,
            size_tier(_per_call(call)),
            call.processing,
            call.source,
        )
        found.setdefault(key, Counter()).update(_counts(call))
    return [
        dict(zip(ROLLUP_KEYS, key, strict=True))
        | {name: counts[name] for name in ROLLUP_COUNTS}
        | {"reported_cost_usd": Decimal(counts["reported_cost_usd"]) / NANO}
        for key, counts in found.items()
    ]


def _per_call(call: Call) -> int | None:
    return None if call.input_tokens is None else call.input_tokens // max(call.calls, 1)


def _counts(call: Call) -> dict[str, int]:
    # Half a count prices half a call: such a call is told apart as one without tokens.
    known = call.input_tokens is not None and call.output_tokens is not None
    reported = call.cost_usd is not None
    return {
        "calls": call.calls,
        "errors": call.errors,
        "calls_with_tokens": call.calls if known else 0,
        # A failed call that used no tokens lacks none.
        "calls_without_tokens": 0 if known else call.calls - call.errors,
        "input_tokens": call.input_tokens or 0,
        "cached_input_tokens": call.cached_input_tokens or 0,
        "cache_write_tokens": call.cache_write_tokens or 0,
        "output_tokens": call.output_tokens or 0,
        "reasoning_tokens": call.reasoning_tokens or 0,
        "reported_calls": call.calls if reported else 0,
        "reported_cost_usd": round((call.cost_usd or Decimal(0)) * NANO),
    }


def latency_rows(calls: Iterable[Call]) -> list[dict[str, Any]]:
    """How many calls fall into each latency bucket, one row per key; calls without a latency are left out."""
    found: Counter[tuple[Any, ...]] = Counter()
    for call in calls:
        if call.latency_ms is not None:
            day = hour_of(call.at) // 24
            key = (call.feature or NOBODY, day, call.provider, call.model, call.source, latency_bucket(call.latency_ms))
            found[key] += call.calls
    return [dict(zip(LATENCY_KEYS, key, strict=True)) | {"calls": count} for key, count in found.items()]
