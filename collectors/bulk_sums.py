"""The groups that DuckDB found in a file (collectors/bulk_sql.py), as sums, latencies and keys of the calls."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from collectors.bulk_sql import GROUP, SUMS
from collectors.keys import PRIME, names_part
from collectors.names import FEATURE_LENGTH, MODEL_LENGTH, clean_name
from strategy.facts import CallSums, LatencySums

Keys = NDArray[np.int64]
Marks = NDArray[np.uint64]

_DAY_HOURS = 24
_PRIME_BITS = 61
_AT_ONCE = 1_000_000
_LISTS = ("buckets", "numbers", "ids")
# The lengths of some lists, and what is in them.
_Lists = tuple[NDArray[Any], NDArray[Any]]
_FEATURE, _PROVIDER = GROUP.index("feature"), GROUP.index("provider")


@dataclass(frozen=True, slots=True)
class Summed:
    """The sums of the rows that count, and the marks of those that are left to the row parser.

    Latencies are counted and keys sorted aside, so that the sums can be written meanwhile: who asks for them waits.
    """

    sums: list[CallSums]
    left: Marks
    _latencies: Future[list[LatencySums]]
    _keys: Future[Keys]

    @property
    def latencies(self) -> list[LatencySums]:
        """How many calls of a day fell into which bucket."""
        return self._latencies.result()

    def rows(self) -> int:
        """How many rows they are of, those that are left included."""
        return sum(item.calls for item in self.sums) + len(self.left)

    def keys(self) -> Keys:
        """The keys of the calls in order, repetitions included."""
        return self._keys.result()


def folded(found: pa.Table, source: str) -> Summed | None:
    """What the groups of a file add up to; None where a name is for the row parser."""
    counted = _numbers(found["counted"].cast(pa.int8())) == 1
    plain = found.select([*GROUP, *SUMS]).filter(found["counted"])
    columns = [_values(plain[name]) for name in (*GROUP, *SUMS)]
    columns[_FEATURE] = [feature or None for feature in columns[_FEATURE]]
    columns[_PROVIDER] = [(provider or "").lower() for provider in columns[_PROVIDER]]
    columns.insert(len(GROUP), [source] * plain.num_rows)
    sums = [CallSums(*row) for row in zip(*columns, strict=True)]
    if not all(_named_plainly(*names) for names in {(item.feature, item.provider, item.model) for item in sums}):
        return None
    return Summed(sums, _flat(found["left"]), *_aside(sums, found, counted))


def places_of(wanted: Marks, column: pa.Array) -> NDArray[np.int64]:
    """The places in a column of marks where one of those `wanted` (in order, at least one) stands."""
    found = _numbers(column)
    nearest = np.minimum(np.searchsorted(wanted, found), len(wanted) - 1)
    return np.flatnonzero(wanted[nearest] == found)


def _kept(lists: pa.ChunkedArray, counted: NDArray[np.bool_]) -> Iterator[_Lists]:
    """The lengths of the lists of counted groups, and what is in them, a chunk at a time.

    To put chunks together takes a fifth of a second and the memory again, Arrow's own filter as long as reading.
    """
    place = 0
    for chunk in lists.chunks:
        here = counted[place : place + len(chunk)]
        place += len(chunk)
        many, values = _numbers(chunk.value_lengths()), _numbers(chunk.flatten())
        yield (many, values) if here.all() else (many[here], values[np.repeat(here, many)])


def _flat(lists: pa.ChunkedArray) -> NDArray[Any]:
    return _numbers(lists.combine_chunks().flatten())


def _numbers(chunks: Any) -> NDArray[Any]:  # noqa: ANN401 (an array of Arrow, chunked or not)
    """A column as numpy has it. Arrow's to_numpy would import pandas, which takes a second."""
    whole = chunks.combine_chunks() if isinstance(chunks, pa.ChunkedArray) else chunks
    found: NDArray[Any] = np.from_dlpack(whole)
    return found


def _values(chunks: pa.ChunkedArray) -> list[Any]:
    """A column as Python values; a word that comes often is made once."""
    if not pa.types.is_string(chunks.type):
        return list(_numbers(chunks).tolist())
    coded = chunks.combine_chunks().dictionary_encode(null_encoding="encode")
    words = coded.dictionary.to_pylist()
    return [words[place] for place in _numbers(coded.indices).tolist()]


def _aside(
    sums: list[CallSums], found: pa.Table, counted: NDArray[np.bool_]
) -> tuple[Future[list[LatencySums]], Future[Keys]]:
    """Begins to count the latencies and to sort the keys, one after the other in a thread of their own."""
    part = cache(names_part)
    names = np.array([part((item.feature, item.provider, item.model)) for item in sums], np.int64)
    aside = ThreadPoolExecutor(1)
    buckets, numbers, ids = (found[name] for name in _LISTS)
    begun = (
        aside.submit(lambda: _latencies(sums, list(_kept(buckets, counted)))),
        aside.submit(lambda: _keys(names, list(_kept(numbers, counted)), list(_kept(ids, counted)))),
    )
    aside.shutdown(wait=False)
    return begun


def _keys(names: Keys, numbers: Sequence[_Lists], ids: Sequence[_Lists]) -> Keys:
    """The keys of the calls, in order: what their numbers give, with the names of their group, and those by id."""
    keys = np.empty(sum(len(values) for _, values in (*numbers, *ids)), np.int64)
    group = end = 0
    for many, values in numbers:
        part = keys[end : end + len(values)]
        part[:] = np.repeat(names[group : group + len(many)], many)
        part += values
        high = part >> _PRIME_BITS
        part &= PRIME
        part += high
        part[part >= PRIME] -= PRIME
        group, end = group + len(many), end + len(values)
    for _, values in ids:
        keys[end : end + len(values)] = values.view(np.int64)
        end += len(values)
    keys.sort()
    return keys


def _latencies(sums: list[CallSums], buckets: Sequence[_Lists]) -> list[LatencySums]:
    """The buckets of each group of sums, as many as it has, counted by day."""
    places: dict[tuple[str | None, int, str, str, str], int] = {}
    of_group = [
        places.setdefault((item.feature, item.hour // _DAY_HOURS, item.provider, item.model, item.source), len(places))
        for item in sums
    ]
    width = 1 + max((int(values.max(initial=0)) for _, values in buckets), default=0)
    starts, group = np.array(of_group, np.int32) * width, 0
    counts = np.zeros(len(places) * width, np.int64)
    for many, values in buckets:
        spots = np.repeat(starts[group : group + len(many)], many)
        spots += values
        group += len(many)
        for at in range(0, len(spots), _AT_ONCE):
            counts += np.bincount(spots[at : at + _AT_ONCE], minlength=len(counts))
    named, found = list(places), np.flatnonzero(counts)
    # 0 is none.
    found = found[found % width > 0]
    told = zip((found // width).tolist(), (found % width - 1).tolist(), counts[found].tolist(), strict=True)
    return [LatencySums(*named[place], bucket, calls) for place, bucket, calls in told]


def _named_plainly(feature: str | None, provider: str, model: str) -> bool:
    """Whether these names are what the row parser would make of them."""
    words = ((feature, FEATURE_LENGTH), (provider, MODEL_LENGTH), (model, MODEL_LENGTH))
    return provider.isascii() and all(not word or _is_plain(word, most) for word, most in words)


def _is_plain(word: str, most: int) -> bool:
    odd = word[:1] in "{[" or word in ("true", "false")
    return len(word) <= most and clean_name(word, most) == word and not odd
