"""Counts the messages of an encoded request before it is parsed.

A gzip body of 3.9 kB can hold two million empty spans, which cost 332 MB once parsed: bytes alone are no limit.
"""

from collections.abc import Mapping

from collectors.otlp_errors import BadBody, TooLarge

# Spans, points and log records, and the groups that they lie in. Exporters send some hundred, collectors 8,192.
MOST_ITEMS = 50_000


class _Item(dict[int, Mapping[int, object]]):
    """A message of which there may be MOST_ITEMS: each becomes objects of ours and rows."""


# Which fields of a message are messages themselves (opentelemetry-proto, trace/v1 and common/v1).
_ANY: dict[int, Mapping[int, object]] = {}
_KEY_VALUE: Mapping[int, object] = {2: _ANY}
_ANY[5] = {1: _ANY}
_ANY[6] = {1: _KEY_VALUE}
_SPAN = _Item({9: _KEY_VALUE, 11: {3: _KEY_VALUE}, 13: {4: _KEY_VALUE}, 15: {}})
_SCOPE_SPANS = _Item({1: {3: _KEY_VALUE}, 2: _SPAN})
_RESOURCE_SPANS = _Item({1: {1: _KEY_VALUE, 3: {}}, 2: _SCOPE_SPANS})
_EXEMPLAR: Mapping[int, object] = {7: _KEY_VALUE}
_NUMBER_POINT = _Item({5: _EXEMPLAR, 7: _KEY_VALUE})
_HISTOGRAM_POINT = _Item({8: _EXEMPLAR, 9: _KEY_VALUE})
_EXPONENTIAL_POINT = _Item({1: _KEY_VALUE, 8: {}, 9: {}, 11: _EXEMPLAR})
_SUMMARY_POINT = _Item({6: {}, 7: _KEY_VALUE})
_METRIC = _Item({
    5: {1: _NUMBER_POINT},
    7: {1: _NUMBER_POINT},
    9: {1: _HISTOGRAM_POINT},
    10: {1: _EXPONENTIAL_POINT},
    11: {1: _SUMMARY_POINT},
    12: _KEY_VALUE,
})  # fmt: skip # fields side by side
_RESOURCE: Mapping[int, object] = {1: _KEY_VALUE, 3: {}}
_SCOPE: Mapping[int, object] = {3: _KEY_VALUE}
# Requests, by what is in them.
TRACES: Mapping[int, object] = {1: _RESOURCE_SPANS}
METRICS: Mapping[int, object] = {1: _Item({1: _RESOURCE, 2: _Item({1: _SCOPE, 2: _METRIC})})}
LOGS: Mapping[int, object] = {1: _Item({1: _RESOURCE, 2: _Item({1: _SCOPE, 2: _Item({5: _ANY, 6: _KEY_VALUE})})})}

_FIXED = {1: 8, 5: 4}
_LENGTH_DELIMITED = 2
_FIELDS_PER_MESSAGE = 4
# A message of ours has some ten fields beside those that are messages; and a body may begin with some.
_FIELDS_PER_SEEN, _FIELDS_AT_FIRST = 32, 10_000
_MORE = 0x80
_MOST_VARINT_BITS = 70


def check_messages(
    body: bytes, most: int, schema: Mapping[int, object] = TRACES, *, most_items: int = MOST_ITEMS
) -> None:
    """Raise TooLarge where a body holds too many messages, items or fields, BadBody where it is no message.

    Messages cost memory once parsed. Fields cost the time of this very walk: of 64 MiB of two-byte fields it would be a
    quarter of a minute. So there may be 4 times `most`, and no more than 32 for each message that was met on the way.
    """
    messages = fields = items = 0
    most_fields = _FIELDS_PER_MESSAGE * most
    todo: list[tuple[int, int, Mapping[int, object]]] = [(0, len(body), schema)]
    while todo:
        place, end, inside = todo.pop()
        while place < end:
            fields += 1
            if (
                fields > _FIELDS_AT_FIRST + _FIELDS_PER_SEEN * messages
                or fields > most_fields
                or messages > most
                or items > most_items
            ):
                raise TooLarge(
                    f"the body holds {items} records and groups, {messages} messages and {fields} fields, or more; "
                    f"{most_items}, {most} and {most_fields} are the most. Send smaller batches"
                )
            tag, place = _number(body, place, end)
            if not tag >> 3:  # no field has the number 0: a bomb of zeros is known by its first byte
                raise BadBody("the body is not a protobuf request")
            if tag & 7 != _LENGTH_DELIMITED:
                place = _after_scalar(body, place, end, tag & 7)
                continue
            length, place = _number(body, place, end)
            inner = inside.get(tag >> 3)
            if isinstance(inner, dict):
                messages += 1
                items += type(inner) is _Item
                # A message without message fields needs no look inside.
                if length and inner:
                    todo.append((place, place + length, inner))
            place += length
        if place > end:
            raise BadBody("the body is cut off inside a field")


def _after_scalar(body: bytes, place: int, end: int, wire: int) -> int:
    if wire == 0:
        return _number(body, place, end)[1]
    if wire not in _FIXED:
        raise BadBody("the body is not a protobuf request")
    return place + _FIXED[wire]


def _number(body: bytes, place: int, end: int) -> tuple[int, int]:
    """A varint: seven bits a byte, the lowest first, the eighth says that more follow; and the place after it."""
    byte = body[place] if place < end else _MORE
    if byte < _MORE:
        return byte, place + 1
    value = shift = 0
    while place < end and shift < _MOST_VARINT_BITS:
        byte = body[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < _MORE:
            return value, place
        shift += 7
    raise BadBody("the body is cut off inside a number")
