"""What becomes of calls in view of the spans around them: whose they are, and which of them are one and the same.

An SDK that traces itself and an instrumentor around it give two spans for one request: nested in one trace
(the Anthropic SDK), or side by side, in one trace (OpenInference of LangChain and of OpenAI) or in two (Traceloop).
What is the same request has one response id or, where one of the two tells none, one trace and one size.

Sequential calls to a server that reuses one response id (BerriAI/litellm#41273) are calls of their own: they do not
overlap, or come from one and the same instrumentation.

The answer depends on which spans are known, never on the order in which they came.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from collectors.keys import TRACE_BYTES
from collectors.otlp_responses import is_named, numbers_of
from collectors.resolver import resolve
from strategy.facts import Call
from strategy.spans import Claims, RecentSpan, Settled, SpanFact, SpanKind, Standing

MOST_ANCESTORS = 64
# A request that overlaps more others of the same id and input is an attack on the loop, not a second instrumentation.
_MOST_COMPARED = 32

Spans = Mapping[bytes, SpanFact]
Recent = Mapping[bytes, RecentSpan]
_NOTHING: Recent = {}
_Request = tuple[int, int | None]
_COUNTED, _NESTED, _REPEATED = Standing.COUNTED, Standing.NESTED, Standing.REPEATED


def settle(fresh: Spans, known: Recent = _NOTHING) -> dict[bytes, Settled]:
    """What becomes of the calls in `fresh`, and of those in `known` that become something else.

    `known` are the remembered spans around and inside the fresh ones, the remembered calls elsewhere that are the same
    request as one of all these, and what is around and inside those. Of nested calls the outermost with tokens counts,
    for itself and what is inside it, but for one inside that says of the same input how much the cache had. Of such
    groups side by side that hold the same request, likewise, one that has something inside, else the first begun.
    """
    spans = {**{key: span.fact for key, span in known.items()}, **fresh} if known else fresh
    nested = _nested(spans)
    lost = {key for key, span in known.items() if _is(span, _NESTED) and not any(_around(span.fact, spans))}
    by = _repeated(spans, nested, lost)
    settled = {
        key: Settled(fact.claims.stated or _feature(fact, spans), _standing(key, nested, by))
        for key, fact in fresh.items()
        if fact.call is not None or fact.score is not None
    }
    freed = _freed(spans, known, nested, by)
    for key, span in known.items():
        if span.settled is not None:
            standing = _standing(key, nested, by)
            if (
                key in lost
                or by.get(key) in lost
                or (_is(span, _REPEATED) and standing is _COUNTED and key not in freed)
            ):
                standing = span.settled.standing
            found_parent = any(parent.key in fresh for parent in _parents(span.fact, spans))
            now = Settled(_feature(span.fact, spans) if found_parent else span.settled.feature, standing)
            if now != span.settled:
                settled[key] = now
    return settled


def doubles(facts: Iterable[SpanFact], found: Recent) -> dict[bytes, RecentSpan]:
    """Those of the calls found that may be the same request as one of these facts."""
    if not found:
        return {}
    alike: defaultdict[_Request, list[SpanFact]] = defaultdict(list)
    for fact in facts:
        for request in _requests(fact):
            if len(alike[request]) < _MOST_COMPARED:
                alike[request].append(fact)
    return {
        key: span
        for key, span in found.items()
        if any(_same_request(span.fact, other) for request in _requests(span.fact) for other in alike.get(request, ()))
    }


def _is(span: RecentSpan, standing: Standing) -> bool:
    return span.settled is not None and span.settled.standing is standing


def _freed(spans: Spans, known: Recent, nested: Mapping[bytes, bytes], by: Mapping[bytes, bytes]) -> set[bytes]:
    """The calls that take the place of a remembered one that counted: only such may count after having been told apart.

    What once bore on a remembered call may be forgotten: that nothing is at hand any more does not make it count.
    """
    left = [span.fact for key, span in known.items() if _is(span, _COUNTED) and (key in nested or key in by)]
    if not left:
        return set()
    groups = {_group(fact, nested) for fact in left}
    members = [fact for fact in spans.values() if fact.call is not None and _group(fact, nested) in groups]
    beside = {_group(span.fact, nested) for span in doubles(members, known).values()}
    return beside | {by.get(group, group) for group in groups}


def _standing(key: bytes, nested: Mapping[bytes, bytes], by: Mapping[bytes, bytes]) -> Standing:
    if key in nested:
        return _NESTED
    return _REPEATED if key in by else _COUNTED


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


def _nested(spans: Spans) -> dict[bytes, bytes]:
    """The calls that do not count because of one around or inside them, and that other."""
    instead: dict[bytes, bytes] = {}
    # A call with nothing known around it drops none and is dropped by none.
    calls = [fact for fact in spans.values() if fact.call is not None and fact.parent in spans]
    # Calls with tokens first, so that the order in which spans arrive changes nothing.
    for fact in sorted(calls, key=lambda found: (not _sized(found.call), found.start_ns, found.key)):
        if fact.key in instead:
            continue
        outer = [around for around in _around(fact, spans) if around.key not in instead]
        if _sized(fact.call):
            counts = [around for around in outer if _sized(around.call) and not _tells_more(fact.call, around.call)]
        else:
            counts = outer
        if counts:
            instead[fact.key] = counts[0].key
        else:
            instead.update((around.key, fact.key) for around in outer)
    return instead


def _tells_more(inner: Call | None, outer: Call | None) -> bool:
    """Whether of one input only the inner call says how much of it the cache had."""
    if inner is None or outer is None or inner.input_tokens != outer.input_tokens:
        return False
    return _tells_cache(inner) and not _tells_cache(outer)


def _tells_cache(call: Call | None) -> bool:
    return call is not None and call.cached_input_tokens is not None


def _around(fact: SpanFact, spans: Spans) -> Iterator[SpanFact]:
    """The calls around this one, nearest first, up to the first agent, tool or workflow."""
    for parent in _parents(fact, spans):
        if parent.kind is SpanKind.UNIT or parent.key == fact.key:
            return
        if parent.call is not None:
            yield parent


def _group(fact: SpanFact, nested: Mapping[bytes, bytes]) -> bytes:
    """The call that counts for this one: itself, or the last of those that count instead."""
    key = fact.key
    while key in nested:
        key = nested[key]
    return key


def _sized(call: Call | None) -> bool:
    return call is not None and (call.input_tokens is not None or call.output_tokens is not None)


def _failed(call: Call | None) -> bool:
    return call is not None and call.errors > 0


def _repeated(spans: Spans, nested: Mapping[bytes, bytes], lost: set[bytes]) -> dict[bytes, bytes]:
    """The groups that hold the same request as another, and that other; `lost` are known to lie in one not at hand."""
    calls = [fact for fact in spans.values() if fact.response is not None and (_sized(fact.call) or _failed(fact.call))]
    alike = _alike(calls, nested)
    groups: defaultdict[bytes, list[SpanFact]] = defaultdict(list)
    for fact in calls if alike else ():
        if (group := _group(fact, nested)) in alike:
            groups[group].append(fact)
    scopes = {key: {fact.scope for fact in group} for key, group in groups.items()}
    kept: defaultdict[_Request, list[tuple[SpanFact, bytes]]] = defaultdict(list)
    by: dict[bytes, bytes] = {}
    for key in sorted(groups, key=lambda found: _rank(spans[found], groups[found], lost)):
        others = (
            one
            for fact in groups[key]
            for request in _requests(fact)
            for one in kept[request][-_MOST_COMPARED:]
            if _same_request(fact, one[0])
            # Of calls side by side of one size, both told of by one instrumentation, each is its own.
            and (_one_response(fact, one[0]) or scopes[key].isdisjoint(scopes[one[1]]))
        )
        if (same := next(others, None)) is not None:
            by[key] = same[1]
            continue
        for fact in groups[key]:
            for request in _requests(fact):
                kept[request].append((fact, key))
    return by


def _alike(calls: Sequence[SpanFact], nested: Mapping[bytes, bytes]) -> set[bytes]:
    """The groups that have a number in common with another: few, so that only they are compared."""
    # A size is one of its trace, and only where a call of that trace names no response is it looked at.
    unnamed = {fact.key[:TRACE_BYTES] for fact in calls if not is_named(fact.response)}
    times = Counter([fact.response for fact in calls])
    first: dict[int | None, bytes] = {}
    found = set[bytes]()
    for fact in calls:
        sized = fact.key[:TRACE_BYTES] in unnamed
        if not sized and times[fact.response] == 1:
            continue
        group = _group(fact, nested)
        for number in numbers_of(fact) if sized else (fact.response,):
            if (other := first.setdefault(number, group)) != group:
                found |= {group, other}
    return found


def _rank(counts: SpanFact, group: Sequence[SpanFact], lost: set[bytes]) -> tuple[bool, bool, bool, int, bytes]:
    alone = all(fact is counts for fact in group)
    return counts.key not in lost, not _tells_cache(counts.call), alone, counts.start_ns, counts.key


def _requests(fact: SpanFact) -> list[_Request]:
    # Not the output: of Anthropic's streams Traceloop adds up what was counted at the start and at the end.
    call = fact.call
    if call is None:
        return []
    return [(number, call.input_tokens) for number in numbers_of(fact)]


def _same_request(one: SpanFact, other: SpanFact) -> bool:
    """Whether two calls that have a number in common are of one request: not where each names another response."""
    apart = one.start_ns > other.end_ns or other.start_ns > one.end_ns
    two = is_named(one.response) and is_named(other.response) and one.response != other.response
    return one.scope != other.scope and not apart and not two and _one_model(one.call, other.call)


def _one_response(one: SpanFact, other: SpanFact) -> bool:
    return is_named(one.response) and one.response == other.response


def _one_model(one: Call | None, other: Call | None) -> bool:
    """Whether both may be of one model. Some call the provider `azure` and some `openai`, and some date the model."""
    if one is None or other is None:
        return False
    return one.provider == other.provider or one.model.startswith(other.model) or other.model.startswith(one.model)
