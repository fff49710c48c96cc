"""Judges again what one price change touches among 100,000 features, beside a numpy sketch of the same arithmetic.

    python benchmarks/judging.py [--features 100000] [--touched 2000] [--days 28] [--review 5000] [--database FILE]

The database is made here: every feature is registered and has one row of traffic a day on one of fifty models;
`touched` of them use the model whose price falls. Those are judged once (their history), then the price falls and the
event path of the scheduler (`rejudge`) does the rest: note the event, find whom it touches, read, judge, store. What is
not touched must not be judged: the verdict rows are counted. Seconds are of CPU, worker processes included.

The sketch is the bare arithmetic: eight properties against five strategies with gates, and the break-even of each, as
columns of float32 for all features at once. It reads no database and explains nothing: no argument, no evidence bound,
no flip points, no exact money. It is a bound, and not a peer. At the end so many features as `review` says, spread over
all, are reviewed the day after, as the hourly job does it.
"""

import argparse
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
from sqlalchemy import func, select

from collectors.price_history import book_prices
from db.migrate import upgrade
from db.queries.price_events import price_events
from db.session import Engine, make_engine, reading, transaction
from db.store.price_events import mark_judged
from db.store.prices import append_prices
from db.tables import VerdictRow
from offramp.actions.price_events import note_events
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.rejudge import rejudge
from offramp.actions.review import review
from offramp.actions.usage import midnight
from offramp.policy import load_policy
from strategy.facts import Price
from strategy.kinds import PriceKind
from strategy.policy import Policy

MOVED = ("openai", "gpt-5.6-luna")
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
_EPOCH = date(1970, 1, 1)
_TASK = {
    "determinism": "no",
    "input_space": "open",
    "output_space": "label",
    "latency_budget_ms": 2000,
    "error_cost": "medium",
    "labelled_examples": 1500,
    "examples_diverse": True,
    "days_to_production": 60,
}
_ROLLUP = (
    "INSERT INTO rollup (feature, hour, provider, model, tier, processing, source, calls, errors, calls_with_tokens, "
    "calls_without_tokens, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, "
    "reported_calls, reported_cost_usd) VALUES (?, ?, ?, ?, 0, 'standard', 'file', ?, 0, ?, 0, ?, 0, 0, ?, 0, 0, 0)"
)
# What writes rollups through the application keeps this in step (db/store/totals.py); here they are written past it.
_TOTALS = (
    "INSERT INTO hour_total SELECT hour, provider, model, tier, processing, source, sum(calls), 0, sum(calls), 0, "
    "sum(input_tokens), 0, 0, sum(output_tokens), 0, 0, 0 FROM rollup GROUP BY 1, 2, 3, 4, 5, 6"
)


