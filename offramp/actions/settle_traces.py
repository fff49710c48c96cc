"""Scores of a whole trace: they belong to the feature of the span around its others, whichever of them comes first."""

from collections.abc import Iterable, Mapping

from db.queries.spans import first_of_trace, scores_of_traces
from db.session import Session
from strategy.spans import RecentSpan, SpanFact

_HALF = 8
_EMPTY = bytes(_HALF)

Spans = Mapping[bytes, SpanFact]


def placed(session: Session, fresh: Spans) -> dict[bytes, SpanFact]:
    """The facts, with each score of a whole trace put inside the first span of it, as far as one is known."""
    return {key: _inside(session, fact, fresh) if _is_of_trace(fact) else fact for key, fact in fresh.items()}


def moved_by(session: Session, fresh: Spans) -> dict[bytes, RecentSpan]:
    """The remembered scores of whole traces whose first span is one of the fresh ones, put inside it."""
    halves = {key[:_HALF] for key, fact in fresh.items() if fact.score is None}
    found: dict[bytes, RecentSpan] = {}
    for key, span in scores_of_traces(session, halves).items():
        fact = _inside(session, span.fact, fresh)
        if fact.parent in fresh:
            found[key] = span._replace(fact=fact)
    return found


def _is_of_trace(fact: SpanFact) -> bool:
    return fact.score is not None and fact.parent is not None and fact.parent.startswith(_EMPTY)


def _inside(session: Session, score: SpanFact, fresh: Spans) -> SpanFact:
    half = (score.parent or b"")[_HALF:]
    known = first_of_trace(session, half)
    here = [fact for key, fact in fresh.items() if key.startswith(half) and fact.score is None]
    first = _first([*here, *([] if known is None else [known.fact])])
    return score if first is None else score._replace(parent=first.key)


def _first(spans: Iterable[SpanFact]) -> SpanFact | None:
    return min(spans, key=lambda fact: (fact.parent is not None, fact.start_ns, fact.key), default=None)
