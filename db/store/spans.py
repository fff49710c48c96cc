"""Remembering spans for a while: what they say and what became of them; the oldest are forgotten as new ones come."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from db.span_places import rows_of_traces, spans_are_written
from db.store.span_text import fact_text, trace_of, traces_of
from db.store.upsert import insert_all
from db.tables import RecentSpanRow
from strategy.spans import RecentSpan, Settled, SpanFact

MINUTES = 15
_MINUTE = 60
# About 1.1 GB on SQLite. Beyond it calls are counted as ever, and what comes late no longer moves them.
MOST_SPANS = 4_000_000


def room_for_spans(session: Session) -> int:
    """How many more spans may be remembered; never counts too many, and needs no scan."""
    first = session.scalar(select(func.min(RecentSpanRow.id)))
    last = session.scalar(select(func.max(RecentSpanRow.id)))
    return MOST_SPANS if first is None or last is None else max(0, MOST_SPANS - (last - first + 1))


def remember_spans(session: Session, spans: Sequence[tuple[SpanFact, Settled | None]], at: datetime) -> None:
    """Keep these spans, received `at`, of which none is known yet, with what became of each."""
    minute = int(at.timestamp()) // _MINUTE
    spans_are_written(session)
    traces = traces_of([fact for fact, _ in spans])
    rows = [_row(trace, fact, settled, minute) for trace, (fact, settled) in zip(traces, spans, strict=True)]
    insert_all(session, RecentSpanRow, _COLUMNS, rows)


def resettle_spans(session: Session, changed: Iterable[RecentSpan]) -> None:
    """Write down what became of remembered spans."""
    for fact, settled in changed:
        here = RecentSpanRow.id.in_(rows_of_traces(session, [trace_of(fact)])) & (RecentSpanRow.key == fact.key)
        standing, feature = (None, None) if settled is None else (settled.standing, settled.feature)
        session.execute(update(RecentSpanRow).where(here).values(feature=feature, standing=standing))


def forget_spans(session: Session, at: datetime, most: int) -> int:
    """Forget up to `most` of the spans received more than 15 minutes before `at`, the oldest first; how many went."""
    limit = int(at.timestamp()) // _MINUTE - MINUTES
    oldest = session.scalar(select(RecentSpanRow.minute).order_by(RecentSpanRow.id).limit(1))
    if oldest is None or oldest >= limit:
        return 0
    front = select(RecentSpanRow.id, RecentSpanRow.minute).order_by(RecentSpanRow.id).limit(most).subquery()
    old = select(front.c.id).where(front.c.minute < limit)
    done = session.execute(delete(RecentSpanRow).where(RecentSpanRow.id.in_(old)))
    return done.rowcount if isinstance(done, CursorResult) else 0


def _row(trace: int, fact: SpanFact, settled: Settled | None, minute: int) -> tuple[Any, ...]:
    feature, standing = (None, None) if settled is None else settled
    key, parent = fact.key, fact.parent
    # The driver takes a bytearray as it is; of bytes it asks first whether they want to be something else.
    ids = trace, bytearray(key), None if parent is None else bytearray(parent), fact.response
    return (*ids, minute, fact.end_ns, standing if standing is None else standing.value, feature, fact_text(fact))


_COLUMNS = ("trace", "key", "parent", "response", "minute", "end_ns", "standing", "feature", "fact")
