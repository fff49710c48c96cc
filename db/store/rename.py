"""Gives one feature's past to another name: its hours, latencies, metrics and scores, added to what is there already.

Keys of calls and scores stay as they were: a delivery that comes again is known by them, whatever it is called.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.orm import Session

from db.base import Base
from db.store.evaluations import move_evaluations
from db.store.metrics import COUNTS as USE_COUNTS
from db.store.metrics import KEYS as USE_KEYS
from db.store.names import hand_over
from db.store.shapes import KEYS as SHAPE_KEYS
from db.store.upsert import insert_into
from db.store.usage import LATENCY_KEYS, ROLLUP_COUNTS, ROLLUP_KEYS
from db.tables import EvalScore, LatencyCount, MetricUse, OutputShape, Rollup

_SUMMED: tuple[tuple[type[Base], Sequence[str], Sequence[str]], ...] = (
    (Rollup, ROLLUP_KEYS, ROLLUP_COUNTS),
    (LatencyCount, LATENCY_KEYS, ("calls",)),
    (MetricUse, USE_KEYS, USE_COUNTS),
    (OutputShape, SHAPE_KEYS, ("calls",)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is filed under a name: calls, the hourly rows that hold them, and scores."""

    calls: int
    rows: int
    scores: int


def past_of(session: Session, name: str) -> Past:
    """What is filed under a name."""
    calls, rows = session.execute(
        select(func.coalesce(func.sum(Rollup.calls), 0), func.count()).where(Rollup.feature == name)
    ).one()
    scores = session.scalar(select(func.count()).select_from(EvalScore).where(EvalScore.feature == name)) or 0
    return Past(calls=int(calls), rows=int(rows), scores=scores)


def move_past(session: Session, old: str, new: str, *, at: datetime, by: str, ever: bool = True) -> None:
    """Add all that is filed under `old` to what is under `new`; `ever`: also file there what comes as `old` later.

    Needs the turn (`take_turn`): a writer between the two would file under a name that is gone.
    """
    for table, keys, counts in _SUMMED:
        _add_to(session, table, keys, counts, old, new)
    move_evaluations(session, old, new)
    session.execute(update(EvalScore).where(EvalScore.feature == old).values(feature=new))
    if ever:
        hand_over(session, old, new, at=at, by=by)


def _add_to(
    session: Session, table: type[Base], keys: Sequence[str], counts: Sequence[str], old: str, new: str
) -> None:
    columns = (*keys, *counts)
    taken = select(*(literal(new) if name == "feature" else getattr(table, name) for name in columns))
    statement = insert_into(session, table).from_select(columns, taken.where(table.__table__.c.feature == old))
    sums = {name: getattr(table, name) + statement.excluded[name] for name in counts}
    session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=sums))
    session.execute(delete(table).where(table.__table__.c.feature == old))
