"""What becomes of calls in view of the spans around them: whose they are, and which of them are one and the same.

An SDK that traces itself and an instrumentor around it give two spans for one request: nested in one trace
(the Anthropic SDK), or side by side in two (Traceloop). Sequential calls to a server that reuses one response id
(BerriAI/litellm#41273) are calls of their own: they do not overlap, or come from one and the same instrumentation.

The answer depends on which spans are known, never on the order in which they came.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from collectors.resolver import resolve
from strategy.facts import Call
from strategy.spans import Claims, RecentSpan, Settled, SpanFact, SpanKind, Standing

MOST_ANCESTORS = 64
# A request that overlaps more others of the same id and size is an attack on the loop, not a second instrumentation.
_MOST_COMPARED = 32
# The part of a span's key that all spans of its trace share (collectors/keys.py).
_HALF = 8

Spans = Mapping[bytes, SpanFact]
Recent = Mapping[bytes, RecentSpan]
_NOTHING: Recent = {}
_COUNTED, _NESTED, _REPEATED = Standing.COUNTED, Standing.NESTED, Standing.REPEATED
# What a named tuple's own constructor does, without its Python.
_made = tuple.__new__


def settle(fresh: Spans, known: Recent = _NOTHING, peers: Recent = _NOTHING) -> dict[bytes, Settled]:
    """What becomes of the calls in `fresh`, and of those in `known` and `peers` that become something else.

    `known` are the remembered spans around and inside the fresh ones, `peers` remembered calls elsewhere that name the
    same response. Of nested calls the outermost with tokens counts, of parallel ones the first begun; where one that
    is inside another stands beside a third, the one around it counts for all of them.
    """
    spans = {**{key: span.fact for key, span in known.items()}, **fresh} if known else fresh
    nested = _nested(spans)
    left = [fact for fact in spans.values() if fact.call is not None and fact.key not in nested]
    left += [span.fact for span in peers.values() if not _is_nested(span)]
    repeated = _parallel(left)
    if inner := _inner(spans, nested, {**known, **peers} if peers else known):
        repeated |= _beside(left, inner, spans, fresh)
    settled = {
        key: _made(Settled, (fact.claims.stated or _feature(fact, spans), _standing(key, nested, repeated)))
        for key, fact in fresh.items()
        if fact.call is not None or fact.score is not None
    }
    for key, span in (*known.items(), *peers.items()):
        if span.settled is not None:
            now = _again(span.fact, span.settled, spans, fresh, _standing(key, nested, repeated))
            if now != span.settled:
                settled[key] = now
    return settled


def _again(fact: SpanFact, was: Settled, spans: Spans, fresh: Spans, standing: Standing) -> Settled:
    """What becomes of a remembered call: what once bore on it may be forgotten, so only what is new may move it."""
    if was.standing is Standing.REPEATED or (was.standing is Standing.NESTED and not any(_around(fact, spans))):
        standing = was.standing
    found_parent = any(parent.key in fresh for parent in _parents(fact, spans))
    return Settled(_feature(fact, spans) if found_parent else was.feature, standing)


def _is_nested(span: RecentSpan) -> bool:
    return span.settled is not None and span.settled.standing is Standing.NESTED


def _standing(key: bytes, nested: set[bytes], repeated: set[bytes]) -> Standing:
    if key in nested:
        return _NESTED
    return _REPEATED if key in repeated else _COUNTED


def _feature(fact: SpanFact, spans: Spans) -> str | None:
    if fact.claims.stated:
        return fact.claims.stated
    scored = None if fact.score is None or fact.parent is None else spans.get(fact.parent)
    if scored is None:
        return resolve(_claims(fact, spans))
    # A score belongs to the feature of the answer that it is of; who sent it matters only where that says nothing.
    return resolve(_claims(scored, spans)) or resolve([fact.claims])


def _claims(fact: SpanFact, spans: Spans) -> Iterator[Claims]:
    yield fact.claims
    for parent in _parents(fact, spans):
        yield parent.claims


def _parents(fact: SpanFact, spans: Spans) -> Iterator[SpanFact]:
    for _ in range(MOST_ANCESTORS):
        if fact.parent is None or (found := spans.get(fact.parent)) is None:
            return
        yield found
        fact = found


def _nested(spans: Spans) -> set[bytes]:
    dropped: set[bytes] = set()
    # A call with nothing known around it drops none and is dropped by none.
    calls = [fact for fact in spans.values() if fact.call is not None and fact.parent in spans]
    # Calls with tokens first, so that the order in which spans arrive changes nothing.
    for fact in sorted(calls, key=lambda found: (not _sized(found.call), found.key)):
        outer = [around for around in _around(fact, spans) if around.key not in dropped]
        if outer and (not _sized(fact.call) or any(_sized(around.call) for around in outer)):
            dropped.add(fact.key)
        else:
            dropped.update(around.key for around in outer)
    return dropped


def _around(fact: SpanFact, spans: Spans) -> Iterator[SpanFact]:
    """The calls around this one, nearest first, up to the first agent, tool or workflow."""
    for parent in _parents(fact, spans):
        if parent.kind is SpanKind.UNIT or parent.key == fact.key:
            return
        if parent.call is not None:
            yield parent


def _inner(spans: Spans, nested: set[bytes], remembered: Recent) -> list[SpanFact]:
    """The calls that another counts for: those found now, and those of which what is around is not at hand."""
    was = (span.fact for key, span in remembered.items() if _is_nested(span) and key not in nested)
    return [*(spans[key] for key in nested), *was]


def _beside(left: Sequence[SpanFact], inner: Sequence[SpanFact], spans: Spans, fresh: Spans) -> set[bytes]:
    """Those left that are the request of an inner call, where the call around that names no response to tell by."""
    named = {fact.response for fact in inner}
    alike: defaultdict[tuple[object, ...], list[SpanFact]] = defaultdict(list)
    for fact in left:
        if fact.response is not None and fact.response in named and _sized(fact.call):
            alike[_request(fact)].append(fact)
    dropped: set[bytes] = set()
    for fact in inner if alike else ():
        group = alike.get(_request(fact), [])
        around = {outer.key for outer in _around(fact, spans)}
        if around:
            told = any(other.key in around for other in group)
        else:
            told = any(other.key[:_HALF] == fact.key[:_HALF] for other in group if other.key not in fresh)
        if not told:
            dropped.update(other.key for other in group[:_MOST_COMPARED] if _same_request(fact, other))
    return dropped


def _sized(call: Call | None) -> bool:
    return call is not None and (call.input_tokens is not None or call.output_tokens is not None)


def _parallel(facts: Sequence[SpanFact]) -> set[bytes]:
    responses = [fact.response for fact in facts if fact.response is not None]
    if len(responses) == len(set(responses)):
        return set()
    alike: defaultdict[tuple[object, ...], list[SpanFact]] = defaultdict(list)
    for fact in facts:
        if fact.response is not None and _sized(fact.call):
            alike[_request(fact)].append(fact)
    dropped: set[bytes] = set()
    for group in alike.values():
        kept: list[SpanFact] = []
        for fact in sorted(group, key=lambda found: (found.start_ns, found.key)) if len(group) > 1 else ():
            if any(_same_request(fact, other) for other in kept[-_MOST_COMPARED:]):
                dropped.add(fact.key)
            else:
                kept.append(fact)
    return dropped


def _request(fact: SpanFact) -> tuple[object, ...]:
    call = fact.call
    return (fact.response, *((call.provider, call.input_tokens, call.output_tokens) if call else ()))


def _same_request(one: SpanFact, other: SpanFact) -> bool:
    apart = one.start_ns > other.end_ns or other.start_ns > one.end_ns
    return one.scope != other.scope and not apart
