"""Keeps the totals of all features in step with the rollups: one hour's row per model, source and price context.

Every writer of rollups calls this in its transaction, under the same turn. Giving calls to another feature moves none.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from db.store.upsert import add_plain, subtract_plain
from db.tables import HourTotal

TOTAL_KEYS = ("hour", "provider", "model", "tier", "processing", "source")


Rows = Iterable[tuple[Sequence[Any], Sequence[Any]]]


def add_totals(session: Session, rows: Rows, counts: Sequence[str]) -> None:
    """Add rollups that were just counted, each as its key, which begins with the feature, and its sums."""
    add_plain(session, HourTotal, TOTAL_KEYS, counts, _of_all_features(rows))


def subtract_totals(session: Session, rows: Rows, counts: Sequence[str]) -> None:
    """Subtract rollups that were just taken out, given as to `add_totals`."""
    subtract_plain(session, HourTotal, TOTAL_KEYS, counts, _of_all_features(rows))


def _of_all_features(rows: Rows) -> dict[tuple[Any, ...], list[int]]:
    found: dict[tuple[Any, ...], list[Sequence[Any]]] = {}
    for key, row in rows:
        found.setdefault(tuple(key[1:]), []).append(row)
    return {key: [sum(column) for column in zip(*each, strict=True)] for key, each in found.items()}
