"""The remembered spans around new ones: by their keys, by their parents, by the response they name."""

from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from db.types import NANO
from db.wanted import rows_where
from strategy.facts import Call
from strategy.spans import Claims, Evaluation, RecentSpan, Settled, SpanFact, SpanKind, Standing


def spans_by_key(session: Session, keys: Collection[bytes]) -> dict[bytes, RecentSpan]:
    """The remembered spans of these keys."""
    return _found(session, "key", keys)


def spans_inside(session: Session, parents: Collection[bytes]) -> dict[bytes, RecentSpan]:
    """The remembered spans whose parent is one of these, by their own keys."""
    return _found(session, "parent", parents)


def scores_of_traces(session: Session, halves: Collection[bytes]) -> dict[bytes, RecentSpan]:
    """The remembered scores that are of a whole trace, of those whose ids end in one of these halves."""
    # Nearly always there are none of any trace, and one look at the index says so.
    mark = "%s" if session.get_bind().dialect.name == "postgresql" else "?"
    one = f"SELECT 1 FROM recent_span WHERE parent < {mark} LIMIT 1"  # noqa: S608 (a mark of the driver)
    if not halves or session.connection().exec_driver_sql(one, (_NO_HALF_BUT_THIS,)).first() is None:
        return {}
    return spans_inside(session, {bytes(8) + half for half in halves})


def first_of_trace(session: Session, half: bytes) -> RecentSpan | None:
    """The remembered span of a trace that is around the others, else the one that began first."""
    mark = "%s" if session.get_bind().dialect.name == "postgresql" else "?"
    first = "ORDER BY CASE WHEN parent IS NULL THEN 0 ELSE 1 END, start_ns, key LIMIT 1"
    query = f"{_QUERY} AND metric IS NULL AND key BETWEEN {mark} AND {mark} {first}"
    found = session.connection().exec_driver_sql(query, (half + bytes(8), half + b"\xff" * 8)).first()
    return None if found is None else _recent(tuple(found))


def spans_of_responses(session: Session, responses: Collection[int]) -> dict[bytes, RecentSpan]:
    """The remembered calls that name one of these responses, by their keys."""
    return _found(session, "response", responses)


def _found(session: Session, column: str, values: Collection[Any]) -> dict[bytes, RecentSpan]:
    return {row[0]: _recent(row) for row in rows_where(session, _QUERY, column, values)}


def _recent(row: tuple[Any, ...]) -> RecentSpan:
    key, parent, response, kind, scope, start_ns, end_ns = row[:7]
    fact = SpanFact(
        key=key,
        parent=parent,
        kind=SpanKind(kind),
        claims=Claims(*row[7:11]),
        scope=scope,
        start_ns=start_ns,
        end_ns=end_ns,
        response=response,
        call=None if row[14] is None else _call(row),
        score=None if row[25] is None else _score(row),
    )
    return RecentSpan(fact, None if row[11] is None else Settled(row[12], Standing(row[11])))


def _score(row: tuple[Any, ...]) -> Evaluation:
    metric, evaluator, version, score = row[25:29]
    return Evaluation(metric, evaluator, version, Decimal(score), datetime.fromtimestamp(row[6] // 10**9, UTC))


def _call(row: tuple[Any, ...]) -> Call:
    source, provider, model, processing, errors = row[13:18]
    total, cached, written, output, reasoning, nano_usd, latency = row[18:25]
    return Call(
        key=row[0],
        at=datetime.fromtimestamp(row[6] // 10**9, UTC),
        feature=None,
        provider=provider,
        model=model,
        source=source,
        windowed=True,
        processing=processing,
        errors=errors,
        input_tokens=total,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=output,
        reasoning_tokens=reasoning,
        cost_usd=None if nano_usd is None else Decimal(nano_usd) / NANO,
        latency_ms=latency,
        shape=row[29],
    )


# Beyond every mark of a whole trace (`collectors.keys.trace_mark`), before every key of a span.
_NO_HALF_BUT_THIS = bytes(7) + b"\x01"
_COLUMNS = (
    *("key", "parent", "response", "kind", "scope", "start_ns", "end_ns", "stated", "unit", "resource", "service"),
    *("standing", "feature", "source", "provider", "model", "processing", "errors", "input_tokens"),
    *("cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens", "cost_usd", "latency_ms"),
    *("metric", "evaluator", "version", "score", "shape"),
)
_QUERY = f"SELECT {', '.join(_COLUMNS)} FROM recent_span WHERE true"  # noqa: S608 (names of our own columns)
