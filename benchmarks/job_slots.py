"""Runs many job slots by two workers that are killed -9 at random, and counts how often each took effect.

    python benchmarks/job_slots.py [--slots 10000] [--kills 100] [--seed 1] [--database URL]

A worker claims a slot, works, and writes its effect and the slot's end in one transaction; a slot whose worker was
killed is taken over when its lease of one second has ended. Ends with 1 unless every slot took effect exactly once.
Kills are spread over the run by its progress. Without --database it is SQLite in a folder of its own; one that is given
must be empty.
"""

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkProcess
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import func, select

from db.failures import DatabaseError
from db.migrate import upgrade
from db.session import Engine, make_engine, reading, transaction
from db.store.jobs import LostClaim, claim_slot, finish_claim
from db.store.runs import record_run
from db.tables import JobSlot, SourceRun
from offramp.clock import now

WORKERS, LEASE, JOB = 2, timedelta(seconds=1), "counted"
START = datetime(2026, 1, 1, tzinfo=UTC)


def work(url: str, slots: int, seed: int) -> None:
    """Go round the slots that are not done until none is left; in an order of its own, so that the two meet."""
    engine, chance = make_engine(url), random.Random(seed)  # noqa: S311 (a repeatable choice, no secret)
    while left := sorted(set(range(slots)) - _done(engine)):
        chance.shuffle(left)
        for number in left:
            with suppress(DatabaseError):  # a disk that is busy for ten seconds: the next round tries again
                _one(engine, number)
        time.sleep(0.05)


def _one(engine: Engine, number: int) -> None:
    slot = START + timedelta(hours=number)
    with transaction(engine) as session:
        claim = claim_slot(session, JOB, slot, owner=str(number), at=now(), lease=LEASE)
    if claim is None:
        return
    try:
        with transaction(engine) as session:
            record_run(session, JOB, started_at=slot, finished_at=None, outcome="ok")
            finish_claim(session, claim, at=now(), outcome="ok", detail="")
    except LostClaim:
        return  # slower than its lease: another worker has it, and our effect rolled back


def _done(engine: Engine) -> set[int]:
    with reading(engine) as session:
        found = session.scalars(select(JobSlot.slot).where(JobSlot.job == JOB, JobSlot.done_at.is_not(None)))
        return {(slot - START) // timedelta(hours=1) for slot in found}


def _count(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(SourceRun)) or 0


def run(url: str, slots: int, kills: int, seed: int) -> tuple[Counter[int], int]:
    """How often each slot took effect, and how many workers were killed on the way."""
    engine, chance = make_engine(url), random.Random(seed)  # noqa: S311 (a repeatable course of events, no secret)
    upgrade(engine)
    context = multiprocessing.get_context("fork")

    def start(number: int) -> ForkProcess:
        process = context.Process(target=work, args=(url, slots, seed * 1_000 + number))
        process.start()
        return process

    engine.dispose()
    workers, killed = [start(number) for number in range(WORKERS)], 0
    while any(each.is_alive() for each in workers):
        if killed < kills and _count(engine) * (kills + 1) >= slots * (killed + 1):
            place = chance.randrange(WORKERS)
            workers[place].kill()
            workers[place].join()
            killed += 1
            engine.dispose()
            workers[place] = start(WORKERS + killed)
        time.sleep(chance.uniform(0.001, 0.02))
    with reading(engine) as session:
        effects = Counter((at - START) // timedelta(hours=1) for at in session.scalars(select(SourceRun.started_at)))
    engine.dispose()
    return effects, killed


def main() -> None:
    """Run and print what was counted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slots", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="offramp-slots-") as folder:
        url = given.database or f"sqlite:///{Path(folder) / 'slots.db'}"
        effects, killed = run(url, given.slots, given.kills, given.seed)
    missing = given.slots - len(effects)
    double = sum(1 for number in effects.values() if number > 1)
    print(f"{given.slots} slots, {killed} workers killed: {missing} missing, {double} double")
    if missing or double:
        sys.exit(1)


if __name__ == "__main__":
    main()
