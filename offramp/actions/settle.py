"""Counts the calls of newly arrived spans, and counts anew those that the new ones make somebody else's.

A span counts at once, with what is known. For 15 minutes it is remembered, so that a parent which arrives later, in
another request or at another process, gives it its feature, and a second instrumentation of it is told apart. The
figures depend on which spans came, never on the order.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from collectors.keys import TRACE_BYTES
from collectors.otlp_responses import is_named, numbers_of
from collectors.otlp_settle import MOST_ANCESTORS, doubles, settle
from db.queries.spans import spans_of_responses, spans_of_traces
from db.session import Session
from db.store.evaluations import add_evaluations
from db.store.metrics import spans_speak
from db.store.moves import take_usage
from db.store.shapes import add_shapes
from db.store.span_pack import StoredSpan, traces_of
from db.store.spans import forget_spans, remember_spans, resettle_spans, room_for_spans
from db.store.turns import take_turn
from db.store.usage import Attributed, add_attributed, hour_of, new_call_keys, new_keys
from offramp.actions.settle_traces import moved_by, placed
from strategy.spans import Claims, Evaluation, RecentSpan, Settled, SpanFact, SpanKind, Standing

# Packs: a turn adds one for each two thousand spans.
_FORGET_AT_LEAST = 20
# Each finds one instrumentation more that the others do not lead to.
_MOST_ROUNDS = 4
_HOUR_NS = 3600 * 10**9
_COUNTED = Standing.COUNTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What became of spans: calls counted, calls known before or seen by two, new scores, calls moved."""

    accepted: int = 0
    duplicates: int = 0
    scores: int = 0
    moved: int = 0
    not_remembered: int = 0


