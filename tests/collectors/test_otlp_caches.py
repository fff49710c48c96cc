"""What the reader remembers between bodies: never anything large that a sender may choose."""

import tracemalloc

from collectors.otlp_body import PROTOBUF, decode_spans
from collectors.otlp_spans import spans_from_traces
from collectors.resolver import ResolverConfig
from tests.collectors.otlp_bodies import CHAT, RECEIVED, Given, request

_MANY, _LONG = 40, 100_000


def _read(number: int) -> None:
    """One body whose ids, status, names and reasons are its own, and 100 kB long each."""
    own = f"{number:08d}" + "x" * _LONG
    said = {**CHAT, "gen_ai.response.id": own, "gen_ai.output.type": own, "gen_ai.response.finish_reasons": [own]}
    said |= {"feature": own, "gen_ai.request.model": own, "llm.invocation_parameters": own, "metadata": own}
    found = request([Given(number=1, attributes=said, name=own, scope=own)], {"service.name": own})
    for group in found.resource_spans:
        for scoped in group.scope_spans:
            scoped.spans[0].status.message = own
            scoped.spans.add().CopyFrom(scoped.spans[0])
            scoped.spans[1].trace_id = own.encode()
            scoped.spans[1].parent_span_id = own.encode()
    body = decode_spans(found.SerializeToString(), PROTOBUF)
    received = spans_from_traces(body, resolver=ResolverConfig(), received_at=RECEIVED)
    assert (len(received.spans), received.refused["bad_id"]) == (1, 1)


def test_long_names_are_not_remembered() -> None:
    """Bodies of 100 kB names, ids and messages leave less behind than five such names."""
    _read(0)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(1, _MANY):
            _read(number)
        kept = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert kept < 5 * _LONG
