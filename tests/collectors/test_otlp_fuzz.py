"""Whatever arrives: a request or a named error, and from a request only calls that any database takes."""

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.otlp_body import JSON, PROTOBUF, decode
from collectors.otlp_errors import BadBody, TooLarge, Unsupported
from collectors.otlp_names import SPAN_ATTRIBUTES
from collectors.resolver import ResolverConfig
from strategy.facts import Call
from tests.collectors.otlp_bodies import NOW_NS, taken

OWN = Path(__file__).parent.parent / "data" / "otlp"
SEEDS = [(OWN / "openinference.pb").read_bytes(), gzip.decompress((OWN / "genai-gzip.pb.gz").read_bytes())]
HEADERS = st.tuples(
    st.sampled_from([PROTOBUF, JSON, "text/plain", "", None]), st.sampled_from([None, "gzip", "identity", "br"])
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ANY_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "stringValue": JSON_VALUES,
        "intValue": st.integers() | st.integers().map(str) | JSON_VALUES,
        "doubleValue": st.floats() | JSON_VALUES,
        "boolValue": JSON_VALUES,
        "arrayValue": st.fixed_dictionaries({"values": st.lists(st.just({"stringValue": "feature:x"}), max_size=2)}),
    },
)
KEYS = sorted(SPAN_ATTRIBUTES | ResolverConfig().attributes())
ATTRIBUTES = st.lists(st.fixed_dictionaries({"key": st.sampled_from(KEYS), "value": ANY_VALUES}), max_size=6)
CHAT = {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}}
SPANS = st.fixed_dictionaries(
    {
        "traceId": st.just("0af7651916cd43dd8448eb211c80319c") | JSON_VALUES,
        "spanId": st.sampled_from(["b7ad6b7169203331", "1111111111111111"]) | JSON_VALUES,
        "endTimeUnixNano": st.just(NOW_NS) | st.integers() | JSON_VALUES,
        "attributes": ATTRIBUTES.map(lambda items: [CHAT, *items]) | JSON_VALUES,
    },
    optional={
        "parentSpanId": st.sampled_from(["b7ad6b7169203331", "1111111111111111"]) | JSON_VALUES,
        "startTimeUnixNano": st.integers(0, NOW_NS) | JSON_VALUES,
        "status": JSON_VALUES,
        "name": JSON_VALUES,
    },
)


def calls_of(body: bytes, content_type: str | None, encoding: str | None) -> tuple[Call, ...]:
    """The calls of a body; none where it ends in a named error. Any other exception fails the test."""
    try:
        request = decode(body, content_type, encoding, 2**20)
    except (BadBody, TooLarge, Unsupported):
        return ()
    return taken(request).calls


def check(call: Call) -> None:
    """What any database takes: bounded whole numbers, text without control characters or half surrogates."""
    counts = (
        call.input_tokens,
        call.cached_input_tokens,
        call.cache_write_tokens,
        call.output_tokens,
        call.reasoning_tokens,
    )
    assert all(count is None or (type(count) is int and 0 <= count <= 3 * 10**9) for count in counts)
    assert call.cost_usd is None or (call.cost_usd.is_finite() and call.cost_usd >= 0)
    assert call.latency_ms is None or 0 <= call.latency_ms <= 86_400_000
    assert datetime(1970, 1, 1, tzinfo=UTC) <= call.at
    for text in (call.feature or "", call.provider, call.model):
        assert text.encode().decode() == text
        assert "\x00" not in text
        assert len(text) <= 200


@settings(max_examples=1500)
@given(body=st.binary(max_size=400), headers=HEADERS)
def test_any_bytes_end_in_a_request_or_a_named_error(body: bytes, headers: tuple[str | None, str | None]) -> None:
    """Nothing but the three errors leaves the decoder."""
    for call in calls_of(body, *headers):
        check(call)


@settings(max_examples=800)
@given(data=st.data())
def test_a_damaged_real_body_ends_in_a_request_or_a_named_error(data: st.DataObject) -> None:
    """Bytes of a real body changed, cut and packed."""
    body = bytearray(data.draw(st.sampled_from(SEEDS)))
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, len(body) - 1), st.integers(0, 255)), max_size=8)):
        body[place] = value
    cut = bytes(body[: data.draw(st.integers(0, len(body)))])
    packed = data.draw(st.booleans())
    for call in calls_of(gzip.compress(cut, 1) if packed else cut, PROTOBUF, "gzip" if packed else None):
        check(call)


@settings(max_examples=1000)
@given(spans=st.lists(SPANS, max_size=3), resource=ATTRIBUTES)
def test_any_json_of_the_right_outline_is_safe(spans: list[Mapping[str, object]], resource: list[object]) -> None:
    """Wrong types, infinite and huge numbers, half surrogates in every place a call is read from."""
    document = {"resourceSpans": [{"resource": {"attributes": resource}, "scopeSpans": [{"spans": spans}]}]}
    for call in calls_of(json.dumps(document).encode(), JSON, None):
        check(call)


@settings(max_examples=300)
@given(document=JSON_VALUES)
def test_any_json_document_is_safe(document: object) -> None:
    """Of any shape at all."""
    calls_of(json.dumps(document).encode(), JSON, None)
    calls_of(json.dumps({"resourceSpans": document}).encode(), JSON, None)
