"""Takes counted calls out of the rollups again, so that they can be counted elsewhere in the same transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from db.store.names import under_todays_names
from db.store.totals import subtract_totals
from db.store.upsert import subtract_plain
from db.store.usage import LATENCY_KEYS, ROLLUP_COUNTS, ROLLUP_KEYS, latencies_of, sums_of
from db.tables import LatencyCount, Rollup
from db.types import NANO
from db.wanted import rows_at
from strategy.facts import Call

_Key = tuple[Any, ...]


def take_usage(session: Session, calls: Sequence[Call]) -> set[bytes]:
    """Subtract calls that were added before, and say by their keys which; a row that counts nothing any more goes.

    What is not there stays where it is.
    """
    by_row: defaultdict[_Key, list[Call]] = defaultdict(list)
    for call in under_todays_names(session, calls) if calls else ():
        (key,) = sums_of([(call.feature, call)])
        by_row[key].append(call)
    sums = {key: sums_of([(call.feature, call) for call in members])[key] for key, members in by_row.items()}
    taken = [call for key in _taken(session, sums) for call in by_row[key]]
    latencies = latencies_of([(call.feature, call) for call in taken])
    subtract_plain(session, LatencyCount, LATENCY_KEYS, ("calls",), {key: (calls,) for key, calls in latencies.items()})
    return {call.key for call in taken}


def take_rows(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Subtract whole rollup rows, money in dollars, that were added before."""
    plain = [row | {"reported_cost_usd": int(row["reported_cost_usd"] * NANO)} for row in rows]
    for row in plain:
        _taken(session, {tuple(row[name] for name in ROLLUP_KEYS): [row[name] for name in ROLLUP_COUNTS]})


def _taken(session: Session, sums: Mapping[_Key, Sequence[int]]) -> list[_Key]:
    """Subtract sums, by their rollups' keys, where as much is there; which those are."""
    found = rows_at(session, Rollup.__tablename__, ROLLUP_KEYS, ROLLUP_COUNTS, sorted(sums))
    there = {row[: len(ROLLUP_KEYS)]: row[len(ROLLUP_KEYS) :] for row in found}
    taken = {key: less for key, less in sums.items() if key in there and _enough(there[key], less)}
    subtract_plain(session, Rollup, ROLLUP_KEYS, ROLLUP_COUNTS, taken)
    subtract_totals(session, taken.items(), ROLLUP_COUNTS)
    return list(taken)


def _enough(there: Sequence[int], less: Sequence[int]) -> bool:
    return all(have >= wanted for have, wanted in zip(there, less, strict=True))
