"""Remembering spans for a while: what they say and what became of them; the oldest are forgotten as new ones come."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from db.store.upsert import insert_into
from db.tables import RecentSpanRow
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
    """Keep these spans, received `at`; one that is known already stays as it is."""
    rows = [_row(span.fact, span.settled, int(at.timestamp()) // _MINUTE) for span in spans]
    if rows:
        session.execute(insert_into(session, RecentSpanRow).on_conflict_do_nothing(), rows)


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
    old = select(RecentSpanRow.id).where(RecentSpanRow.minute < limit).order_by(RecentSpanRow.minute).limit(most)
    done = session.execute(delete(RecentSpanRow).where(RecentSpanRow.id.in_(old.scalar_subquery())))
    return done.rowcount if isinstance(done, CursorResult) else 0


def _row(fact: SpanFact, settled: Settled | None, minute: int) -> dict[str, Any]:
    call, claims = fact.call, fact.claims
    return {
        "key": fact.key,
        "parent": fact.parent,
        "response": fact.response,
        "minute": minute,
        "kind": int(fact.kind),
        "scope": fact.scope,
        "start_ns": fact.start_ns,
        "end_ns": fact.end_ns,
        "stated": claims.stated,
        "unit": claims.unit,
        "resource": claims.resource,
        "service": claims.service,
        "standing": None if settled is None else int(settled.standing),
        "feature": None if settled is None else settled.feature,
        **{name: None if call is None else getattr(call, name) for name in _CALL},
        **(_NO_SCORE if fact.score is None else {name: getattr(fact.score, name) for name in _NO_SCORE}),
    }


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
_NO_SCORE: dict[str, Any] = {"metric": None, "evaluator": None, "version": None, "score": None}
