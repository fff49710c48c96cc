"""Takes counted calls out of the rollups again, so that they can be counted elsewhere in the same transaction."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.orm import Session

from db.base import Base
from db.store.names import under_todays_names
from db.store.totals import TOTAL_KEYS
from db.store.usage import LATENCY_KEYS, ROLLUP_COUNTS, ROLLUP_KEYS, latency_rows, rollup_rows
from db.tables import HourTotal, LatencyCount, Rollup
from strategy.facts import Call


def take_usage(session: Session, calls: Sequence[Call]) -> set[bytes]:
    """Subtract calls that were added before, and say by their keys which; a row that counts nothing any more goes.

    What is not there stays where it is.
    """
    if not calls:
        return set()
    calls = under_todays_names(session, calls)
    by_row: defaultdict[tuple[Any, ...], list[Call]] = defaultdict(list)
    for call in calls:
        (row,) = rollup_rows([call])
        by_row[tuple(row[name] for name in ROLLUP_KEYS)].append(call)
    taken: list[Call] = []
    for _, members in sorted(by_row.items(), key=lambda item: item[0]):
        (row,) = rollup_rows(members)
        if _take_row(session, row):
            taken += members
    for row in sorted(latency_rows(taken), key=lambda found: tuple(found[name] for name in LATENCY_KEYS)):
        _subtract(session, LatencyCount, row, LATENCY_KEYS, ("calls",))
    return {call.key for call in taken}


def take_rows(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Subtract whole rollup rows that were added before."""
    for row in sorted(rows, key=lambda found: tuple(found[name] for name in ROLLUP_KEYS)):
        _take_row(session, row)


def _take_row(session: Session, row: dict[str, Any]) -> bool:
    done = _subtract(session, Rollup, row, ROLLUP_KEYS, ROLLUP_COUNTS)
    return done and _subtract(session, HourTotal, row, TOTAL_KEYS, ROLLUP_COUNTS)


def _subtract(
    session: Session, table: type[Base], row: dict[str, Any], keys: Sequence[str], counts: Sequence[str]
) -> bool:
    columns: dict[str, Any] = {name: getattr(table, name) for name in (*keys, *counts)}
    here = [columns[name] == row[name] for name in keys]
    enough = [columns[name] >= row[name] for name in counts]
    less = {columns[name]: columns[name] - row[name] for name in counts}
    found = session.execute(update(table).where(*here, *enough).values(less))
    done = isinstance(found, CursorResult) and found.rowcount == 1
    if done:
        session.execute(delete(table).where(*here, *(columns[name] == 0 for name in counts)))
    return done
