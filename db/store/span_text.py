"""What a span says as one text, to be kept beside the few columns by which it is found, and read back."""

import json
from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np

from db.types import NANO
from strategy.facts import Call
from strategy.spans import Claims, Evaluation, SpanFact, SpanKind, latency_ms

_HALF = 8
_EMPTY = bytes(_HALF)
_write = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def trace_of(fact: SpanFact) -> int:
    """What a span shares with the spans around it: half of the trace id; a score lies with the span that it is of."""
    place = fact.key if fact.score is None else fact.parent or fact.key
    # A score of a whole trace has an empty half and then the trace's (`collectors.keys.trace_mark`).
    half = place[_HALF:] if fact.score is not None and place.startswith(_EMPTY) else place[:_HALF]
    return int.from_bytes(half, "big", signed=True)


def traces_of(facts: Collection[SpanFact]) -> list[int]:
    """`trace_of` of each, in order."""
    if any(fact.score is not None for fact in facts):
        return [trace_of(fact) for fact in facts]
    halves: list[int] = np.frombuffer(b"".join([fact.key for fact in facts]), ">i8")[::2].tolist()
    return halves


def fact_text(fact: SpanFact) -> str:
    """All of a fact but its key, parent, response and end: words that many spans share, then what is its own."""
    call, score = fact.call, fact.score
    if call is not None:
        about = call.source, call.provider, call.model, call.processing, call.shape
        words = _words(fact.kind, fact.scope, fact.claims, about)
        # A cost as its column type does it: billionths of a dollar. The latency is that of the span.
        nano = None if call.cost_usd is None else round(call.cost_usd * NANO)
        tokens = f"{call.input_tokens},{call.cached_input_tokens},{call.cache_write_tokens},{call.output_tokens}"
        numbers = f"{fact.start_ns},{call.errors},{tokens},{call.reasoning_tokens},{nano}"
        return f"[{words},{numbers.replace('None', 'null')}]"
    of_score = () if score is None else (score.metric, score.evaluator, score.version, str(score.score))
    return _write(((fact.kind, fact.scope, *fact.claims), fact.start_ns, *of_score))


@lru_cache(maxsize=4_096)
def _words(kind: SpanKind, scope: int, claims: Claims, about: tuple[str | None, ...]) -> str:
    return _write((kind, scope, *claims, *about))


def fact_from(text: str, key: bytes, parent: bytes | None, response: int | None, end_ns: int) -> SpanFact:
    """The fact whose text, and whose other parts, these are."""
    (kind, scope, *said), start_ns, *own = json.loads(text)
    about, at = said[len(Claims._fields) :], datetime.fromtimestamp(end_ns // 10**9, UTC)
    return SpanFact(
        key=key,
        parent=parent,
        kind=SpanKind(kind),
        claims=Claims(*said[: len(Claims._fields)]),
        scope=scope,
        start_ns=start_ns,
        end_ns=end_ns,
        response=response,
        call=_call(key, at, about, own, latency_ms(start_ns, end_ns)) if about else None,
        score=_score(at, *own) if own and not about else None,
    )


def _score(at: datetime, metric: str, evaluator: str, version: str, score: str) -> Evaluation:
    return Evaluation(metric, evaluator, version, Decimal(score), at)


def _call(key: bytes, at: datetime, about: list[Any], own: list[Any], latency: float | None) -> Call:
    source, provider, model, processing, shape = about
    errors, *tokens, nano_usd = own
    cost = None if nano_usd is None else Decimal(nano_usd) / NANO
    whose = key, at, None, provider, model, source, True, processing, 1
    return Call._make((*whose, errors, *tokens, cost, latency, shape))
