"""By what the spans of one request are known again: the response id or, where none is told, the trace and the size.

Both are numbers of 63 bits, to be compared and found by: that of an id is below zero, that of a size above.
"""

from hashlib import blake2b
from zlib import crc32

from collectors.keys import TRACE_BYTES
from strategy.facts import Call
from strategy.spans import SpanFact

_MOST = 2**63 - 1
# Any odd number: sizes of one trace shall seldom be alike where their input and output are not.
_SPREAD = 2_654_435_761


def response_number(response: bytes) -> int:
    """The number of a provider's response id."""
    return -1 - (int.from_bytes(blake2b(response, digest_size=8).digest(), "big") & _MOST)


def size_number(key: bytes, call: Call | None) -> int | None:
    """What stands in for a response id: the trace and the call's size or, where it failed, its model.

    Most instrumentations tell no id. Two of one call then know only this in common, where neither is around the other.
    """
    if call is None:
        return None
    if call.input_tokens is not None or call.output_tokens is not None:
        size = (call.input_tokens or 0) * _SPREAD + (call.output_tokens or 0)
    elif call.errors:
        size = crc32(call.model.encode())
    else:
        return None
    return (int.from_bytes(key[:TRACE_BYTES], "big") ^ size) & _MOST or 1


def is_named(number: int | None) -> bool:
    """Whether this is the number of a response id."""
    return number is not None and number < 0


def numbers_of(fact: SpanFact) -> list[int]:
    """The numbers by which a call is known again, as far as it has any: its response's, and its size's."""
    if fact.response is None:
        return []
    size = size_number(fact.key, fact.call) if is_named(fact.response) else None
    return [fact.response] if size is None else [fact.response, size]
