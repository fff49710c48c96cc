"""Trace requests to calls: which spans count, with which tokens, for which feature, and which are refused.

A refused span is answered by OTLP's partial success, so its sender never tries again: it is counted by reason.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collectors import otlp_names as names
from collectors.json_text import object_in
from collectors.keys import span_key
from collectors.names import MODEL_LENGTH, clean_name
from collectors.otlp_duplicates import without_duplicates
from collectors.otlp_kinds import SpanKind
from collectors.otlp_read import SeenSpan, read_spans
from collectors.resolver import Attributes, ResolverConfig, resolve
from collectors.tokens import BadNumber, Tokens, canonical, usd, whole
from collectors.usage_details import cost_from_details, usage_from_details
from strategy.facts import Call

SOURCE = "otlp"
# A clock that runs ahead by more is wrong; a call it stamps would land in an hour that has not begun.
AHEAD = timedelta(minutes=5)
_UNKNOWN_MODEL = "unknown"
_NO_DETAILS = Tokens()
_MOST_ANCESTORS = 64
_MOST_LATENCY_MS = 86_400_000.0
_TRACE_ID_BYTES, _SPAN_ID_BYTES = 16, 8


@dataclass(frozen=True, slots=True)
class Intake:
    """What a request holds: calls, spans refused by reason, duplicates of a counted call, spans that are no calls.

    Reasons: bad_id, bad_time, late, future, bad_number.
    """

    calls: tuple[Call, ...] = ()
    refused: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    ignored: int = 0


class _Refused(Exception):  # noqa: N818 (a verdict on one span that never leaves this module)
    """One span that cannot be counted; the message is the reason."""


def calls_from_traces(
    request: ExportTraceServiceRequest,
    *,
    resolver: ResolverConfig,
    received_at: datetime,
    oldest: datetime | None = None,
    newest: datetime | None = None,
) -> Intake:
    """The calls in a trace request.

    `oldest` is the late window's start (None: no window), `newest` the last acceptable end (default: 5 minutes
    after `received_at`). Never raises for what a request may hold.
    """
    spans = read_spans(request, resolver)
    known = {span.identity(): span for span in spans}
    bounds = oldest, newest or received_at + AHEAD
    accepted: dict[tuple[bytes, bytes], tuple[SeenSpan, Call]] = {}
    refused: Counter[str] = Counter()
    repeated = 0
    for span in spans:
        if not span.counts():
            continue
        try:
            call = _call(span, known, resolver, bounds)
        except _Refused as reason:
            refused[str(reason)] += 1
            continue
        repeated += span.identity() in accepted
        accepted.setdefault(span.identity(), (span, call))
    kept = without_duplicates(accepted, known)
    return Intake(
        calls=tuple(kept),
        refused=refused,
        duplicates=repeated + len(accepted) - len(kept),
        ignored=sum(1 for span in spans if not span.counts()),
    )


def _call(
    span: SeenSpan,
    known: Mapping[tuple[bytes, bytes], SeenSpan],
    resolver: ResolverConfig,
    bounds: tuple[datetime | None, datetime],
) -> Call:
    if not _valid_id(span.trace_id, _TRACE_ID_BYTES) or not _valid_id(span.span_id, _SPAN_ID_BYTES):
        raise _Refused("bad_id")
    at = _ended_at(span, *bounds)
    try:
        tokens, cost = _tokens(span), _cost(span)
    except BadNumber:
        raise _Refused("bad_number") from None
    return Call(
        key=span_key(span.trace_id, span.span_id),
        at=at,
        feature=resolve(resolver, _with_ancestors(span, known), span.resource),
        provider=_provider(span),
        model=_model(span),
        source=SOURCE,
        windowed=True,
        processing=names.PROCESSING.get(str(span.first(names.SERVICE_TIER)).lower(), "standard"),
        errors=int(span.failed or span.first(names.ERROR_TYPE) is not None or span.first(names.LEVEL) == "ERROR"),
        input_tokens=tokens.input,
        cached_input_tokens=tokens.cached,
        cache_write_tokens=tokens.cache_write,
        output_tokens=tokens.output,
        reasoning_tokens=tokens.reasoning,
        cost_usd=cost,
        latency_ms=_latency_ms(span),
    )


def _valid_id(identifier: bytes, length: int) -> bool:
    return len(identifier) == length and any(identifier)


def _ended_at(span: SeenSpan, oldest: datetime | None, newest: datetime) -> datetime:
    if not span.end_ns:
        raise _Refused("bad_time")
    seconds, nanoseconds = divmod(span.end_ns, 10**9)
    at = datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=nanoseconds // 1000)
    if at > newest:
        raise _Refused("future")
    if oldest is not None and at < oldest:
        raise _Refused("late")
    return at


def _with_ancestors(span: SeenSpan, known: Mapping[tuple[bytes, bytes], SeenSpan]) -> list[Attributes]:
    chain = [span.attributes]
    parent = known.get((span.trace_id, span.parent_id))
    while parent is not None and len(chain) < _MOST_ANCESTORS:
        chain.append(parent.attributes)
        parent = known.get((parent.trace_id, parent.parent_id))
    return chain


def _provider(span: SeenSpan) -> str:
    value = clean_name(str(span.first(names.PROVIDER) or ""), MODEL_LENGTH).lower()
    # Vercel's SDK appends the interface it used: openai.chat, openai.responses.
    return value if span.first(names.PROVIDER[:-1]) is not None else value.partition(".")[0]


def _model(span: SeenSpan) -> str:
    value = span.first(names.MODEL)
    if value is None:
        asked = object_in(span.first(names.PARAMETERS)).get("model")
        value = asked if isinstance(asked, str) else None
    return clean_name(str(value or ""), MODEL_LENGTH) or _UNKNOWN_MODEL


def _tokens(span: SeenSpan) -> Tokens:
    text = span.first(names.USAGE_DETAILS)
    details = _NO_DETAILS if text is None else usage_from_details(text)
    tokens = Tokens(
        input=_count(span, names.INPUT_TOKENS, details.input),
        cached=_count(span, names.CACHED_INPUT_TOKENS, details.cached),
        cache_write=_count(span, names.CACHE_WRITE_TOKENS, details.cache_write),
        output=_count(span, names.OUTPUT_TOKENS, details.output),
        reasoning=_count(span, names.REASONING_TOKENS, details.reasoning),
    )
    if span.kind is SpanKind.EMBEDDING and tokens.input is not None and tokens.output is None:
        # An embedding puts out no tokens: a known zero, which its senders leave out.
        tokens = Tokens(input=tokens.input, cached=tokens.cached, output=0)
    return canonical(tokens)


def _count(span: SeenSpan, keys: tuple[str, ...], otherwise: int | None) -> int | None:
    value = span.first(keys)
    return otherwise if value is None else whole(value)


def _cost(span: SeenSpan) -> Decimal | None:
    value = span.first(names.COST)
    return cost_from_details(span.first(names.COST_DETAILS)) if value is None else usd(value)


def _latency_ms(span: SeenSpan) -> float | None:
    milliseconds = (span.end_ns - span.start_ns) / 1e6
    return milliseconds if span.start_ns and 0 <= milliseconds <= _MOST_LATENCY_MS else None
