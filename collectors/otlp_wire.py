"""Counts the messages of an encoded trace request before it is parsed.

A gzip body of 3.9 kB can hold two million empty spans, which cost 332 MB once parsed: bytes alone are no limit.
"""

from collections.abc import Mapping

from collectors.otlp_errors import BadBody, TooLarge

# Which fields of a message are messages themselves (opentelemetry-proto, trace/v1 and common/v1).
_ANY: dict[int, Mapping[int, object]] = {}
_KEY_VALUE: Mapping[int, object] = {2: _ANY}
_ANY[5] = {1: _ANY}
_ANY[6] = {1: _KEY_VALUE}
_SPAN: Mapping[int, object] = {9: _KEY_VALUE, 11: {3: _KEY_VALUE}, 13: {4: _KEY_VALUE}, 15: {}}
_SCOPE_SPANS: Mapping[int, object] = {1: {3: _KEY_VALUE}, 2: _SPAN}
_RESOURCE_SPANS: Mapping[int, object] = {1: {1: _KEY_VALUE, 3: {}}, 2: _SCOPE_SPANS}
_REQUEST: Mapping[int, object] = {1: _RESOURCE_SPANS}

_FIXED = {1: 8, 5: 4}
_LENGTH_DELIMITED = 2
_MOST_VARINT_BITS = 70


def check_messages(body: bytes, most: int) -> None:
    """Raise TooLarge where the body holds more than `most` messages, BadBody where it is no protobuf."""
    count = 0
    todo: list[tuple[int, int, Mapping[int, object]]] = [(0, len(body), _REQUEST)]
    while todo:
        place, end, schema = todo.pop()
        while place < end:
            tag, place = _varint(body, place, end)
            wire = tag & 7
            if wire == _LENGTH_DELIMITED:
                length, place = _varint(body, place, end)
                inner = schema.get(tag >> 3)
                if isinstance(inner, dict):
                    count += 1
                    if length:
                        todo.append((place, place + length, inner))
                place += length
            elif wire in _FIXED:
                place += _FIXED[wire]
            elif wire == 0:
                _, place = _varint(body, place, end)
            else:
                raise BadBody("the body is not a protobuf trace request")
            if place > end:
                raise BadBody("the body is cut off inside a field")
            if count > most:
                raise TooLarge(f"the body holds more than {most} messages; send smaller batches")


def _varint(body: bytes, place: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while place < end and shift < _MOST_VARINT_BITS:
        byte = body[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 (the continuation bit)
            return value, place
        shift += 7
    raise BadBody("the body is cut off inside a number")
