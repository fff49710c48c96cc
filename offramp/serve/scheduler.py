"""The tick: APScheduler wakes us every half minute, the database says what is due.

Why: docs/decisions/0003-the-database-decides-what-runs.md.
"""

import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from datetime import UTC, datetime

from anyio import to_thread
from apscheduler.schedulers.background import BackgroundScheduler

from db.failures import DatabaseError, database_words
from db.session import Engine
from offramp import clock, config
from offramp.actions.jobs import JobSpec, run_due
from offramp.actions.prices import resolve_names
from offramp.actions.schedule import standard_jobs
from offramp.policy import load_policy
from offramp.serve.pulse import Pulse

TICK_SECONDS = 30

_log = logging.getLogger(__name__)


def owner_name() -> str:
    """Who this scheduler is, in the job history: host, process and a random end."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}"


@contextmanager
def ticking(
    engine: Engine,
    jobs: Sequence[JobSpec],
    now: Callable[[], datetime],
    *,
    seconds: float = TICK_SECONDS,
    pulse: Pulse | None = None,
) -> Iterator[None]:
    """Run what is due now, and at every tick while the block lasts; a run in progress is let finish.

    `pulse` beats at every tick, also while a run takes longer than the pause between two.
    """
    owner = owner_name()
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    first = [True]

    def tick() -> None:
        with pulse.working() if pulse else nullcontext():
            tick_once(engine, jobs, owner=owner, at=now(), starting=first[0])
        first[0] = False

    scheduler.add_job(tick, "interval", seconds=seconds, next_run_time=now())
    if pulse:
        scheduler.add_job(pulse.beat, "interval", seconds=seconds, next_run_time=now())
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)


def tick_once(engine: Engine, jobs: Sequence[JobSpec], *, owner: str, at: datetime, starting: bool) -> None:
    """One tick: what ran is logged, names of models are looked up; a database out of reach is tried at the next."""
    try:
        for result in run_due(engine, jobs, owner=owner, at=at, starting=starting):
            level = logging.WARNING if result.outcome == "failed" else logging.INFO
            _log.log(level, "%s of %s: %s, %s", result.job, result.slot, result.outcome, result.detail)
        # What calls cost is known within a tick of their arrival, not within the hour.
        if found := resolve_names(engine, at):
            _log.info("%s model names looked up", found)
    except DatabaseError as error:
        _log.warning("this tick ran nothing more: %s", database_words(error))


def jobs_in_force() -> tuple[JobSpec, ...]:
    """The standard jobs with the packaged policy, in the organisation's time zone."""
    return standard_jobs(load_policy(), config.timezone_name())


def scheduler_lifespan(engine: Engine) -> Callable[[object], AbstractAsyncContextManager[None]]:
    """An ASGI lifespan in which the scheduler ticks."""

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        ticks = ticking(engine, jobs_in_force(), clock.now)
        ticks.__enter__()
        try:
            yield
        finally:
            # Waits for a run in progress: not on the loop, where open requests are still being answered.
            await to_thread.run_sync(lambda: ticks.__exit__(None, None, None))

    return lifespan
