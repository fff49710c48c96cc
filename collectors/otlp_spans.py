"""Trace requests to span facts: which spans count, with which tokens, what they claim, and which are refused.

A refused span is answered by OTLP's partial success, so its sender never tries again: it is counted by reason.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zlib import crc32

from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collectors.otlp_alike import TOKENS, Alike, Words, words_for
from collectors.otlp_evaluations import AHEAD, Refused, evaluation_fact, key_of, second_of
from collectors.otlp_kinds import is_ignored
from collectors.otlp_lean import LeanRequest, LeanScopeSpans, LeanSpan
from collectors.otlp_names import EXCEPTION_EVENT, SCOPES_THAT_LACK, SPAN_ATTRIBUTES, TOTAL_TOKENS, USAGE_EVENT
from collectors.otlp_read import attributes_of, evaluations_of, first_of, has_failed
from collectors.otlp_responses import response_number, size_number
from collectors.resolver import Attributes, ResolverConfig, resource_claims
from collectors.tokens import (
    MOST_TOKENS,
    BadNumber,
    Tokens,
    canonical,
    usd,
    whole,
    with_cache,
    with_reasoning,
    with_total,
)
from collectors.usage_details import cost_from_details, usage_from_details, with_metadata
from strategy.facts import Call
from strategy.spans import Claims, SpanFact, SpanKind, latency_ms

SOURCE = "otlp"
_NO_DETAILS = Tokens()
_MOST_NS = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What a named tuple's own constructor does, without its Python: there is one of each for every span.
_made = tuple.__new__
_Bounds = tuple[datetime | None, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What a trace request holds: span facts, each once; calls refused by reason; calls that were there twice.

    Reasons: bad_id, bad_time, late, future, bad_number. `ignored` are the spans that are no calls.
    """

    spans: tuple[SpanFact, ...] = ()
    refused: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    ignored: int = 0


def spans_from_traces(
    request: LeanRequest,
    *,
    resolver: ResolverConfig,
    received_at: datetime,
    oldest: datetime | None = None,
) -> Received:
    """The facts in a trace request: every call, and every other span that may stand between a call and its feature.

    `oldest` is the late window's start (None: no window); ends more than five minutes after `received_at` are refused.
    Never raises for what a request may hold.
    """
    reader = _Reader(resolver, (oldest, received_at + AHEAD))
    wanted = SPAN_ATTRIBUTES | resolver.attributes()
    for group in request.resource_spans:
        resource = attributes_of(group.resource.attributes, wanted)
        for scoped in group.scope_spans:
            reader.take(scoped, resource, resource_claims(resolver, resource))
    spans = tuple(reader.found.values())
    return Received(spans=spans, refused=+reader.refused, repeated=reader.repeated, ignored=reader.ignored)


