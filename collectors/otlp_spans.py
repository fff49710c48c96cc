"""Trace requests to span facts: which spans count, with which tokens, what they claim, and which are refused.

A refused span is answered by OTLP's partial success, so its sender never tries again: it is counted by reason.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from collectors import otlp_names as names
from collectors.json_text import object_in
from collectors.names import MODEL_LENGTH, clean_name
from collectors.otlp_evaluations import AHEAD, Refused, evaluation_fact, key_of, moment, number_of
from collectors.otlp_lean import LeanRequest
from collectors.otlp_read import SeenSpan, first_of, read_spans
from collectors.output_shape import output_shape
from collectors.resolver import Attributes, ResolverConfig, resource_claims, with_span
from collectors.tokens import BadNumber, Tokens, canonical, usd, whole
from collectors.usage_details import cost_from_details, usage_from_details
from strategy.facts import Call
from strategy.spans import Claims, SpanFact, SpanKind

SOURCE = "otlp"
UNKNOWN_MODEL = "unknown"
_NO_DETAILS = Tokens()
_MOST_LATENCY_MS = 86_400_000.0
_MOST_NS = 2**63 - 1


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
    bounds = oldest, received_at + AHEAD
    found: dict[bytes, SpanFact] = {}
    refused: Counter[str] = Counter()
    repeated = ignored = 0
    of_resource: dict[int, Claims] = {}
    for span in read_spans(request, resolver):
        shared = of_resource.get(id(span.resource))
        if shared is None:
            shared = of_resource[id(span.resource)] = resource_claims(resolver, span.resource)
        ignored += not span.kind.counts()
        try:
            fact = _fact(span, with_span(resolver, shared, span.attributes), bounds)
            scores = [evaluation_fact(given, resolver, bounds) for given in span.evaluations]
        except Refused as reason:
            refused[str(reason)] += span.kind.counts()
            continue
        repeated += fact.key in found and span.kind.counts()
        for item in (fact, *scores):
            found.setdefault(item.key, item)
    return Received(spans=tuple(found.values()), refused=+refused, repeated=repeated, ignored=ignored)


def _fact(span: SeenSpan, said: Claims, bounds: tuple[datetime | None, datetime]) -> SpanFact:
    key = key_of(span.trace_id, span.span_id)
    if key is None:
        raise Refused("bad_id")
    given = span.attributes
    there = _there(tuple(given))
    response = first_of(given, there.response)
    return SpanFact(
        key=key,
        parent=key_of(span.trace_id, span.parent_id) if span.parent_id else None,
        kind=span.kind,
        claims=said,
        scope=span.scope,
        start_ns=min(span.start_ns, _MOST_NS),
        end_ns=min(span.end_ns, _MOST_NS),
        response=None if response is None else number_of(str(response)),
        call=_call(key, span, there, bounds) if span.kind.counts() else None,
    )


class _There(NamedTuple):
    """Which of the names of each field a span has: of thirty names it has a few, and most spans have the same ones."""

    provider: tuple[str, ...]
    model: tuple[str, ...]
    parameters: tuple[str, ...]
    input: tuple[str, ...]
    cached: tuple[str, ...]
    cache_write: tuple[str, ...]
    output: tuple[str, ...]
    reasoning: tuple[str, ...]
    details: tuple[str, ...]
    cost: tuple[str, ...]
    cost_details: tuple[str, ...]
    error: tuple[str, ...]
    level: tuple[str, ...]
    response: tuple[str, ...]
    tier: tuple[str, ...]
    output_type: tuple[str, ...]
    finish: tuple[str, ...]
    asked_with: tuple[str, ...]
    operation: tuple[str, ...]


_FIELDS = (
    names.PROVIDER,
    names.MODEL,
    names.PARAMETERS,
    names.INPUT_TOKENS,
    names.CACHED_INPUT_TOKENS,
    names.CACHE_WRITE_TOKENS,
    names.OUTPUT_TOKENS,
    names.REASONING_TOKENS,
    names.USAGE_DETAILS,
    names.COST,
    names.COST_DETAILS,
    names.ERROR_TYPE,
    names.LEVEL,
    names.RESPONSE_ID,
    names.SERVICE_TIER,
    names.OUTPUT_TYPE,
    names.FINISH,
    names.ASKED_WITH,
    names.VERCEL_OPERATION,
)


# Keys are names that were asked for: a sender cannot fill this with names of its own.
@lru_cache(maxsize=1024)
def _there(keys: tuple[str, ...]) -> _There:
    return _There(*(tuple(name for name in field if name in keys) for field in _FIELDS))


def _call(key: bytes, span: SeenSpan, there: _There, bounds: tuple[datetime | None, datetime]) -> Call:
    at = moment(span.end_ns, *bounds)
    given = span.attributes
    try:
        tokens, cost = _tokens(span, there), _cost(given, there)
    except BadNumber:
        raise Refused("bad_number") from None
    failed = span.failed or _has_failed(given, there)
    return Call(
        key=key,
        at=at,
        feature=None,
        provider=_provider(given, there),
        model=_model(given, there),
        source=SOURCE,
        windowed=True,
        processing=_processing(given, there),
        errors=int(failed),
        input_tokens=tokens.input,
        cached_input_tokens=tokens.cached,
        cache_write_tokens=tokens.cache_write,
        output_tokens=tokens.output,
        reasoning_tokens=tokens.reasoning,
        cost_usd=cost,
        latency_ms=_latency_ms(span),
        shape=_shape(given, there) if span.kind is SpanKind.CALL else None,
    )


def _has_failed(given: Attributes, there: _There) -> bool:
    if not (there.error or there.level):
        return False
    return first_of(given, there.error) is not None or first_of(given, there.level) == "ERROR"


def _processing(given: Attributes, there: _There) -> str:
    return names.PROCESSING.get(str(first_of(given, there.tier)).lower(), "standard") if there.tier else "standard"


def _shape(given: Attributes, there: _There) -> str | None:
    if not (there.output_type or there.finish or there.asked_with or there.operation):
        return None
    kinds = there.output_type, there.finish, there.asked_with, there.operation
    return output_shape(*(first_of(given, names) for names in kinds))


def _provider(given: Attributes, there: _There) -> str:
    value = clean_name(str(first_of(given, there.provider) or ""), MODEL_LENGTH).lower()
    # Vercel's SDK appends the interface it used, also to the standard name: openai.chat, openai.responses.
    return value.partition(".")[0] if names.PROVIDER[-1] in there.provider else value


def _model(given: Attributes, there: _There) -> str:
    value = first_of(given, there.model)
    if value is None:
        asked = object_in(first_of(given, there.parameters)).get("model")
        value = asked if isinstance(asked, str) else None
    return clean_name(str(value or ""), MODEL_LENGTH) or UNKNOWN_MODEL


def _tokens(span: SeenSpan, there: _There) -> Tokens:
    given = span.attributes
    text = first_of(given, there.details) if there.details else None
    details = _NO_DETAILS if text is None else usage_from_details(text)
    tokens = Tokens(
        _count(given, there.input, details.input),
        _count(given, there.cached, details.cached),
        _count(given, there.cache_write, details.cache_write),
        _count(given, there.output, details.output),
        _count(given, there.reasoning, details.reasoning),
    )
    if span.kind is SpanKind.EMBEDDING and tokens.input is not None and tokens.output is None:
        # An embedding puts out no tokens: a known zero, which its senders leave out.
        tokens = Tokens(input=tokens.input, cached=tokens.cached, output=0)
    return canonical(tokens)


def _count(given: Attributes, keys: tuple[str, ...], otherwise: int | None) -> int | None:
    value = first_of(given, keys) if keys else None
    return otherwise if value is None else whole(value)


def _cost(given: Attributes, there: _There) -> Decimal | None:
    if not (there.cost or there.cost_details):
        return None
    value = first_of(given, there.cost)
    return cost_from_details(first_of(given, there.cost_details)) if value is None else usd(value)


def _latency_ms(span: SeenSpan) -> float | None:
    milliseconds = (span.end_ns - span.start_ns) / 1e6
    return milliseconds if span.start_ns and 0 <= milliseconds <= _MOST_LATENCY_MS else None
