"""The 16 bytes that name a fact for ever, so that at-least-once delivery counts once."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b, md5

_SIZE = 16
_HALF = 8
# So many bytes of a span's key are of its trace.
TRACE_BYTES = _HALF
# Between parts, so that ("ab", "c") and ("a", "bc") differ, and for a part that is not given: no text part can hold
# either (names are cleaned).
BETWEEN, NOT_GIVEN = "\x1f", "\x1e"


def span_key(trace_id: bytes, span_id: bytes) -> bytes:
    """The key of one span; both ids have a fixed length, so they need nothing between them.

    It begins with half of the trace id (the half that no maker of ids leaves empty), so that the keys of a trace lie
    together on disk; the digest of both ids makes it the span's own.
    """
    return trace_id[8:] + blake2b(b"otlp" + trace_id + span_id, digest_size=_SIZE - 8).digest()


def trace_mark(trace_id: bytes) -> bytes:
    """What stands for the parent of a score that is of a whole trace: no span has it, for none has an empty half."""
    return bytes(_HALF) + trace_id[_HALF:]


def row_key(kind: str, parts: Iterable[object]) -> bytes:
    """The key of one row of a file or a JSON array, from what identifies it.

    MD5, because DuckDB computes it too (collectors/bulk_sql.py): a key has to be the same on both ways in. Rows without
    an id have `alike_key`, which is a fraction of its price there.

    >>> row_key("call", ["openai", "a"]) == row_key("call", ["openai", "a"])
    True
    >>> row_key("call", [None]) == row_key("call", [""])
    False
    """
    texts = [NOT_GIVEN if part is None else str(part) for part in parts]
    return md5(BETWEEN.join([kind, *texts]).encode(), usedforsecurity=False).digest()


# The first 8 bytes of the key of a row without an id are a sum of its numbers, each times a multiplier of its own,
# and of its names' MD5, modulo a prime: two rows that differ anywhere agree with a chance of one in 2^61, whatever
# they hold (Carter and Wegman 1979), and ten numbers take a tenth of the time that MD5 takes.
PRIME = 2**61 - 1
_NUMBERS = 10
MULTIPLIERS: tuple[int, ...] = tuple(
    int.from_bytes(md5(f"number {place} of a row".encode(), usedforsecurity=False).digest()) % PRIME
    for place in range(_NUMBERS)
)


def alike_key(names: Sequence[str | None], numbers: Sequence[int | str | None]) -> bytes:
    """The key of a row that has no id, from its names and its numbers; a number that is no whole one is a text.

    >>> alike_key(["a"], [1, None]) == alike_key(["a"], [1, None]), alike_key(["a"], [0]) == alike_key(["a"], [None])
    (True, False)
    """
    total = names_part(names) + sum(a * _part(n) for a, n in zip(MULTIPLIERS[: len(numbers)], numbers, strict=True))
    return (total % PRIME).to_bytes(_HALF, "little") + row_key("row", [*names, *numbers])[_HALF:]


def names_part(names: Sequence[str | None]) -> int:
    """What the names of a row give to its key."""
    return int.from_bytes(row_key("names", names)[:_HALF], "little") % PRIME


def _part(number: int | str | None) -> int:
    """Absent is not nothing."""
    if isinstance(number, str):
        return int.from_bytes(row_key("number", [number])[:_HALF], "little") % PRIME
    return 0 if number is None else number + 1
