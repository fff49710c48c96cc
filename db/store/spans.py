"""Remembering spans for a while: what they say and what became of them; the oldest are forgotten as new ones come."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from db.store.upsert import insert_all
from db.tables import RecentSpanRow
from db.types import NANO
from strategy.spans import RecentSpan, Settled, SpanFact

MINUTES = 15
_MINUTE = 60
# About 1 GB on SQLite. Beyond it calls are counted as ever, and what comes late no longer moves them.
MOST_SPANS = 4_000_000


def room_for_spans(session: Session) -> int:
    """How many more spans may be remembered; never counts too many, and needs no scan."""
    first = session.scalar(select(func.min(RecentSpanRow.id)))
    last = session.scalar(select(func.max(RecentSpanRow.id)))
    return MOST_SPANS if first is None or last is None else max(0, MOST_SPANS - (last - first + 1))


def remember_spans(session: Session, spans: Iterable[RecentSpan], at: datetime) -> None:
    """Keep these spans, received `at`, of which none is known yet."""
    minute = int(at.timestamp()) // _MINUTE
    insert_all(session, RecentSpanRow, _COLUMNS, [_row(span.fact, span.settled, minute) for span in spans])


def resettle_spans(session: Session, changed: Mapping[bytes, Settled]) -> None:
    """Write down what became of remembered calls."""
    for key, settled in changed.items():
        session.execute(
            update(RecentSpanRow)
            .where(RecentSpanRow.key == key)
            .values(feature=settled.feature, standing=settled.standing)
        )


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


def _row(fact: SpanFact, settled: Settled | None, minute: int) -> tuple[Any, ...]:
    call, score = fact.call, fact.score
    where = fact.key, fact.parent, fact.response, minute, int(fact.kind), fact.scope, fact.start_ns, fact.end_ns
    became = (None, None) if settled is None else (int(settled.standing), settled.feature)
    counts = _NO_CALL
    if call is not None:
        counts = (
            call.source,
            call.provider,
            call.model,
            call.processing,
            call.errors,
            call.input_tokens,
            call.cached_input_tokens,
            call.cache_write_tokens,
            call.output_tokens,
            call.reasoning_tokens,
            # As the column type does it: billionths of a dollar.
            None if call.cost_usd is None else round(call.cost_usd * NANO),
            call.latency_ms,
        )
    said = _NO_SCORE if score is None else (score.metric, score.evaluator, score.version, str(score.score))
    return (*where, *fact.claims, *became, *counts, *said, None if call is None else call.shape)


_CALL = (
    "source",
    "provider",
    "model",
    "processing",
    "errors",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost_usd",
    "latency_ms",
)
_SCORE = ("metric", "evaluator", "version", "score")
_COLUMNS = (
    *("key", "parent", "response", "minute", "kind", "scope", "start_ns", "end_ns"),
    *("stated", "unit", "resource", "service", "standing", "feature"),
    *_CALL,
    *_SCORE,
    "shape",
)
_NO_CALL: tuple[Any, ...] = (None,) * len(_CALL)
_NO_SCORE: tuple[Any, ...] = (None,) * len(_SCORE)
