"""Where remembered spans lie, by trace and by response: in the memory of each process that counts, not in the database.

An index over ids that come in any order is, for nearly every span, one more page to change, to log and to copy: two
of them cost as much as everything else that is written. Each process reads the ids of the packs that came since it last
looked, its own as well as those of others, and finds them by sorted arrays: 32 bytes a span, at times twice that while
they grow. A place is the number of a pack of spans and the place of a span in it.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

Numbers = NDArray[np.int64]
_AT_ONCE = 100
# What is left for the number of a pack, 47 bits, is enough for ten thousand a second over four centuries.
PLACE_BITS = 16
# A sender that gives every span the same trace must not have all of them read for each body: the newest are.
_MOST_OF_ONE = 10_000
_WRITTEN = "spans_written"


class _Run(NamedTuple):
    """Values in order, each with the row that has it."""

    values: Numbers
    ids: Numbers


class Places:
    """Rows by the values of one column, in runs of which each is at least twice as long as the one after it."""

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def add(self, values: Numbers, ids: Numbers, first: int) -> None:
        """Note which rows have these values; rows before `first` are there no more."""
        self._runs.append(_ordered(values, ids))
        while len(self._runs) > 1 and len(self._runs[-2].ids) < 2 * len(self._runs[-1].ids):
            short, long = self._runs.pop(), self._runs.pop()
            both, places = np.concatenate((long.values, short.values)), np.concatenate((long.ids, short.ids))
            here = places >= first
            self._runs.append(_ordered(both[here], places[here]))

    def find(self, wanted: Collection[int]) -> list[int]:
        """The rows that have one of these values; of one value that is everywhere, the newest 10,000 of each run."""
        asked = np.fromiter(wanted, np.int64, len(wanted))
        asked.sort()
        return [row for run in self._runs for row in _found(run, asked)]


class _Known:
    """What one process knows of the table."""

    def __init__(self) -> None:
        self.last = 0
        self.traces, self.responses = Places(), Places()
        self._sizes: deque[tuple[int, int]] = deque()
        self._spans = 0

    def note(self, rows: list[tuple[Any, ...]], first: int) -> None:
        """Note rows of id, traces and responses, in the order of their ids."""
        self.last = rows[-1][0]
        traces, responses = (np.frombuffer(b"".join([row[column] for row in rows]), "<i8") for column in (1, 2))
        sizes = [(row[0], len(row[1]) // traces.itemsize) for row in rows]
        places = np.concatenate([(number << PLACE_BITS) + np.arange(size) for number, size in sizes])
        named = responses != 0
        self.traces.add(traces, places, first << PLACE_BITS)
        self.responses.add(responses[named], places[named], first << PLACE_BITS)
        self._sizes.extend(sizes)
        self._spans += len(places)

    def held(self, first: int) -> int:
        """How many spans are in the packs from the number `first` on."""
        while self._sizes and self._sizes[0][0] < first:
            self._spans -= self._sizes.popleft()[1]
        return self._spans


_known: WeakKeyDictionary[Pool, _Known] = WeakKeyDictionary()


def places_of_traces(session: Session, traces: Collection[int]) -> list[int]:
    """The places of the remembered spans of these traces, and perhaps of some that were forgotten. Needs the turn."""
    return [place for known in _up_to_date(session) for place in known.traces.find(traces)] if traces else []


def places_of_responses(session: Session, responses: Collection[int]) -> list[int]:
    """The same of those that name one of these responses."""
    return [place for known in _up_to_date(session) for place in known.responses.find(responses)] if responses else []


def spans_held(session: Session) -> int:
    """How many spans are remembered. Needs the turn."""
    known, (first, last) = _up_to_date(session), _ends(session)
    return sum(each.held(first) for each in known) if last else 0


def by_pack(places: Collection[int]) -> dict[int, list[int]]:
    """The places in each pack, by the number of the pack."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for place in places:
        found[place >> PLACE_BITS].append(place & (1 << PLACE_BITS) - 1)
    return found


def spans_are_written(session: Session) -> None:
    """Note that this transaction writes spans: what it sees of its own may still be taken back."""
    session.info[_WRITTEN] = session.get_transaction()


def _up_to_date(session: Session) -> list[_Known]:
    bind = session.get_bind()
    known = _known.setdefault(bind.engine.pool, _Known())
    first, last = _ends(session)
    if last < known.last and last:
        # Numbers never go back: this is another file under the same name.
        known = _known[bind.engine.pool] = _Known()
    own = session.info.get(_WRITTEN) is not None and session.info[_WRITTEN] is session.get_transaction()
    fresh = _Known() if own else known
    fresh.last = known.last
    for rows in _rows_after(session, fresh.last) if last > known.last else ():
        fresh.note(rows, first)
    return [known, fresh] if own else [known]


def _ends(session: Session) -> tuple[int, int]:
    query = "SELECT (SELECT min(id) FROM recent_pack), (SELECT max(id) FROM recent_pack)"
    first, last = session.connection().exec_driver_sql(query).one()
    return first or 0, last or 0


def _rows_after(session: Session, last: int) -> Iterator[list[tuple[Any, ...]]]:
    while True:
        query = f"SELECT id, traces, responses FROM recent_pack WHERE id > {last:d} ORDER BY id LIMIT {_AT_ONCE}"  # noqa: S608 (numbers)
        rows = list(session.connection().exec_driver_sql(query).cursor.fetchall())
        if rows:
            yield rows
            last = rows[-1][0]
        if len(rows) < _AT_ONCE:
            return


def _ordered(values: Numbers, ids: Numbers) -> _Run:
    order = np.argsort(values, kind="stable")
    return _Run(values[order], ids[order])


def _found(run: _Run, asked: Numbers) -> Iterator[int]:
    starts = run.values.searchsorted(asked)
    starts = starts[(run.values.take(starts, mode="clip") == asked)] if len(run.values) else starts[:0]
    ends = run.values.searchsorted(run.values[starts], "right")
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        yield from run.ids[max(start, end - _MOST_OF_ONE) : end].tolist()