def main() -> None:
    """Make the database where it is not there yet, time the stages, print seconds and ratios."""
    asked = _arguments()
    fresh = not asked.database.exists()
    engine = make_engine(f"sqlite:///{asked.database}")
    if fresh:
        with _stage("made the database"):
            _make(engine, asked.database, asked.features, asked.touched, asked.days)
    policy = load_policy()
    touched = [_slug(number) for number in range(asked.touched)]
    with _stage("noted earlier events"):
        _settle(engine, TODAY - timedelta(days=1))
    with _stage(f"judged {asked.touched:,} features for the first time") as cold:
        review(engine, policy, as_of=TODAY - timedelta(days=1), now=TODAY - timedelta(days=1), slugs=touched)
    before = _verdicts(engine)
    _cut(engine)
    with _stage(f"judged again what the cut of {MOVED[1]} touches") as again:
        done = rejudge(engine, policy, TODAY)
    sketch = _sketch(asked.features)
    rows = _verdicts(engine) - before
    flipped = sum(item.flipped for item in done.reviewed)
    assert rows == len(done.reviewed) == asked.touched
    _print(asked.features, asked.touched, flipped, cold[0], again[0], sketch)
    _review_many(engine, policy, asked.review, asked.features)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--features", type=int, default=100_000)
    parser.add_argument("--touched", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--review", type=int, default=5_000, help="so many features in a whole review; 0 for none")
    parser.add_argument("--database", type=Path, default=Path("judging.db"))
    return parser.parse_args()


def _print(features: int, touched: int, flipped: int, cold: float, again: float, sketch: float) -> None:
    each = again / touched
    print(f"{touched:,} of {features:,} features judged again, {flipped:,} flipped, {features - touched:,} left alone")
    print(f"first judgement  {cold / touched * 1e3:8.3f} ms of CPU a feature")
    print(f"judged again     {each * 1e3:8.3f} ms of CPU a touched feature ({again / features * 1e3:.4f} ms of all)")
    print(f"numpy sketch     {sketch / features * 1e3:8.6f} ms of CPU a feature ({sketch * 1e3:.1f} ms for all)")
    print(f"ratio            {each / (sketch / features):,.0f} a touched feature, {again / sketch:,.0f} for all")


def _review_many(engine: Engine, policy: Policy, count: int, features: int) -> None:
    """A review of many features the day after, by workers: the time of all is told as what it would be."""
    if not count:
        return
    tomorrow, start = TODAY + timedelta(days=1), time.perf_counter()
    slugs = [_slug(number * (features // count)) for number in range(count)]
    with _stage(f"reviewed {count:,} features, all processors") as used:
        review(engine, policy, as_of=tomorrow, now=tomorrow, slugs=slugs)
    wall = time.perf_counter() - start
    told = "" if count == features else f"; {features:,} would take {wall * features / count:,.0f} s (extrapolated)"
    print(
        f"whole review     {used[0] / count * 1e3:8.3f} ms of CPU a feature, {wall / count * 1e3:.3f} ms of time{told}"
    )


@contextmanager
def _stage(words: str) -> Iterator[list[float]]:
    """Print and hand out the CPU seconds of a stage, those of ended workers included."""
    found = [0.0]
    start, wall = _cpu(), time.perf_counter()
    yield found
    found[0] = _cpu() - start
    print(f"{words}: {found[0]:.2f} s of CPU, {time.perf_counter() - wall:.2f} s", flush=True)


def _cpu() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _slug(number: int) -> str:
    return f"feature-{number:06}"


def _make(engine: Engine, path: Path, features: int, touched: int, days: int) -> None:
    upgrade(engine)
    fill_book(engine, TODAY - timedelta(days=2))
    engine.dispose()
    names = sorted({tuple(line.model.split("/", 1)) for line in book_prices() if line.kind is PriceKind.OUTPUT})
    others = [name for name in names if name != MOVED and name[0] in {"anthropic", "openai", "google"}][:50]
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA synchronous=OFF")
        raw.executemany(
            "INSERT INTO feature (slug, name, owner, strategy, model, document, created_at, updated_at) "
            "VALUES (?, NULL, 'bench', 'prompt', NULL, ?, '2026-11-01 00:00:00.000000', '2026-11-01 00:00:00.000000')",
            ((_slug(number), _document(number)) for number in range(features)),
        )
        raw.executemany(_ROLLUP, _rows(features, touched, days, others))
        raw.execute(_TOTALS)
        raw.execute("ANALYZE")
    resolve_names(engine, TODAY - timedelta(days=2))


def _document(number: int) -> str:
    return json.dumps({"slug": _slug(number), "strategy": "prompt", "task": _TASK}, sort_keys=True)


def _rows(features: int, touched: int, days: int, others: list[tuple[str, ...]]) -> Iterator[tuple[object, ...]]:
    """A row a day and feature, between 1,000 and 100,000 calls, alike on every run."""
    random = np.random.default_rng(3)
    calls = (10 ** random.uniform(3, 5, features)).astype(int).tolist()
    first = (TODAY.date() - _EPOCH).days - days
    for number in range(features):
        provider, model = MOVED if number < touched else others[number % len(others)]
        count = calls[number]
        for day in range(first, first + days):
            yield _slug(number), day * 24, provider, model, count, count, count * 800, count * 60


def _settle(engine: Engine, at: datetime) -> None:
    """Note what happened before and mark it as judged: only the cut is to be measured."""
    note_events(engine, load_policy(), at)
    with transaction(engine) as session:
        mark_judged(session, [event.id for event in price_events(session, waiting=True)], at)


def _cut(engine: Engine) -> None:
    """The price falls to a fifth today."""
    name = "/".join(MOVED)
    lines = [
        Price(model=name, kind=kind, usd_per_mtok=Decimal(usd), valid_from=midnight(TODAY.date()), source="benchmark")
        for kind, usd in ((PriceKind.INPUT, "0.04"), (PriceKind.OUTPUT, "0.24"))
    ]
    with transaction(engine) as session:
        append_prices(session, lines, recorded_at=TODAY, recorded_by="bench", source_version="1", reason="benchmark")


def _verdicts(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(VerdictRow)) or 0


def _sketch(features: int) -> float:
    """CPU seconds of eight properties × five strategies with gates and break-even, for all features, best of five."""
    random = np.random.default_rng(5)
    properties = random.random((8, features), dtype=np.float32)
    calls, unit = (random.random(features, dtype=np.float32) * scale for scale in (1e5, 1e-3))
    low, high = random.random((8, 5), dtype=np.float32) * 0.3, random.random((8, 5), dtype=np.float32) * 0.3 + 0.7
    serving, once = np.array([0, 1e-4, 1e-4, 5e-4, 1e-3], np.float32), np.array([2e3, 6e3, 2e4, 4e3, 600], np.float32)
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        _swept(properties, calls, unit, (low, high, serving, once))
        best = min(best, time.process_time() - start)
    return best


def _swept(
    properties: np.ndarray, calls: np.ndarray, unit: np.ndarray, bounds: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, np.ndarray]:
    low, high, serving, once = bounds
    best, target = np.zeros_like(calls), np.full(calls.shape, 4, np.int8)
    for strategy in range(5):
        fits = np.ones(calls.shape, bool)
        for row in range(8):
            fits &= (properties[row] >= low[row, strategy]) & (properties[row] <= high[row, strategy])
        worth = (unit - serving[strategy]) * calls * 450 - once[strategy]
        better = fits & (worth > best)
        best[better], target[better] = worth[better], strategy
    return best, target


if __name__ == "__main__":
    main()
