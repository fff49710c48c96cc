"""What a span says as one text, to be kept beside the few columns by which it is found, and read back."""

import json
from datetime import UTC, datetime
from decimal import Decimal

from db.types import NANO
from strategy.facts import Call
from strategy.spans import Claims, Evaluation, SpanFact, SpanKind

_HALF = 8
_EMPTY = bytes(_HALF)
_write = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def trace_of(fact: SpanFact) -> int:
    """What a span shares with the spans around it: half of the trace id; a score lies with the span that it is of."""
    place = fact.key if fact.score is None else fact.parent or fact.key
    # A score of a whole trace has an empty half and then the trace's (`collectors.keys.trace_mark`).
    half = place[_HALF:] if fact.score is not None and place.startswith(_EMPTY) else place[:_HALF]
    return int.from_bytes(half, "big", signed=True)


def fact_text(fact: SpanFact) -> str:
    """All of a fact but its key, parent, response and end."""
    call, score = fact.call, fact.score
    said: tuple[object, ...] = fact.kind, fact.scope, fact.start_ns, *fact.claims
    if call is not None:
        # A cost as its column type does it: billionths of a dollar.
        cost = None if call.cost_usd is None else round(call.cost_usd * NANO)
        about = call.source, call.provider, call.model, call.processing, call.errors, call.latency_ms
        tokens = call.input_tokens, call.cached_input_tokens, call.cache_write_tokens
        return _write((*said, *about, *tokens, call.output_tokens, call.reasoning_tokens, cost, call.shape))
    if score is not None:
        return _write((*said, score.metric, score.evaluator, score.version, str(score.score)))
    return _write(said)


def fact_from(text: str, key: bytes, parent: bytes | None, response: int | None, end_ns: int) -> SpanFact:
    """The fact whose text, and whose other parts, these are."""
    kind, scope, start_ns, *said = json.loads(text)
    rest, at = said[len(Claims._fields) :], datetime.fromtimestamp(end_ns // 10**9, UTC)
    is_score = kind == SpanKind.EVALUATION
    return SpanFact(
        key=key,
        parent=parent,
        kind=SpanKind(kind),
        claims=Claims(*said[: len(Claims._fields)]),
        scope=scope,
        start_ns=start_ns,
        end_ns=end_ns,
        response=response,
        call=_call(key, at, *rest) if rest and not is_score else None,
        score=_score(at, *rest) if rest and is_score else None,
    )


def _score(at: datetime, metric: str, evaluator: str, version: str, score: str) -> Evaluation:
    return Evaluation(metric, evaluator, version, Decimal(score), at)


def _call(  # noqa: PLR0913, PLR0917 (the parts of a call in the order in which they are written)
    key: bytes,
    at: datetime,
    source: str,
    provider: str,
    model: str,
    processing: str,
    errors: int,
    latency_ms: float | None,
    input_tokens: int | None,
    cached: int | None,
    written: int | None,
    output: int | None,
    reasoning: int | None,
    nano_usd: int | None,
    shape: str | None,
) -> Call:
    return Call(
        key=key,
        at=at,
        feature=None,
        provider=provider,
        model=model,
        source=source,
        windowed=True,
        processing=processing,
        errors=errors,
        input_tokens=input_tokens,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=output,
        reasoning_tokens=reasoning,
        cost_usd=None if nano_usd is None else Decimal(nano_usd) / NANO,
        latency_ms=latency_ms,
        shape=shape,
    )