def count_spans(session: Session, received: Sequence[SpanFact], at: datetime) -> Counted:
    """Count the calls among these spans that were never seen before; `at` is when they were received."""
    take_turn(session)
    calls = [fact.call for fact in received if fact.call is not None]
    new = new_call_keys(session, calls)
    scores: set[tuple[int, bytes]] = set()
    if len(calls) < len(received):
        received = _joined(session, received)
        scores = {(hour_of(fact.score.at), fact.key) for fact in received if fact.score is not None}
        new |= new_keys(session, scores)
    fresh = {fact.key: fact for fact in received if (fact.key in new if fact.call or fact.score else _links(fact))}
    stored = spans_of_traces(session, set(traces_of(fresh.values())))
    inside = placed(fresh, stored) if scores else fresh
    known: dict[bytes, RecentSpan] = {}
    if stored:
        known = _relatives(inside, stored) | moved_by(fresh, stored)
        fresh = {key: fact for key, fact in fresh.items() if key not in known}
    known = _with_doubles(session, fresh, known, stored)
    settled = settle({key: inside[key] for key in fresh}, known)
    accepted, moved = _count(session, fresh, known, settled)
    forgotten = _remember(session, fresh, settled, at)
    spans_speak(session, {(fact.claims.service or "", fact.end_ns // _HOUR_NS) for fact in fresh.values() if fact.call})
    return Counted(
        accepted=accepted,
        duplicates=len(calls) - accepted,
        scores=sum(key in fresh for _, key in scores),
        moved=moved,
        not_remembered=forgotten,
    )


def _joined(session: Session, received: Sequence[SpanFact]) -> list[SpanFact]:
    """The facts, with an evaluation that names a response and no span put inside the call that got this response."""
    loose = {fact.response for fact in received if fact.score and fact.parent is None and fact.response is not None}
    if not loose:
        return list(received)
    calls = {span.fact.response: key for key, span in spans_of_responses(session, loose).items() if span.fact.call}
    return [
        fact._replace(parent=calls.get(fact.response)) if fact.score and fact.parent is None else fact
        for fact in received
    ]


def _links(fact: SpanFact) -> bool:
    """Whether a span that is no call can matter to one: it names a feature, or stands between others."""
    return fact.parent is not None or fact.kind is SpanKind.UNIT or fact.claims[:3] != Claims()[:3]


def _relatives(fresh: Mapping[bytes, SpanFact], stored: Mapping[bytes, StoredSpan]) -> dict[bytes, RecentSpan]:
    """The remembered spans around and inside the fresh ones, as far as they can bear on each other."""
    known: dict[bytes, RecentSpan] = {}
    wanted = {key for key, fact in fresh.items() if fact.call is None}
    wanted |= {fact.parent for fact in fresh.values() if fact.parent is not None and fact.parent not in fresh}
    for _ in range(MOST_ANCESTORS):
        found = {key: stored[key].read() for key in wanted & stored.keys()}
        known |= found
        above = {span.fact.parent for span in found.values()} - known.keys() - fresh.keys()
        wanted = {key for key in above if key is not None}
        if not wanted:
            break
    children: defaultdict[bytes, list[StoredSpan]] = defaultdict(list)
    for span in stored.values():
        if span.parent is not None:
            children[span.parent].append(span)
    # What is inside a call bears on whether it counts: also inside one that came before.
    inside = {*fresh, *(key for key, span in known.items() if span.fact.call is not None)} & children.keys()
    seen = set(inside)
    for _ in range(MOST_ANCESTORS):
        below = [span for key in inside for span in children[key]]
        known |= {span.key: span.read() for span in below if span.key not in known}
        inside = {span.key for span in below if span.key in children} - seen
        if not inside:
            break
        seen |= inside
    return known


def _with_doubles(
    session: Session,
    fresh: Mapping[bytes, SpanFact],
    known: dict[bytes, RecentSpan],
    stored: Mapping[bytes, StoredSpan],
) -> dict[bytes, RecentSpan]:
    """The known spans, with the remembered calls that are the same request, and what is around and inside those.

    `stored` are the remembered spans of the traces of all these.
    """
    there: dict[bytes, RecentSpan] = {}
    asked: set[int] = set()
    for _ in range(_MOST_ROUNDS):
        calls = [fact for fact in (*fresh.values(), *(span.fact for span in known.values())) if fact.call is not None]
        numbers = _numbers(calls, stored)
        if not numbers <= asked:
            there |= spans_of_responses(session, numbers - asked)
            asked |= numbers
        there |= _named_beside(calls, stored)
        found = doubles(calls, {key: span for key, span in there.items() if key not in known and key not in fresh})
        if not found:
            break
        inside = {key: span.fact for key, span in found.items()}
        stored = spans_of_traces(session, set(traces_of(inside.values())))
        about = {key: span for key, span in _relatives(inside, stored).items() if key not in fresh}
        known = {**about, **known, **found}
    return known


def _numbers(calls: Iterable[SpanFact], stored: Iterable[bytes]) -> set[int]:
    """What leads to remembered calls that may be these: sizes, which are of a trace, only where one has been stored."""
    traces = {key[:TRACE_BYTES] for key in stored}
    return {
        number
        for fact in calls
        if fact.response is not None
        for number in (numbers_of(fact) if fact.key[:TRACE_BYTES] in traces else (fact.response,))
    }


def _named_beside(calls: Iterable[SpanFact], stored: Mapping[bytes, StoredSpan]) -> dict[bytes, RecentSpan]:
    """The stored calls that name their response, at the time of these calls that name none: no number leads to them."""
    unnamed = [fact for fact in calls if fact.response is not None and not is_named(fact.response)] if stored else []
    if not unnamed:
        return {}
    first, last = min(fact.start_ns for fact in unnamed), max(fact.end_ns for fact in unnamed)
    return {key: span.read() for key, span in stored.items() if is_named(span.response()) and span.lasts(first, last)}


def _count(
    session: Session,
    fresh: Mapping[bytes, SpanFact],
    remembered: Mapping[bytes, RecentSpan],
    settled: Mapping[bytes, Settled],
) -> tuple[int, int]:
    """Add the fresh calls, move the remembered ones that changed; how many of both."""
    changed = {key: remembered[key] for key in settled if key not in fresh} if remembered else {}
    moved = _taken_out(session, changed) if changed else {}
    again = _counted((span.fact, settled[key]) for key, span in moved.items())
    first = [
        (settled[key].feature, fact.call)
        for key, fact in fresh.items()
        if fact.call is not None and settled[key].standing is _COUNTED
    ]
    counted = [*again, *first]
    left = list(_counted((span.fact, span.settled) for span in moved.values()))
    add_attributed(session, counted)
    add_shapes(session, counted, left)
    scored = [(fact, settled.get(key), 1) for key, fact in fresh.items() if fact.score is not None]
    if moved or scored:
        add_evaluations(session, _scores((span.fact, span.settled, -1) for span in moved.values()))
        add_evaluations(session, _scores((span.fact, settled[key], 1) for key, span in moved.items()))
        add_evaluations(session, _scores(scored))
        resettle_spans(session, (RecentSpan(span.fact, settled[key]) for key, span in moved.items()))
    return len(first), len(moved)


def _taken_out(session: Session, changed: Mapping[bytes, RecentSpan]) -> dict[bytes, RecentSpan]:
    """Those that could be taken out of where they counted; what cannot be stays there."""
    before = _counted((span.fact, span.settled) for span in changed.values())
    taken = take_usage(session, [call._replace(feature=feature) for feature, call in before])
    taken |= {key for key, span in changed.items() if span.fact.score is not None}
    return {key: span for key, span in changed.items() if key in taken or not _is_counted(span.settled)}


def _scores(
    found: Iterable[tuple[SpanFact, Settled | None, int]],
) -> Iterator[tuple[str | None, Evaluation, int]]:
    for fact, settled, sign in found:
        if fact.score is not None and settled is not None:
            yield settled.feature, fact.score, sign


def _is_counted(settled: Settled | None) -> bool:
    return settled is not None and settled.standing is _COUNTED


def _counted(pairs: Iterable[tuple[SpanFact, Settled | None]]) -> Iterator[Attributed]:
    for fact, settled in pairs:
        if fact.call is not None and settled is not None and settled.standing is _COUNTED:
            yield settled.feature, fact.call


def _remember(session: Session, fresh: Mapping[bytes, SpanFact], settled: Mapping[bytes, Settled], at: datetime) -> int:
    forget_spans(session, at, max(_FORGET_AT_LEAST, len(fresh) // 500))
    room = room_for_spans(session)
    spans = [(fact, settled.get(key)) for key, fact in fresh.items()]
    remember_spans(session, spans[:room], at)
    return max(0, len(spans) - room)
