"""Writing the sums of a whole file at once: past the ORM, through the driver, in the order of the keys."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from db.base import Base
from db.store.names import under_todays_names
from db.store.packs import Keys, ledger_keys, packed_keys
from db.store.totals import add_totals
from db.store.turns import take_turn
from db.store.upsert import add_rows
from db.store.usage import (
    LATENCY_KEYS,
    ROLLUP_COUNTS,
    ROLLUP_KEYS,
    record_intake,
)
from db.tables import NOBODY, LatencyCount, Rollup
from strategy.facts import CallSums, LatencySums


def known_keys(session: Session, keys: Keys) -> Keys:
    """Those of the keys (in order) that were counted before, in order."""
    return np.union1d(packed_keys(session, keys), ledger_keys(session, keys))


def record_sums(session: Session, sums: Sequence[CallSums], at: datetime) -> None:
    """Count calls as sums; that they are new is for the caller to find out, and their keys to remember."""
    take_turn(session)
    named, keys_end = under_todays_names(session, sums), len(ROLLUP_KEYS)
    _add(session, Rollup, ROLLUP_KEYS, ROLLUP_COUNTS, named)
    add_totals(session, ((row[:keys_end], row[keys_end:]) for row in named), ROLLUP_COUNTS)
    accepted: Counter[str] = Counter()
    for item in sums:
        accepted[item.source] += item.calls
    for source, calls in accepted.items():
        record_intake(session, source, {"accepted": calls}, at)


def record_latencies(session: Session, latencies: Sequence[LatencySums]) -> None:
    """Count the latencies of calls whose sums were recorded in the same transaction."""
    _add(session, LatencyCount, LATENCY_KEYS, ("calls",), under_todays_names(session, latencies))


def _add(
    session: Session, table: type[Base], keys: Sequence[str], counts: Sequence[str], sums: Sequence[tuple[Any, ...]]
) -> None:
    # They begin with the keys, in the order of the columns; the feature is the first.
    add_rows(session, table, keys, counts, sorted([row if row[0] else (NOBODY, *row[1:]) for row in sums]))
