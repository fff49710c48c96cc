"""Bodies that wait are counted in one transaction, and each is answered as if it had come alone."""

import asyncio
import gc
import gzip
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from collectors.otlp_body import JSON
from collectors.otlp_errors import BadBody
from db.failures import DatabaseError
from db.session import make_engine
from offramp.actions.ingest import IngestResult, Sent
from offramp.actions.receive import receive_all
from offramp.serve.bench import Bench
from offramp.serve.service import Service
from offramp.serve.turns import Turns
from tests.offramp.live_server import AT, WINDOW, serving
from tests.offramp.spans import FEATURE, INPUT_TOKENS, OUTPUT_TOKENS, PROTOBUF, call_key, protobuf_body

_EARLIER = AT - timedelta(hours=1)


def test_each_body_has_its_own_answer(engine: Engine) -> None:
    """Good, broken, late and repeated bodies at once: only the broken one fails, only the late spans are refused."""
    late = protobuf_body([8, 9], AT - timedelta(days=3))
    bodies = [protobuf_body([1, 2], _EARLIER), b"\xff", late, protobuf_body([2, 3], _EARLIER)]
    given = [(Sent("traces", body, PROTOBUF["content-type"]), AT) for body in bodies]
    first, broken, refused, last = receive_all(engine, None, given, late_window=WINDOW)
    assert isinstance(broken, Exception)
    assert [item.refused for item in (first, refused, last) if isinstance(item, IngestResult)] == [{}, {"late": 2}, {}]
    with serving(Service(engine=engine, now=lambda: AT, late_window=WINDOW)) as live:
        assert live.counted() == {FEATURE: (3, 3 * INPUT_TOKENS, 3 * OUTPUT_TOKENS)}


def _failing_on_the_second_key(engine: Engine) -> None:
    """A database that takes no call of the number 2: what a poisoned row is like."""
    key = call_key(2).hex().upper()
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(
                "CREATE TRIGGER poisoned BEFORE INSERT ON usage_ledger "
                f"WHEN hex(NEW.key) = '{key}' BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        else:
            connection.exec_driver_sql(
                f"ALTER TABLE usage_ledger ADD CONSTRAINT poisoned CHECK (upper(encode(key, 'hex')) <> '{key}')"
            )


def test_one_body_that_the_database_refuses_spoils_no_other(engine: Engine) -> None:
    """Counted together they fail together; then each is tried alone, and only the poisoned one is told so."""
    _failing_on_the_second_key(engine)
    given = [(Sent("traces", protobuf_body([number], _EARLIER), PROTOBUF["content-type"]), AT) for number in (1, 2, 3)]
    first, poisoned, last = receive_all(engine, None, given, late_window=WINDOW)
    assert isinstance(first, IngestResult)
    assert isinstance(poisoned, DatabaseError)
    assert isinstance(last, IngestResult)
    with serving(Service(engine=engine, now=lambda: AT, late_window=WINDOW)) as live:
        assert live.counted() == {FEATURE: (2, 2 * INPUT_TOKENS, 2 * OUTPUT_TOKENS)}


def test_what_waits_is_taken_together_in_order_and_in_bounds() -> None:
    """Forty waiting bodies are worked on in groups of sixteen at most; everybody gets the outcome of his own."""
    groups: list[int] = []

    def work(given: Sequence[tuple[Sent, datetime]]) -> list[IngestResult]:
        groups.append(len(given))
        return [IngestResult(accepted=int(sent.body), duplicates=0) for sent, _ in given]

    async def take_all() -> list[IngestResult]:
        turns, bench = Turns(), Bench(threads=1, waiting=64)
        bodies = [str(number).encode() for number in range(40)]
        return await asyncio.gather(*(turns.take(bench, Sent("traces", body, None), AT, work) for body in bodies))

    assert [result.accepted for result in asyncio.run(take_all())] == list(range(40))
    assert groups == [16, 16, 8]


def test_who_comes_first_again_waits_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three senders of which each sends the next body when it is answered: they stay together, turn by turn."""
    monkeypatch.setattr("offramp.serve.turns._OTHERS_SECONDS", 0.2)
    groups: list[int] = []

    def work(given: Sequence[tuple[Sent, datetime]]) -> list[IngestResult]:
        groups.append(len(given))
        return [IngestResult(accepted=1, duplicates=0) for _ in given]

    async def senders() -> None:
        turns, bench = Turns(), Bench(threads=1, waiting=64)

        async def sender() -> None:
            for _ in range(4):
                await turns.take(bench, Sent("traces", b"", None), AT, work)

        await asyncio.gather(*(sender() for _ in range(3)))

    asyncio.run(senders())
    assert groups == [3, 3, 3, 3]


_BODY = 2**21


def _kept(doing: Callable[[], object]) -> int:
    """How many bytes are held after doing it and before any sweep, with its result still in hand."""
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        result = doing()
        held = tracemalloc.get_traced_memory()[0]
        assert result is not None
    finally:
        tracemalloc.stop()
        gc.enable()
    return held


def test_what_is_refused_holds_no_body(sqlite_url: str) -> None:
    """Sixteen bombs that are refused in one turn are in memory one after another, not together."""
    packed = gzip.compress(b'{"a": "' + b"x" * _BODY + b'"')
    given = [(Sent("traces", packed, JSON, "gzip"), AT)] * 16
    engine = make_engine(sqlite_url)
    assert [type(outcome) for outcome in receive_all(engine, None, given, late_window=WINDOW)] == [BadBody] * 16
    assert _kept(lambda: receive_all(engine, None, given, late_window=WINDOW)) < _BODY
    engine.dispose()


def test_a_body_goes_with_its_answer() -> None:
    """Refused ones do not wait for a sweep of the garbage: each may be as large as the limit."""

    def work(given: Sequence[tuple[Sent, datetime]]) -> list[BadBody]:
        return [BadBody("no") for _ in given]

    async def refused() -> int:
        turns, bench = Turns(), Bench(threads=1, waiting=64)
        for number in range(8):
            with pytest.raises(BadBody):
                await turns.take(bench, Sent("traces", bytes([number]) * _BODY, None), AT, work)
        return bench.busy

    assert _kept(lambda: asyncio.run(refused())) < 3 * _BODY
