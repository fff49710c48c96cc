"""Bodies as they arrive: types, compression, limits, and the three named errors."""

import gzip
import json
import zlib

import pytest

from collectors.otlp_body import JSON, PROTOBUF, decode, media_type
from collectors.otlp_errors import BadBody, BodyError, TooLarge, Unsupported
from collectors.otlp_wire import check_messages
from tests.collectors.otlp_bodies import NOW_NS, Given, request, taken

BODY = request([Given(number=1), Given(number=2)]).SerializeToString()
SPAN = {
    "traceId": "0AF7651916CD43DD8448EB211C80319C",
    "spanId": "b7ad6b7169203331",
    "startTimeUnixNano": str(NOW_NS - 2_000_000),
    "endTimeUnixNano": NOW_NS,
    "status": {"code": 2},
    "someFieldOfTheFuture": {"x": 1},
    "attributes": [
        {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "100"}},
        {"key": "gen_ai.usage.output_tokens", "value": {"intValue": 20}},
        {"key": "langfuse.trace.tags", "value": {"arrayValue": {"values": [{"stringValue": "feature:triage"}]}}},
        {"key": "empty", "value": {}},
    ],
}


def in_json(span: object) -> bytes:
    """A JSON body with one span."""
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()


def error_of(body: bytes, content_type: str | None, encoding: str | None = None, limit: int = 10**6) -> BodyError:
    """The named error that decoding ends with."""
    with pytest.raises(BodyError) as caught:
        decode(body, content_type, encoding, limit)
    return caught.value


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("application/x-protobuf", PROTOBUF),
        ("Application/JSON; charset=utf-8", JSON),
        ("application/protobuf", PROTOBUF),
    ],
)
def test_a_content_type_is_known_with_its_parameters(given: str, kind: str) -> None:
    """Case and charset do not matter."""
    assert media_type(given) == kind


@pytest.mark.parametrize("given", [None, "", "text/plain", "application/x-www-form-urlencoded"])
def test_another_content_type_is_415(given: str | None) -> None:
    """A sender learns what to send."""
    error = error_of(BODY, given)
    assert (type(error), error.status, str(error)) == (
        Unsupported,
        415,
        "send application/x-protobuf or application/json",
    )


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_another_encoding_is_415(encoding: str) -> None:
    """Only gzip is asked for by OTLP."""
    assert error_of(BODY, PROTOBUF, encoding).status == 415


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (BODY, None),
        (BODY, "identity"),
        (gzip.compress(BODY, mtime=0), "gzip"),
        (gzip.compress(BODY, mtime=0), "x-gzip"),
        (gzip.compress(BODY[:40], mtime=0) + gzip.compress(BODY[40:], mtime=0), "GZIP"),
    ],
)
def test_a_body_reads_the_same_however_it_is_packed(body: bytes, encoding: str | None) -> None:
    """Plain, gzip, and gzip in several members."""
    assert decode(body, PROTOBUF, encoding).SerializeToString() == BODY


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no gzip at all",
        gzip.compress(BODY, mtime=0)[:-4],
        gzip.compress(BODY, mtime=0)[:20],
        gzip.compress(BODY, mtime=0) + b"garbage",
        gzip.compress(BODY, mtime=0)[:-8] + bytes(8),
        gzip.compress(b"", mtime=0) * 101,
    ],
)
def test_broken_gzip_is_400(body: bytes) -> None:
    """A cut, a wrong checksum, trailing garbage, a flood of empty members: zlib alone is silent about most."""
    assert error_of(body, PROTOBUF, "gzip").status == 400


