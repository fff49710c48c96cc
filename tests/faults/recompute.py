"""Prices read and taken twice, killed on the way, by several at once: book and costs are the same to the byte."""

import hashlib
import json
import random
import shutil
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import make_url

from db.failures import DatabaseError
from db.session import make_engine, reading, transaction
from db.store.usage import record_calls
from db.tables import PriceProposal, PriceRow
from db.transfer import copy_all
from offramp.actions.failure import BadInput
from offramp.actions.price_decisions import accept
from offramp.actions.price_refresh import refresh_from
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.usage import usage
from strategy.facts import Call
from tests.faults.outcome import Outcome

_AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
_MODELS = ("openai/gpt-5.6-luna", "openai/gpt-4.1", "anthropic/claude-sonnet-4-5", "google/gemini-2.5-pro")
_LINES = [f"{model},{n + 1}.25,{n + 9}.5,2026-11-0{n + 2}T00:00:00Z" for n, model in enumerate(_MODELS)]
_LIST = "\n".join(["model,input,output,valid_from", *_LINES, ""])
_forks = get_context("fork")


def prices_recomputed(first: str, others: list[str], *, kills: int, seed: int = 6) -> Outcome:
    """`first` and its copies: done once, twice, by two at once while the same calls come again, and killed so often."""
    _filled(first)
    for other in others:
        _copied(first, other)
    twice, at_once, killed = others
    before = _state(first)
    began, alone = time.monotonic(), _forks.Process(target=_all, args=(first,))
    alone.start()
    alone.join()
    took = time.monotonic() - began
    expected = _state(first)
    assert expected != before, "the list changes something"
    _all(twice)
    _all(twice)
    workers = [_forks.Process(target=_all, args=(at_once,)) for _ in range(2)]
    workers.append(_forks.Process(target=_calls_again, args=(at_once,)))
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    done, written = _killed(killed, kills, took, random.Random(seed))  # noqa: S311 (a repeatable course of events, no secret)
    wrong = sum(_state(url) != expected for url in others)
    return Outcome(
        fault="price recomputed: twice, killed, at once",
        database=make_url(first).get_backend_name(),
        done=f"twice, 3 at once, {done} × kill -9",
        wrong=wrong,
        also=f"book, proposals and usage by hash; {written} of the kills came after something was written",
    )


def _all(url: str) -> None:
    engine = make_engine(url)
    refresh_from(engine, _LIST.encode(), "prices.csv", at=_AT)
    with suppress(BadInput):  # decided by somebody else meanwhile
        accept(engine, None, by="test", at=_AT)
    resolve_names(engine, _AT)
    engine.dispose()


def _killed(url: str, kills: int, took: float, dice: random.Random) -> tuple[int, int]:
    """Kill it at moments spread over what it took undisturbed and a little more, later and later; then let it end."""
    written, before = 0, _state(url)
    for kill in range(kills):
        process = _forks.Process(target=_all, args=(url,))
        process.start()
        process.join(1.3 * took * (kill + dice.random()) / kills)
        process.kill()
        process.join()
        written += _state(url) != before
    _all(url)
    return kills, written


def _filled(url: str) -> None:
    engine = make_engine(url)
    fill_book(engine, _AT - timedelta(days=1))
    with transaction(engine) as session:
        record_calls(session, _calls(), _AT)
    resolve_names(engine, _AT)
    engine.dispose()


def _copied(first: str, other: str) -> None:
    if make_url(first).get_backend_name() == "sqlite":
        shutil.copy(Path(str(make_url(first).database)), Path(str(make_url(other).database)))
        return
    here, there = make_engine(first), make_engine(other)
    copy_all(here, there)
    here.dispose()
    there.dispose()


def _calls() -> list[Call]:
    return [
        Call(
            key=number.to_bytes(16),
            at=_AT - timedelta(hours=number % 700),
            feature=f"feature-{number % 5}",
            provider=_MODELS[number % 4].partition("/")[0],
            model=_MODELS[number % 4].partition("/")[2],
            source="otlp",
            input_tokens=1_000 + number,
            output_tokens=number % 97,
        )
        for number in range(2_000)
    ]


def _calls_again(url: str) -> None:
    engine, calls = make_engine(url), _calls()
    for start in range(0, len(calls), 100):
        with suppress(DatabaseError), transaction(engine) as session:
            record_calls(session, calls[start : start + 100], _AT)
    engine.dispose()


def _state(url: str) -> str:
    """The book, the proposals and what everything cost, without numbers that the database gives."""
    engine = make_engine(url)
    found = [json.dumps(usage(engine, by=("feature", "model", "day")).document(), sort_keys=True, default=str)]
    with reading(engine) as session:
        for table in (PriceRow, PriceProposal):
            columns = [column for column in table.__table__.columns if column.name != "id"]
            found += sorted(map(repr, session.execute(select(*columns))))
    engine.dispose()
    return hashlib.sha256("\n".join(found).encode()).hexdigest()
