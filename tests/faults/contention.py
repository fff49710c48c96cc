"""Many writers of one database at once: how often one is told that it is locked or in a deadlock, which is never.

The controls do the same as it is done elsewhere: a transaction that reads before it says that it will write (SQLite),
and rows locked in whatever order they come (PostgreSQL). Both must be seen to fail.
"""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from db.session import Engine, make_engine, reading, transaction
from db.store.usage import record_calls
from db.tables import Rollup
from offramp import clock
from offramp.actions.usage import usage
from strategy.facts import Call
from tests.faults.outcome import Outcome

_WRITERS, _CALLS = 4, 20
_forks = get_context("fork")
_Told = SimpleQueue[tuple[int, int]]


def contended(url: str, *, commits: int) -> Outcome:
    """Four writers of the same rollups and a page that reads; each writer commits so often."""
    began = time.monotonic()
    ours, errors = _run(url, commits, _write, reader=True)
    engine = make_engine(url)
    with reading(engine) as session:
        counted = int(session.scalar(select(func.sum(Rollup.calls))) or 0)
    sqlite = engine.dialect.name == "sqlite"
    engine.dispose()
    expected = ours * _CALLS
    return Outcome(
        fault="locked errors" if sqlite else "deadlocks",
        database="sqlite" if sqlite else "postgresql",
        done=f"{ours:,} commits of {_WRITERS} writers, and a reader",
        acknowledged=expected,
        lost=max(0, expected - counted),
        doubled=max(0, counted - expected),
        wrong=errors,
        also=f"{errors} errors in {time.monotonic() - began:.0f} s",
    )


def careless(url: str, *, commits: int) -> Outcome:
    """The control: errors must be seen."""
    engine = make_engine(url)
    with transaction(engine) as session:
        session.execute(text("CREATE TABLE careless (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)"))
        session.execute(text("INSERT INTO careless VALUES (1, 0), (2, 0), (3, 0), (4, 0)"))
    sqlite = engine.dialect.name == "sqlite"
    engine.dispose()
    ours, errors = _run(url, commits, _write_carelessly, reader=False)
    return Outcome(
        fault=f"control: {'read, then write' if sqlite else 'rows in any order'}",
        database="sqlite" if sqlite else "postgresql",
        done=f"{ours + errors:,} transactions of {_WRITERS} writers",
        wrong=errors,
        also="must be seen, and is",
        control=True,
    )


def _run(url: str, commits: int, write: Callable[[str, int, int, _Told], None], *, reader: bool) -> tuple[int, int]:
    told: _Told = _forks.SimpleQueue()
    workers = [_forks.Process(target=write, args=(url, number, commits, told)) for number in range(_WRITERS)]
    page = _forks.Process(target=_read, args=(url,))
    for each in (*workers, *([page] if reader else [])):
        each.start()
    found = [told.get() for _ in workers]
    for each in workers:
        each.join()
    if reader:
        page.kill()
        page.join()
    return sum(done for done, _ in found), sum(errors for _, errors in found)


def _write(url: str, number: int, commits: int, told: _Told) -> None:
    engine, dice, at = make_engine(url), random.Random(number), clock.now()  # noqa: S311 (a repeatable choice, no secret)
    done = errors = 0
    for commit in range(commits):
        calls = [_call((number * commits + commit) * _CALLS + place, at) for place in range(_CALLS)]
        dice.shuffle(calls)
        try:
            with transaction(engine) as session:
                record_calls(session, calls, at)
            done += 1
        except DBAPIError:
            errors += 1
    told.put((done, errors))


def _call(number: int, at: datetime) -> Call:
    return Call(
        key=number.to_bytes(16),
        at=at - timedelta(hours=number % 7),
        feature=f"feature-{number % 13}",
        provider="openai",
        model="gpt-4.1",
        source="otlp",
        input_tokens=10,
        output_tokens=1,
    )


def _read(url: str) -> None:
    engine = make_engine(url)
    while True:
        usage(engine)


def _write_carelessly(url: str, number: int, commits: int, told: _Told) -> None:
    engine, dice = make_engine(url), random.Random(number)  # noqa: S311 (a repeatable course of events, no secret)
    done = errors = 0
    for _ in range(commits):
        rows = dice.sample(range(1, 5), 3)
        try:
            _careless_transaction(engine, rows)
            done += 1
        except DBAPIError:
            errors += 1
    told.put((done, errors))


def _careless_transaction(engine: Engine, rows: list[int]) -> None:
    with engine.begin() as connection:  # deferred on SQLite: what `transaction` does not do
        for row in rows:
            connection.execute(text("SELECT n FROM careless WHERE id = :row"), {"row": row})
            time.sleep(0.002)
            connection.execute(text("UPDATE careless SET n = n + 1 WHERE id = :row"), {"row": row})
