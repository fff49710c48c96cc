"""Scores of a whole trace: they belong to the feature of the span around its others, whichever of them comes first."""

from collections.abc import Iterable, Mapping

from db.store.span_pack import StoredSpan
from strategy.spans import RecentSpan, SpanFact

_HALF = 8
_EMPTY = bytes(_HALF)

Spans = Mapping[bytes, SpanFact]
Stored = Mapping[bytes, StoredSpan]


def placed(fresh: Spans, stored: Stored) -> dict[bytes, SpanFact]:
    """The facts, with each score of a whole trace put inside the first span of it, as far as one is known."""
    return {key: _inside(fact, fresh, stored) if _is_of_trace(fact) else fact for key, fact in fresh.items()}


def moved_by(fresh: Spans, stored: Stored) -> dict[bytes, RecentSpan]:
    """The remembered scores of whole traces whose first span is one of the fresh ones, put inside it."""
    found: dict[bytes, RecentSpan] = {}
    for key, there in stored.items():
        if there.parent is not None and there.parent.startswith(_EMPTY):
            span = there.read()
            fact = _inside(span.fact, fresh, stored) if _is_of_trace(span.fact) else span.fact
            if fact.parent in fresh:
                found[key] = span._replace(fact=fact)
    return found


def _is_of_trace(fact: SpanFact) -> bool:
    return fact.score is not None and fact.parent is not None and fact.parent.startswith(_EMPTY)


def _inside(score: SpanFact, fresh: Spans, stored: Stored) -> SpanFact:
    half = (score.parent or b"")[_HALF:]
    known = [span.read().fact for key, span in stored.items() if key.startswith(half)]
    here = [fact for key, fact in fresh.items() if key.startswith(half)]
    first = _first(fact for fact in (*here, *known) if fact.score is None)
    return score if first is None else score._replace(parent=first.key)


def _first(spans: Iterable[SpanFact]) -> SpanFact | None:
    return min(spans, key=lambda fact: (fact.parent is not None, fact.start_ns, fact.key), default=None)
