"""The groups that DuckDB found in a file (collectors/bulk_sql.py), as sums, latencies and keys of the calls."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
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
# A column as numbers, and the words that these are the places of; none where it is of numbers.
_Coded = tuple[NDArray[Any], Sequence[Any] | None]
_NAMES = ("feature", "provider", "model")
# No name and an empty one are the same; providers are written as the row parser writes them.
_CLEANED: Mapping[str, Callable[[str | None], str | None]] = {
    "feature": lambda word: word or None,
    "provider": lambda word: (word or "").lower(),
}


@dataclass(frozen=True, slots=True)
class _Groups:
    """The groups that count, in the order of their sums.

    `counted` says which of those that were found they are; `order` is the place of each among these; `days` are the
    distinct (feature, day, provider, model), and which of them each group is of; `names` what its names give to a key.
    """

    counted: NDArray[np.bool_]
    order: NDArray[np.int64]
    days: tuple[list[tuple[Any, ...]], NDArray[np.int64]]
    names: Keys
    source: str

    def as_found(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """A value of each group, in the order in which the groups were found."""
        found = np.empty_like(values)
        found[self.order] = values
        return found


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
    groups = {name: _coded(plain[name], _CLEANED.get(name)) for name in GROUP}
    # Python's values are made in the order in which they are written, so that they lie side by side.
    order: NDArray[np.int64] = np.lexsort([codes for codes, _ in reversed(groups.values())])
    groups = {name: (codes[order], words) for name, (codes, words) in groups.items()}
    columns = [_values(*coded) for coded in groups.values()]
    columns += [[source] * len(order), *(_numbers(plain[name])[order].tolist() for name in SUMS)]
    names, of_names = _distinct(*(groups[name] for name in _NAMES))
    if not all(_named_plainly(*each) for each in names):
        return None
    hours, _ = groups["hour"]
    days = _distinct(groups["feature"], (hours // _DAY_HOURS, None), groups["provider"], groups["model"])
    parts = np.array([names_part(each) for each in names], np.int64)[of_names]
    sums = list(map(CallSums._make, zip(*columns, strict=True)))
    return Summed(sums, _flat(found["left"]), *_aside(_Groups(counted, order, days, parts, source), found))


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


def _coded(chunks: pa.ChunkedArray, cleaned: Callable[[str | None], str | None] | None = None) -> _Coded:
    """A column as numbers that are in its order, with the words that they are the places of, if it is of words."""
    if not pa.types.is_string(chunks.type):
        return _numbers(chunks), None
    found = chunks.combine_chunks().dictionary_encode(null_encoding="encode")
    said = [cleaned(word) if cleaned else word for word in found.dictionary.to_pylist()]
    words = sorted(set(said), key=lambda word: word or "")
    places = {word: place for place, word in enumerate(words)}
    return np.array([places[word] for word in said], np.int64)[_numbers(found.indices)], words


def _values(codes: NDArray[Any], words: Sequence[Any] | None) -> list[Any]:
    """A coded column as Python values; a word that comes often is made once."""
    return codes.tolist() if words is None else [words[code] for code in codes.tolist()]


def _distinct(*columns: _Coded) -> tuple[list[tuple[Any, ...]], NDArray[np.int64]]:
    """What stands together in some columns, each once and in order, and which of these each row is."""
    rows = np.zeros(len(columns[0][0]), np.int64)
    for codes, _ in columns:
        _, each = np.unique(codes, return_inverse=True)
        # Numbered anew with each column, they stay few.
        _, first, rows = np.unique(rows * (each.max(initial=0) + 1) + each, return_index=True, return_inverse=True)
    return list(zip(*(_values(codes[first], words) for codes, words in columns), strict=True)), rows


def _aside(groups: _Groups, found: pa.Table) -> tuple[Future[list[LatencySums]], Future[Keys]]:
    """Begins to count the latencies and to sort the keys, one after the other in a thread of their own."""
    aside = ThreadPoolExecutor(1)
    buckets, numbers, ids = (found[name] for name in _LISTS)
    begun = (
        aside.submit(lambda: _latencies(groups, list(_kept(buckets, groups.counted)))),
        aside.submit(lambda: _keys(groups, list(_kept(numbers, groups.counted)), list(_kept(ids, groups.counted)))),
    )
    aside.shutdown(wait=False)
    return begun


def _keys(groups: _Groups, numbers: Sequence[_Lists], ids: Sequence[_Lists]) -> Keys:
    """The keys of the calls, in order: what their numbers give, with the names of their group, and those by id."""
    names = groups.as_found(groups.names)
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


def _latencies(groups: _Groups, buckets: Sequence[_Lists]) -> list[LatencySums]:
    """The buckets of each group, as many as it has, counted by day."""
    named, of_group = groups.days
    width = 1 + max((int(values.max(initial=0)) for _, values in buckets), default=0)
    starts, group = groups.as_found(of_group * width), 0
    counts = np.zeros(len(named) * width, np.int64)
    for many, values in buckets:
        spots = np.repeat(starts[group : group + len(many)], many)
        spots += values
        group += len(many)
        for at in range(0, len(spots), _AT_ONCE):
            counts += np.bincount(spots[at : at + _AT_ONCE], minlength=len(counts))
    places = np.flatnonzero(counts)
    # 0 is none.
    places = places[places % width > 0]
    told = zip((places // width).tolist(), (places % width - 1).tolist(), counts[places].tolist(), strict=True)
    return [LatencySums._make((*named[place], groups.source, *counted)) for place, *counted in told]


def _named_plainly(feature: str | None, provider: str, model: str) -> bool:
    """Whether these names are what the row parser would make of them."""
    words = ((feature, FEATURE_LENGTH), (provider, MODEL_LENGTH), (model, MODEL_LENGTH))
    return provider.isascii() and all(not word or _is_plain(word, most) for word, most in words)


def _is_plain(word: str, most: int) -> bool:
    odd = word[:1] in "{[" or word in ("true", "false")
    return len(word) <= most and clean_name(word, most) == word and not odd
