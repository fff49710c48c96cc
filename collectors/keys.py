"""The 16 bytes that name a fact for ever, so that at-least-once delivery counts once."""

from collections.abc import Iterable
from hashlib import blake2b, md5

_SIZE = 16
# Between parts, so that ("ab", "c") and ("a", "bc") differ, and for a part that is not given: no text part can hold
# either (names are cleaned).
BETWEEN, NOT_GIVEN = "\x1f", "\x1e"


def span_key(trace_id: bytes, span_id: bytes) -> bytes:
    """The key of one span; both ids have a fixed length, so they need nothing between them.

    It begins with half of the trace id (the half that no maker of ids leaves empty), so that the keys of a trace lie
    together on disk; the digest of both ids makes it the span's own.
    """
    return trace_id[8:] + blake2b(b"otlp" + trace_id + span_id, digest_size=_SIZE - 8).digest()


def row_key(kind: str, parts: Iterable[object]) -> bytes:
    """The key of one row of a file or a JSON array, from what identifies it.

    MD5, because DuckDB computes it too (collectors/bulk_sql.py): a key has to be the same on both ways in.

    >>> row_key("call", ["openai", "a"]) == row_key("call", ["openai", "a"])
    True
    >>> row_key("call", [None]) == row_key("call", [""])
    False
    """
    texts = [NOT_GIVEN if part is None else str(part) for part in parts]
    return md5(BETWEEN.join([kind, *texts]).encode(), usedforsecurity=False).digest()
