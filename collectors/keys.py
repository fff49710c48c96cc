"""The 16 bytes that name a fact for ever, so that at-least-once delivery counts once."""

from collections.abc import Iterable
from hashlib import blake2b

_SIZE = 16
# Between parts, so that ("ab", "c") and ("a", "bc") differ; no text part can hold it (names are cleaned).
_BETWEEN = b"\x1f"


def span_key(trace_id: bytes, span_id: bytes) -> bytes:
    """The key of one span; both ids have a fixed length, so they need nothing between them."""
    return blake2b(b"otlp" + trace_id + span_id, digest_size=_SIZE).digest()


def row_key(kind: str, parts: Iterable[object]) -> bytes:
    """The key of one row of a file or a JSON array, from what identifies it.

    >>> row_key("call", ["openai", "a"]) == row_key("call", ["openai", "a"])
    True
    >>> row_key("call", [None]) == row_key("call", [""])
    False
    """
    texts = ["\x00" if part is None else str(part) for part in parts]
    return blake2b(_BETWEEN.join(text.encode() for text in [kind, *texts]), digest_size=_SIZE).digest()