def test_a_gzip_bomb_is_413_without_being_unpacked() -> None:
    """Unpacking stops at the limit."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(64)) + packer.flush()
    error = error_of(bomb, PROTOBUF, "gzip", 2**20)
    assert (type(error), error.status) == (TooLarge, 413)


def test_the_limit_is_for_plain_bodies_too() -> None:
    """Exactly the limit is taken, one byte more is not."""
    assert len(decode(BODY, PROTOBUF, None, len(BODY)).resource_spans) == 1
    assert decode(gzip.compress(BODY), PROTOBUF, "gzip", len(BODY)).SerializeToString() == BODY
    assert error_of(BODY, PROTOBUF, None, len(BODY) - 1).status == 413
    assert error_of(gzip.compress(BODY), PROTOBUF, "gzip", len(BODY) - 1).status == 413


def test_two_million_empty_spans_are_refused_before_they_are_parsed() -> None:
    """3.9 kB on the wire, 332 MB once parsed: the messages are counted first."""
    scoped = b"\x12\x00" * 2_000_000
    length = len(scoped)
    spans = (
        b"\x12"
        + bytes([length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14 & 0x7F | 0x80, length >> 21])
        + scoped
    )
    length = len(spans)
    body = (
        b"\x0a"
        + bytes([length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14 & 0x7F | 0x80, length >> 21])
        + spans
    )
    error = error_of(gzip.compress(body), PROTOBUF, "gzip", 64 * 2**20)
    counted = "the body holds 50001 records and groups, 50001 messages and 50002 fields, or more"
    assert (error.status, str(error).partition(";")[0]) == (413, counted)


def test_the_messages_are_counted_at_every_depth() -> None:
    """Counted by hand, so that the count means what the parser will make (it stops at the field after the limit)."""
    body = request([Given(number=1), Given(number=2)], {"service.name": "bot"}).SerializeToString()
    with_resource = 1 + 1 + 2  # resource spans, resource, an attribute and its value
    per_span = 1 + 1 + 1 + 1 + 5 * 2  # scope spans, scope, span, status, five attributes and their values
    messages = with_resource + 2 * per_span
    check_messages(body, messages)
    with pytest.raises(TooLarge):
        check_messages(body, messages - 2)


def test_a_flood_of_small_fields_is_refused_too() -> None:
    """They cost no memory, but time."""
    with pytest.raises(TooLarge):
        check_messages(b"\x78\x01" * 401, 100)
    check_messages(b"\x78\x01" * 400, 100)


@pytest.mark.parametrize(
    ("field", "looked_at"),
    [(b"\x20\x20", 10_001), (b"\x0a\x00", 50_002), (b"\x7a\x00", 10_001), (b"\x12\x01\x00", 10_001)],
    ids=["numbers", "empty groups", "empty unknown messages", "texts"],
)
def test_a_bomb_of_two_byte_fields_is_refused_after_few_of_them(field: bytes, looked_at: int) -> None:
    """What lies behind the fields that are looked at is never reached, though it is no protobuf."""
    wrong = b"\x0b"
    with pytest.raises(TooLarge, match=f" {looked_at} fields"):
        check_messages(field * looked_at + wrong, 1_000_000)
    with pytest.raises(BadBody):
        check_messages(field * (looked_at - 2) + wrong, 1_000_000)


def test_a_body_may_hold_fifty_thousand_spans() -> None:
    """In either form; one more and it is refused, however small they are."""
    bare = request([]).SerializeToString()
    spans = b"\x12\x00" * 49_998
    scoped = b"\x12" + _length(len(spans)) + spans
    full = b"\x0a" + _length(len(scoped)) + scoped
    check_messages(full, 1_000_000)
    with pytest.raises(TooLarge):
        check_messages(full + b"\x0a\x00\x0a" + _length(len(bare)) + bare, 1_000_000)
    given = b"{}," * 50_000 + b'{"name": "' + b"x" * 2**20 + b'"}'
    assert (
        error_of(b'{"resourceSpans": [{"scopeSpans": [{"spans": [' + given + b"]}]}]}", JSON, None, 2**26).status == 413
    )


def _length(number: int) -> bytes:
    """A varint of three bytes."""
    return bytes([number & 0x7F | 0x80, number >> 7 & 0x7F | 0x80, number >> 14])


@pytest.mark.parametrize("body", [b"\x0a\x7f", b"\x0b", b"\xff" * 20, b"\x0a\x05\x12\x7f"])
def test_a_body_that_is_no_protobuf_does_not_trip_the_count(body: bytes) -> None:
    """Cut fields, groups and endless numbers are named errors."""
    with pytest.raises(BadBody):
        check_messages(body, 10)
    assert error_of(body, PROTOBUF).status == 400


def test_an_empty_request_is_no_error() -> None:
    """OTLP allows it, in both forms."""
    assert len(decode(b"", PROTOBUF).resource_spans) == 0
    assert len(decode(b"{}", JSON).resource_spans) == 0
    assert len(decode(b"", JSON).resource_spans) == 0


def test_json_is_read_by_the_rules_of_otlp() -> None:
    """Hex ids in any case, whole numbers as text or number, integers for enums, unknown fields ignored."""
    found = taken(decode(in_json(SPAN), JSON))
    call = found.calls[0]
    assert (call.feature, call.input_tokens, call.output_tokens, call.errors, call.latency_ms) == (
        "triage",
        100,
        20,
        1,
        2.0,
    )


def test_an_event_in_json_says_what_one_in_protobuf_does() -> None:
    """That something was thrown, and a size; an event of another name is none, whatever its name is."""
    size = {"key": "gen_ai.usage.input_tokens", "value": {"intValue": 7}}
    events = [{"name": "gen_ai.usage", "attributes": [size]}, {"name": "exception"}, {"name": ["exception"]}]
    chat = {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}}
    unsized = {**SPAN, "status": {}, "attributes": [chat]}
    found = [taken(decode(in_json({**unsized, "events": events[n:]}), JSON)).calls[0] for n in range(3)]
    assert [(call.input_tokens, call.errors) for call in found] == [(7, 0), (None, 1), (None, 0)]


def test_json_and_protobuf_name_a_call_alike() -> None:
    """The key is the ids, whatever form they came in."""
    ids = {"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "0000000000000001"}
    in_text = taken(decode(in_json({**SPAN, **ids}), JSON))
    in_bytes = taken(decode(BODY, PROTOBUF))
    assert in_text.calls[0].key == in_bytes.calls[0].key


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"[]",
        b'{"resourceSpans": 1}',
        b'{"resourceSpans": [1]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": {}}]}]}',
        b'{"resourceSpans": [{"resource": []}]}',
        b'{"a": NaN}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        '{"resourceSpans": []}'.encode("utf-16"),
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "\\ud800"}]}]}]}',
        b"\xff\xfe",
    ],
)
def test_json_of_a_wrong_shape_is_400(body: bytes) -> None:
    """Whatever is wrong with it, the answer is one of the named errors."""
    assert error_of(body, JSON).status == 400


@pytest.mark.parametrize("signal", ["spans", "metrics", "logs"])
def test_json_under_protobufs_own_names_is_400_with_the_cure(signal: str) -> None:
    """OTLP calls them not valid; passed by as unknown fields they would be lost without a word."""
    error = error_of(json.dumps({f"resource_{signal}": []}).encode(), JSON)
    assert error.status == 400
    assert f"resource{signal.title()}" in str(error)


def test_a_json_body_of_too_many_objects_is_413() -> None:
    """Two bytes each, sixty-four once parsed."""
    assert error_of(b"[" + b"{}," * 1_000_001 + b"{}]", JSON, None, 2**26).status == 413


def test_a_json_body_of_too_many_small_values_is_413() -> None:
    """Thirteen million texts of two letters took 1.1 GB, from 95 kB on the wire."""
    assert error_of(b'{"a": [' + b'"ab",' * 2_000_001 + b"1]}", JSON, None, 2**26).status == 413


def test_one_bad_span_in_json_does_not_sink_the_others() -> None:
    """A wrong id, time or number refuses its span only."""
    tokens = {"key": "gen_ai.usage.input_tokens"}
    attributes = SPAN["attributes"]
    assert isinstance(attributes, list)
    wrong: list[dict[str, object]] = [
        {"intValue": 1.5},
        {"intValue": 2**63},
        {"doubleValue": "NaN"},
        {"boolValue": True},
        {"doubleValue": "x"},
        {"doubleValue": 10**400},
    ]
    bad: list[dict[str, object]] = [
        {**SPAN, "spanId": "not hex"},
        {**SPAN, "spanId": "0000000000000000"},
        {**SPAN, "endTimeUnixNano": "soon"},
        {**SPAN, "endTimeUnixNano": True},
        *(
            {**SPAN, "spanId": f"{place:016x}", "attributes": [*attributes, {**tokens, "value": value}]}
            for place, value in enumerate(wrong, start=1)
        ),
    ]
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [SPAN, *bad]}]}]}).encode()
    found = taken(decode(body, JSON))
    assert (len(found.calls), found.refused) == (1, {"bad_id": 2, "bad_time": 2, "bad_number": 6})
