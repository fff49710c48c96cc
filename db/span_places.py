"""Where remembered spans lie, by trace and by response: in the memory of each process that counts, not in the database.

An index over ids that come in any order is, for nearly every span, one more page to change, to log and to copy: two
of them cost as much as everything else that is written. Each process reads the rows that came since it last looked, its
own as well as those of others, and finds them by sorted arrays: 32 bytes a span, at times twice that while they grow.
"""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

Numbers = NDArray[np.int64]
_AT_ONCE = 50_000
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

    def note(self, rows: list[tuple[Any, ...]], first: int) -> None:
        """Note rows of id, trace and response, in the order of their ids."""
        self.last = rows[-1][0]
        self.traces.add(_numbers(row[1] for row in rows), _numbers(row[0] for row in rows), first)
        named = [row for row in rows if row[2] is not None]
        self.responses.add(_numbers(row[2] for row in named), _numbers(row[0] for row in named), first)


_known: WeakKeyDictionary[Pool, _Known] = WeakKeyDictionary()


def rows_of_traces(session: Session, traces: Collection[int]) -> list[int]:
    """The ids of the remembered spans of these traces, and perhaps of some that were forgotten. Needs the turn."""
    return [row for known in _up_to_date(session) for row in known.traces.find(traces)] if traces else []


def rows_of_responses(session: Session, responses: Collection[int]) -> list[int]:
    """The same of those that name one of these responses."""
    return [row for known in _up_to_date(session) for row in known.responses.find(responses)] if responses else []


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
    query = "SELECT (SELECT min(id) FROM recent_span), (SELECT max(id) FROM recent_span)"
    first, last = session.connection().exec_driver_sql(query).one()
    return first or 0, last or 0


def _rows_after(session: Session, last: int) -> Iterator[list[tuple[Any, ...]]]:
    while True:
        query = f"SELECT id, trace, response FROM recent_span WHERE id > {last:d} ORDER BY id LIMIT {_AT_ONCE}"  # noqa: S608 (numbers)
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


def _numbers(values: Any) -> Numbers:  # noqa: ANN401 (an iterator of whole numbers)
    return np.fromiter(values, np.int64)
