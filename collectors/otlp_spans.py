"""Trace requests to span facts: which spans count, with which tokens, what they claim, and which are refused.

A refused span is answered by OTLP's partial success, so its sender never tries again: it is counted by reason.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zlib import crc32

from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope

from collectors.otlp_alike import Alike, Places, Word, words_for
from collectors.otlp_evaluations import AHEAD, Refused, evaluation_fact, key_of, moment, number_of
from collectors.otlp_lean import LeanRequest, LeanScopeSpans, LeanSpan
from collectors.otlp_names import SPAN_ATTRIBUTES
from collectors.otlp_read import attributes_of, evaluations_of, has_failed
from collectors.resolver import Attributes, ResolverConfig, Value, resource_claims
from collectors.tokens import BadNumber, Tokens, canonical, usd, whole, with_cache
from collectors.usage_details import cost_from_details, usage_from_details
from strategy.facts import Call
from strategy.spans import Claims, SpanFact, SpanKind

SOURCE = "otlp"
_NO_DETAILS = Tokens()
_MOST_LATENCY_MS = 86_400_000.0
_MOST_NS = 2**63 - 1
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
        self.found: dict[bytes, SpanFact] = {}
        self.refused: Counter[str] = Counter()
        self.repeated = self.ignored = 0

    def take(self, scoped: LeanScopeSpans, resource: Attributes, shared: Claims) -> None:
        """Read the spans of one instrumentation, whose resource claims what `shared` says."""
        words, bounds, found = self._words, self._bounds, self.found
        scope = crc32(scoped.scope.name.encode())
        for span in scoped.spans:
            said = [word for word in map(words.__getitem__, span.attributes) if word is not None]
            alike = words.alike(said, shared, span.name)
            self.ignored += not alike.counts
            try:
                fact = _fact(span, scope, said, alike, bounds)
                scores = self._scores(span, scoped.scope, resource) if span.events else ()
            except Refused as reason:
                self.refused[str(reason)] += alike.counts
                continue
            self.repeated += alike.counts and fact.key in found
            found.setdefault(fact.key, fact)
            for score in scores:
                found.setdefault(score.key, score)

    def _scores(self, span: LeanSpan, scope: InstrumentationScope, resource: Attributes) -> list[SpanFact]:
        given = evaluations_of(span, scope, resource, self._resolver)
        return [evaluation_fact(each, self._resolver, self._bounds) for each in given]


def _fact(span: LeanSpan, scope: int, said: Sequence[Word], alike: Alike, bounds: _Bounds) -> SpanFact:
    trace_id, parent_id = span.trace_id, span.parent_span_id
    key = key_of(trace_id, span.span_id)
    if key is None:
        raise Refused("bad_id")
    response = _first(said, alike.response)
    start_ns, end_ns = span.start_time_unix_nano, span.end_time_unix_nano
    call = None
    if alike.counts:
        failed = alike.failed or has_failed(span.status)
        call = _call(key, moment(end_ns, *bounds), _latency_ms(start_ns, end_ns), said, alike, failed=failed)
    return SpanFact(
        key,
        key_of(trace_id, parent_id) if parent_id else None,
        alike.kind,
        alike.claims,
        scope,
        min(start_ns, _MOST_NS),
        min(end_ns, _MOST_NS),
        None if response is None else number_of(str(response)),
        call,
    )


def _call(
    key: bytes, at: datetime, latency_ms: float | None, said: Sequence[Word], alike: Alike, *, failed: bool
) -> Call:
    try:
        tokens, cost = _tokens(said, alike), _cost(said, alike)
    except BadNumber:
        raise Refused("bad_number") from None
    # By place: by name it takes five times as long, for every span.
    about = None, alike.provider, alike.model, SOURCE, True, alike.processing, 1, int(failed)
    return Call(key, at, *about, *tokens, cost, latency_ms, alike.shape)


def _first(said: Sequence[Word], places: Places) -> Value | None:
    """The first value at these places that is not empty."""
    for place in places:
        value = said[place].value
        if value or value not in (None, "", ()):
            return value
    return None


def _tokens(said: Sequence[Word], alike: Alike) -> Tokens:
    text = _first(said, alike.details)
    details = _NO_DETAILS if text is None else usage_from_details(text)
    tokens = Tokens(
        _count(said, alike.input, details.input),
        _count(said, alike.cached, details.cached),
        _count(said, alike.cache_write, details.cache_write),
        _count(said, alike.output, details.output),
        _count(said, alike.reasoning, details.reasoning),
    )
    if alike.kind is SpanKind.EMBEDDING and tokens.input is not None and tokens.output is None:
        # An embedding puts out no tokens: a known zero, which its senders leave out.
        tokens = Tokens(input=tokens.input, cached=tokens.cached, output=0)
    return canonical(with_cache(tokens) if alike.apart else tokens)


def _count(said: Sequence[Word], places: Places, otherwise: int | None) -> int | None:
    value = _first(said, places)
    return otherwise if value is None else whole(value)


def _cost(said: Sequence[Word], alike: Alike) -> Decimal | None:
    if not (alike.cost or alike.cost_details):
        return None
    value = _first(said, alike.cost)
    return cost_from_details(_first(said, alike.cost_details)) if value is None else usd(value)


def _latency_ms(start_ns: int, end_ns: int) -> float | None:
    milliseconds = (end_ns - start_ns) / 1e6
    return milliseconds if start_ns and 0 <= milliseconds <= _MOST_LATENCY_MS else None