class _Reader:
    """Reads the spans of one request, each once."""

    def __init__(self, resolver: ResolverConfig, bounds: _Bounds) -> None:
        self._resolver, self._bounds, self._words = resolver, bounds, words_for(resolver)
        oldest, newest = bounds
        self._oldest_ns, self._newest_ns = 1 if oldest is None else _nanoseconds(oldest), _nanoseconds(newest)
        self._keys: dict[tuple[bytes, bytes], bytes] = {}
        self.found: dict[bytes, SpanFact] = {}
        self.refused: Counter[str] = Counter()
        self.repeated = self.ignored = 0

    def take(self, scoped: LeanScopeSpans, resource: Attributes, shared: Claims) -> None:
        """Read the spans of one instrumentation, whose resource claims what `shared` says."""
        words, found, number_of_word = self._words, self.found, self._words.__getitem__
        scope = crc32(scoped.scope.name.encode())
        lacks = scoped.scope.name if scoped.scope.name in SCOPES_THAT_LACK else ""
        sets, ignored_sets = (words.sets(shared, scope=lacks, ignored=ignored) for ignored in (False, True))
        for span in scoped.spans:
            name = span.name
            encoded = span.attributes[:]
            numbers = tuple(map(number_of_word, encoded))
            known = ignored_sets if is_ignored(name) else sets
            alike = known.get(numbers) or words.alike(encoded, numbers, shared, name, scope=lacks)
            try:
                fact = self._fact(span, scope, encoded, alike)
                scores: Sequence[SpanFact] = ()
                if span.events:
                    scores, fact = self._scores(span, scoped.scope, resource), _with_events(fact, span)
            except Refused as reason:
                self.ignored += not alike.counts
                self.refused[str(reason)] += alike.counts
                continue
            if fact.key in found:
                self.repeated += alike.counts
            else:
                found[fact.key] = fact
            self.ignored += not alike.counts
            for score in scores:
                found.setdefault(score.key, score)

    def _scores(self, span: LeanSpan, scope: InstrumentationScope, resource: Attributes) -> list[SpanFact]:
        given = evaluations_of(span, scope, resource, self._resolver)
        return [evaluation_fact(each, self._resolver, self._bounds) for each in given]

    def _fact(self, span: LeanSpan, scope: int, encoded: Sequence[bytes], alike: Alike) -> SpanFact:
        trace_id, parent_id = span.trace_id, span.parent_span_id
        key = self._key(trace_id, span.span_id)
        if key is None:
            raise Refused("bad_id")
        times = span.start_time_unix_nano, span.end_time_unix_nano
        call = self._call(key, times, span.status, encoded, alike) if alike.counts else None
        response = self._words.response(encoded, alike.response)
        start_ns, end_ns = times
        return _made(
            SpanFact,
            (
                key,
                self._key(trace_id, parent_id) if parent_id else None,
                alike.kind,
                alike.claims,
                scope,
                min(_MOST_NS, start_ns),
                min(_MOST_NS, end_ns),
                size_number(key, call) if response is None else response_number(response),
                call,
                None,
            ),
        )

    def _key(self, trace_id: bytes, span_id: bytes) -> bytes | None:
        # A parent is asked for by each of its children.
        ids = trace_id, span_id
        key = self._keys.get(ids) or key_of(trace_id, span_id)
        if key is not None:
            self._keys[ids] = key
        return key

    def _call(self, key: bytes, times: tuple[int, int], status: bytes, encoded: Sequence[bytes], alike: Alike) -> Call:
        end_ns = times[1]
        if not self._oldest_ns <= end_ns <= self._newest_ns:
            raise Refused("bad_time" if not end_ns else "late" if end_ns < self._oldest_ns else "future")
        failed = alike.failed or (status != b"" and has_failed(status))
        try:
            tokens = _tokens(self._words, encoded, alike)
            cost = _cost(self._words, encoded, alike) if alike.cost or alike.cost_details else None
        except BadNumber:
            raise Refused("bad_number") from None
        # By place: by name it takes five times as long, for every span.
        about = None, alike.provider, alike.model, SOURCE, True, alike.processing, 1, int(failed)
        return _made(Call, (key, second_of(end_ns // 10**9), *about, *tokens, cost, latency_ms(*times), alike.shape))


def _with_events(fact: SpanFact, span: LeanSpan) -> SpanFact:
    """The fact, where its call has no size: with that of an event, else failed where an exception is all that came.

    Ax tells sizes only so; LangSmith's spans often say OK of a call that threw.
    """
    call = fact.call
    if call is None or call.input_tokens is not None or call.output_tokens is not None:
        return fact
    sizes = [_told_by(event) for event in span.events if event.name == USAGE_EVENT]
    if sizes:
        return fact._replace(call=_sized(call, sizes[-1]))
    thrown = not call.errors and any(event.name == EXCEPTION_EVENT for event in span.events)
    return fact._replace(call=call._replace(errors=1)) if thrown else fact


def _sized(call: Call, tokens: Tokens) -> Call:
    return call._replace(
        input_tokens=tokens.input,
        cached_input_tokens=tokens.cached,
        cache_write_tokens=tokens.cache_write,
        output_tokens=tokens.output,
        reasoning_tokens=tokens.reasoning,
    )


def _told_by(event: Span.Event) -> Tokens:
    given = attributes_of(event.attributes, SPAN_ATTRIBUTES)
    try:
        *counts, total = (
            None if value is None else whole(value)
            for value in (first_of(given, some) for some in (*TOKENS, TOTAL_TOKENS))
        )
    except BadNumber:
        raise Refused("bad_number") from None
    tokens = with_total(Tokens(*counts), total, rest=False)
    if total is not None and tokens.output is not None and tokens.input is not None:
        # What the cache had is only in the total.
        tokens = tokens._replace(input=max(tokens.input, total - tokens.output))
    return canonical(tokens)


def _tokens(words: Words, encoded: Sequence[bytes], alike: Alike) -> Tokens:
    text = words.first(encoded, alike.details) if alike.details else None
    counts = list(_NO_DETAILS if text is None else usage_from_details(text))
    for count, places in alike.tokens:
        value = words.own.get(encoded[places[0]])
        # Nearly always a number that was seen before.
        if type(value) is int and 0 <= value <= MOST_TOKENS:
            counts[count] = value
        elif (value := words.first(encoded, places)) is not None:
            counts[count] = whole(value)
    tokens = _made(Tokens, counts)
    if tokens.output == 0 and tokens.input == 0:
        # Nobody asks nothing for nothing: what a stream's sender was not told, some write as zero.
        return _NO_DETAILS
    if alike.kind is SpanKind.EMBEDDING and tokens.input is not None and tokens.output is None:
        # An embedding puts out no tokens: a known zero, which its senders leave out.
        tokens = Tokens(input=tokens.input, cached=tokens.cached, output=0)
    if alike.metadata:
        tokens = with_metadata(tokens, words.first(encoded, alike.metadata))
    if alike.unthought:
        tokens = with_reasoning(tokens)
    if alike.apart:
        tokens = with_cache(tokens)
    if alike.total:
        tokens = with_total(tokens, words.first(encoded, alike.total), rest=alike.rest)
    return canonical(tokens)


def _cost(words: Words, encoded: Sequence[bytes], alike: Alike) -> Decimal | None:
    value = words.first(encoded, alike.cost)
    return cost_from_details(words.first(encoded, alike.cost_details)) if value is None else usd(value)


def _nanoseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000
