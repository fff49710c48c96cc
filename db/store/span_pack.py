"""Spans as a pack: each part of them side by side, in the few columns of one row, and read back one by one.

Numbers are little-endian and eight bytes long. Of `parts`: the keys, the parents (16 bytes each, zeros for none), the
starts, the ends, which words are whose, and six counts and the cost of the call, in billionths of a dollar, as floats,
which hold whole numbers up to 2^53: NaN where unknown. Words are lines of JSON, for many spans say the same.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from math import isnan
from typing import Any, NamedTuple

import numpy as np

from db.types import NANO
from strategy.facts import Call
from strategy.spans import Claims, Evaluation, RecentSpan, Settled, SpanFact, SpanKind, Standing, latency_ms

COLUMNS = (
    *("minute", "first_end_ns", "last_end_ns", "traces", "responses"),
    *("states", "features", "parts", "words"),
)
Remembered = tuple[SpanFact, Settled | None]
_HALF, _KEY = 8, 16
_EMPTY, _NO_KEY = bytes(_HALF), bytes(_KEY)
_WHOLE, _REAL = np.dtype("<i8"), np.dtype("<f8")
_COUNTS = 7
_NO_COUNTS = (None,) * (_COUNTS - 1)
# Where a call has its errors, its tokens and its cost.
_FIRST, _COST = Call._fields.index("errors"), Call._fields.index("cost_usd")
_write = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def trace_of(fact: SpanFact) -> int:
    """What a span shares with the spans around it: half of the trace id; a score lies with the span that it is of."""
    place = fact.key if fact.score is None else fact.parent or fact.key
    # A score of a whole trace has an empty half and then the trace's (`collectors.keys.trace_mark`).
    half = place[_HALF:] if fact.score is not None and place.startswith(_EMPTY) else place[:_HALF]
    return int.from_bytes(half, "big", signed=True)


def traces_of(facts: Collection[SpanFact]) -> list[int]:
    """`trace_of` of each, in order."""
    if any(fact.score is not None for fact in facts):
        return [trace_of(fact) for fact in facts]
    halves: list[int] = np.frombuffer(b"".join([fact.key for fact in facts]), ">i8")[::2].tolist()
    return halves


def pack_of(spans: Sequence[Remembered], minute: int) -> tuple[Any, ...]:
    """The values of `COLUMNS` for these spans, one or more, received in this minute."""
    facts = [fact for fact, _ in spans]
    calls = [fact.call for fact in facts]
    ends = [fact.end_ns for fact in facts]
    costs = [None if call is None or call.cost_usd is None else round(call.cost_usd * NANO) for call in calls]
    words, whose = _numbered([_words_of(fact) for fact in facts])
    parts = (
        b"".join([fact.key for fact in facts]),
        b"".join([fact.parent or _NO_KEY for fact in facts]),
        _whole([fact.start_ns for fact in facts]),
        _whole(ends),
        _whole(whose),
        np.array([_NO_COUNTS if call is None else call[_FIRST:_COST] for call in calls], _REAL).tobytes(),
        np.array(costs, _REAL).tobytes(),
    )
    found_by = _whole(traces_of(facts)), _whole([fact.response or 0 for fact in facts])
    states = _states_of([settled for _, settled in spans])
    return (minute, min(ends), max(ends), *found_by, *states, b"".join(parts), "\n".join(words))


def changed_states(states: bytes, features: str, changes: Mapping[int, Settled | None]) -> tuple[bytes, str]:
    """The columns `states` and `features` of a pack after what became of the spans at these places."""
    both, names = np.frombuffer(states, _WHOLE).reshape(2, -1).copy(), json.loads(features)
    for place, settled in changes.items():
        feature = None if settled is None else settled.feature
        if feature not in names:
            names.append(feature)
        both[:, place] = 0 if settled is None else int(settled.standing), names.index(feature)
    return both.tobytes(), _write(names)


def _states_of(settled: Sequence[Settled | None]) -> tuple[bytes, str]:
    features, whose = _numbered([None if each is None else each.feature for each in settled])
    return _whole([0 if each is None else int(each.standing) for each in settled]) + _whole(whose), _write(features)


class StoredSpan(NamedTuple):
    """A remembered span of which little was read: a trace may have thousands, of which few bear on a new one."""

    key: bytes
    parent: bytes | None
    place: int
    pack: "Pack"

    def response(self) -> int:
        """The number by which a call of its request is known again, 0 where there is none."""
        return self.pack.response(self.place)

    def lasts(self, first_ns: int, last_ns: int) -> bool:
        """Whether it overlaps this time."""
        return self.pack.lasts(self.place, first_ns, last_ns)

    def read(self) -> RecentSpan:
        """The span, and what became of it."""
        return self.pack.span(self)


class Pack:
    """A pack that was read: the columns `responses`, `states`, `features`, `parts` and `words` of a row."""

    def __init__(self, responses: bytes, states: bytes, features: str, parts: bytes, words: str) -> None:
        self._size = size = len(responses) // _HALF
        self._responses = np.frombuffer(responses, _WHOLE)
        self._parts, self._words = parts, words.split("\n")
        self._standings, self._whose_feature = np.frombuffer(states, _WHOLE).reshape(2, size)
        self._features = json.loads(features)
        numbers = np.frombuffer(parts, _WHOLE, offset=2 * _KEY * size)
        self._starts, self._ends, self._whose = numbers[: 3 * size].reshape(3, size)
        counts = numbers[3 * size :].view(_REAL)
        self._counts, self._costs = counts[: (_COUNTS - 1) * size].reshape(size, _COUNTS - 1), counts[-size:]

    def stored(self, place: int) -> StoredSpan:
        """The span at a place."""
        parent = key_at(self._parts, self._size + place)
        return StoredSpan(key_at(self._parts, place), None if parent == _NO_KEY else parent, place, self)

    def response(self, place: int) -> int:
        """The number of the span at a place by which its request is known again, 0 where there is none."""
        return int(self._responses[place])

    def lasts(self, place: int, first_ns: int, last_ns: int) -> bool:
        """Whether the span at a place overlaps this time."""
        return bool(self._starts[place] <= last_ns and self._ends[place] >= first_ns)

    def span(self, stored: StoredSpan) -> RecentSpan:
        """All of a span."""
        place = stored.place
        start_ns, end_ns = int(self._starts[place]), int(self._ends[place])
        kind, scope, *rest = json.loads(self._words[self._whose[place]])
        claims, about = rest[: len(Claims._fields)], rest[len(Claims._fields) :]
        at, call, score = datetime.fromtimestamp(end_ns // 10**9, UTC), None, None
        if not isnan(self._counts[place][0]):
            counts = [None if isnan(count) else int(count) for count in self._counts[place].tolist()]
            cost = None if isnan(self._costs[place]) else Decimal(int(self._costs[place])) / NANO
            call = _call(stored.key, at, about, counts, cost, latency_ms(start_ns, end_ns))
        elif about:
            metric, evaluator, version, number = about
            score = Evaluation(metric, evaluator, version, Decimal(number), at)
        response = int(self._responses[place]) or None
        where = stored.key, stored.parent, SpanKind(kind), Claims(*claims), scope, start_ns, end_ns, response
        standing, feature = int(self._standings[place]), self._features[self._whose_feature[place]]
        return RecentSpan(SpanFact(*where, call, score), Settled(feature, Standing(standing)) if standing else None)


def any_ended(responses: bytes, parts: bytes, start_ns: int, end_ns: int) -> bool:
    """Whether a span of the pack with these columns ended from `start_ns` on and before `end_ns`."""
    size = len(responses) // _HALF
    ends = np.frombuffer(parts, _WHOLE, count=size, offset=(2 * _KEY + _HALF) * size)
    return bool(((ends >= start_ns) & (ends < end_ns)).any())


def key_at(parts: bytes, place: int) -> bytes:
    """The key of the span at a place of a pack with these `parts`."""
    return parts[_KEY * place : _KEY * (place + 1)]


def _call(
    key: bytes,
    at: datetime,
    about: Sequence[Any],
    counts: list[int | None],
    cost: Decimal | None,
    latency: float | None,
) -> Call:
    source, provider, model, processing, shape = about
    whose = key, at, None, provider, model, source, True, processing, 1
    return Call._make((*whose, *counts, cost, latency, shape))


def _words_of(fact: SpanFact) -> str:
    call, score = fact.call, fact.score
    if call is not None:
        return _words(
            fact.kind, fact.scope, fact.claims, (call.source, call.provider, call.model, call.processing, call.shape)
        )
    about = () if score is None else (score.metric, score.evaluator, score.version, str(score.score))
    return _words(fact.kind, fact.scope, fact.claims, about)


@lru_cache(maxsize=4_096)
def _words(kind: SpanKind, scope: int, claims: Claims, about: tuple[str | None, ...]) -> str:
    return _write((kind, scope, *claims, *about))


def _numbered(values: Sequence[str | None]) -> tuple[list[Any], list[int]]:
    """Each value once, and which of them is at each place."""
    places: dict[str | None, int] = {}
    whose = [places.setdefault(value, len(places)) for value in values]
    return list(places), whose


def _whole(numbers: Sequence[int]) -> bytes:
    return np.array(numbers, _WHOLE).tobytes()
