"""One stream of spans in any order, split, doubled, late, to two receivers at once: the same rows whatever happens."""

import hashlib
import random
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import delete, func, select

from db.session import Engine, make_engine, reading, transaction
from db.tables import LatencyCount, RecentPack, Rollup, UsageLedger
from offramp import clock
from offramp.actions.ingest import Sent, ingest_batch, read_body, resolver
from tests.faults.outages import receiver
from tests.faults.outcome import Outcome
from tests.offramp.live_server import free_port
from tests.offramp.spans import PROTOBUF, parted_body, protobuf_body

_CALLS = 120
_KINDS = (Rollup, LatencyCount)


def any_order(url: str, *, times: int, seed: int = 9) -> Outcome:
    """The same calls and parents, shuffled, split into bodies, a fifth of them twice: the rows are compared by hash."""
    engine, dice = make_engine(url), random.Random(seed)  # noqa: S311 (a repeatable course of events, no secret)
    ended = clock.now() - timedelta(minutes=30)
    found: set[str] = set()
    sent = 0
    for _ in range(times):
        _emptied(engine)
        numbers = [sign * number for number in range(1, _CALLS + 1) for sign in (1, -1)]
        numbers += dice.sample(numbers, len(numbers) // 5)
        dice.shuffle(numbers)
        sent += len(numbers)
        while numbers:
            size = dice.randint(1, 80)
            _count(engine, parted_body(numbers[:size], ended))
            numbers = numbers[size:]
        found.add(_hash(engine))
    with reading(engine) as session:
        calls = int(session.scalar(select(func.sum(Rollup.calls))) or 0)
    database = engine.dialect.name
    engine.dispose()
    return Outcome(
        fault="any order, split, doubled",
        database=database,
        done=f"{times} orders of {_CALLS} calls",
        acknowledged=sent,
        lost=max(0, _CALLS - calls),
        doubled=max(0, calls - _CALLS),
        wrong=len(found) - 1,
        also=f"{len(found)} different outcome",
    )


def _count(engine: Engine, body: bytes) -> None:
    sent = Sent("traces", body, "application/x-protobuf")
    ingest_batch(engine, read_body(sent, rules=resolver(engine), at=clock.now(), late_window=None))


def _emptied(engine: Engine) -> None:
    with transaction(engine) as session:
        for table in (*_KINDS, RecentPack, UsageLedger):
            session.execute(delete(table))


def _hash(engine: Engine) -> str:
    with reading(engine) as session:
        rows = [sorted(map(tuple, session.execute(select(*table.__table__.columns)))) for table in _KINDS]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def two_of_everything(url: str, journal: Path, *, bodies: int) -> Outcome:
    """Each body goes to two receivers at the same moment, a third one to one of them alone, later."""
    ended = clock.now() - timedelta(minutes=30)
    ports = [free_port(), free_port()]
    began = time.monotonic()
    refused = 0
    with ExitStack() as living:
        for port in ports:
            living.enter_context(receiver(url, port, journal))
        for place in range(bodies):
            body = protobuf_body(range(place * 20 + 1, place * 20 + 21), ended)
            refused += sum(status != 200 for status in _at_once(ports, body))
            if place % 3 == 0:
                refused += _post(ports[place % 2], body) != 200
    return _counted("two receivers, the same body at once", url, f"{bodies} bodies twice", bodies * 20, refused, began)


def late_and_future(url: str, journal: Path, *, bodies: int) -> Outcome:
    """Every body holds calls of now, of two days ago and of next year: only those of now count, the others are told."""
    port, now = free_port(), clock.now()
    began = time.monotonic()
    silent = 0
    with receiver(url, port, journal, late_window="24h"):
        for place in range(bodies):
            good = range(place * 20 + 1, place * 20 + 21)
            for numbers, ended in (
                (good, now),
                (_other(good, 1), now - timedelta(days=2)),
                (_other(good, 2), now + timedelta(days=365)),
            ):
                answer = httpx.post(
                    f"http://127.0.0.1:{port}/v1/traces",
                    content=protobuf_body(numbers, ended),
                    headers=PROTOBUF,
                    timeout=30,
                )
                silent += answer.status_code != 200 or bool(answer.content) != (ended is not now)
    return _counted("late and future spans", url, f"{bodies} bodies of each", bodies * 20, silent, began)


def _other(numbers: Sequence[int], kind: int) -> list[int]:
    return [number + kind * 10_000_000 for number in numbers]


def _at_once(ports: Sequence[int], body: bytes) -> list[int]:
    told: list[int] = []
    threads = [threading.Thread(target=lambda port=port: told.append(_post(port, body))) for port in ports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def _post(port: int, body: bytes) -> int:
    return httpx.post(f"http://127.0.0.1:{port}/v1/traces", content=body, headers=PROTOBUF, timeout=30).status_code


def _counted(fault: str, url: str, done: str, expected: int, wrong: int, began: float) -> Outcome:
    engine = make_engine(url)
    with reading(engine) as session:
        calls = int(session.scalar(select(func.sum(Rollup.calls))) or 0)
    database = engine.dialect.name
    engine.dispose()
    return Outcome(
        fault=fault,
        database=database,
        done=done,
        acknowledged=expected,
        lost=max(0, expected - calls),
        doubled=max(0, calls - expected),
        wrong=wrong,
        also=f"{time.monotonic() - began:.0f} s",
    )
