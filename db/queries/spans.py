"""The remembered spans around new ones: by their keys, by their parents, by the response they name."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, select
from sqlalchemy.orm import Session

from db.tables import RecentSpanRow
from strategy.facts import Call
from strategy.spans import Claims, Evaluation, RecentSpan, Settled, SpanFact, SpanKind, Standing

# SQLite takes 32,766 parameters in one statement; a short list is compiled once and found again.
_AT_ONCE = 500


def spans_by_key(session: Session, keys: Collection[bytes]) -> dict[bytes, RecentSpan]:
    """The remembered spans of these keys."""
    return _found(session, RecentSpanRow.key, keys)


def spans_inside(session: Session, parents: Collection[bytes]) -> dict[bytes, RecentSpan]:
    """The remembered spans whose parent is one of these, by their own keys."""
    return _found(session, RecentSpanRow.parent, parents)


def spans_of_responses(session: Session, responses: Collection[int]) -> dict[bytes, RecentSpan]:
    """The remembered calls that name one of these responses, by their keys."""
    return _found(session, RecentSpanRow.response, responses)


def _found(session: Session, column: Any, values: Collection[Any]) -> dict[bytes, RecentSpan]:  # noqa: ANN401 (a mapped column of any type)
    found: dict[bytes, RecentSpan] = {}
    for some in _parts(list(values)):
        matches: ColumnElement[bool] = column.in_(some)
        rows = session.execute(select(*RecentSpanRow.__table__.columns).where(matches)).mappings()
        found.update((row["key"], _recent(row)) for row in rows)
    return found


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _recent(row: RowMapping) -> RecentSpan:
    fact = SpanFact(
        key=row["key"],
        parent=row["parent"],
        kind=SpanKind(row["kind"]),
        claims=Claims(row["stated"], row["unit"], row["resource"], row["service"]),
        scope=row["scope"],
        start_ns=row["start_ns"],
        end_ns=row["end_ns"],
        response=row["response"],
        call=None if row["provider"] is None else _call(row),
        score=None if row["metric"] is None else _score(row),
    )
    return RecentSpan(fact, None if row["standing"] is None else Settled(row["feature"], Standing(row["standing"])))


def _score(row: RowMapping) -> Evaluation:
    at = datetime.fromtimestamp(row["end_ns"] // 10**9, UTC)
    return Evaluation(row["metric"], row["evaluator"], row["version"], row["score"], at)


def _call(row: RowMapping) -> Call:
    return Call(
        key=row["key"],
        at=datetime.fromtimestamp(row["end_ns"] // 10**9, UTC),
        feature=None,
        provider=row["provider"],
        model=row["model"],
        source=row["source"],
        windowed=True,
        processing=row["processing"],
        errors=row["errors"],
        input_tokens=row["input_tokens"],
        cached_input_tokens=row["cached_input_tokens"],
        cache_write_tokens=row["cache_write_tokens"],
        output_tokens=row["output_tokens"],
        reasoning_tokens=row["reasoning_tokens"],
        cost_usd=row["cost_usd"],
        latency_ms=row["latency_ms"],
    )
