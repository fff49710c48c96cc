"""Runs the jobs that are due: the database decides what runs, whoever ticks first claims it.

Of the slots missed while nobody was running only the newest is made up; a job that keeps count of the
others (the weekly report) records them as skipped. A crashed run is taken over when its lease has ended.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Event, Thread

from db.failures import DatabaseError
from db.queries.jobs import JobRun, Wanted, is_finished, latest_slot, unfinished_runs, wanted_of_jobs
from db.session import Engine, Session, reading, transaction
from db.store.jobs import (
    Claim,
    LostClaim,
    answer_request,
    claim_slot,
    finish_claim,
    renew_claim,
    retry_claim,
    skip_slots,
)
from offramp.actions.scrub import error_words
from offramp.slots import Rule, newest_slot, slots_between

LEASE = timedelta(minutes=5)
RETRY_AFTER = timedelta(minutes=5)
# A run that takes its process down with it must not do so for ever.
MOST_ATTEMPTS = 5
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a job is given: the engine, its slot, and the time as the run goes on."""

    engine: Engine
    claim: Claim
    now: Callable[[], datetime]

    @property
    def slot(self) -> datetime:
        """The planned instant that this run stands for."""
        return self.claim.slot

    def finish(self, session: Session, detail: str) -> None:
        """Record the run as done in the transaction of its effects, so that both count or neither.

        Raises:
            LostClaim: another scheduler has taken over; let it through, so that the effects roll back.
        """
        finish_claim(session, self.claim, at=self.now(), outcome="ok", detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """A job: when it is due, what it does; `run` gives one line on what it did.

    `at_start` adds a slot for each start of a scheduler; `keeps_count` records missed slots as skipped. `jitter` is the
    most that a scheduler waits after a slot, each as long as its own dice say: not everybody asks a host at four sharp.
    """

    name: str
    rule: Rule
    run: Callable[[Context], str]
    at_start: bool = False
    keeps_count: bool = False
    jitter: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How one run ended: ok, failed (`detail` says whether it will be tried again) or lost to another scheduler."""

    job: str
    slot: datetime
    outcome: str
    detail: str


def run_due(
    engine: Engine,
    jobs: Sequence[JobSpec],
    *,
    owner: str,
    at: datetime,
    starting: bool = False,
    lease: timedelta = LEASE,
) -> list[RunResult]:
    """Run, one after the other, every job that is due at `at` and that nobody else has claimed.

    Raises:
        DatabaseError: the database cannot be reached; what was claimed is taken over after its lease.
    """
    began = time.monotonic()

    def now() -> datetime:
        return at + timedelta(seconds=time.monotonic() - began)

    results = []
    for job in jobs:
        claim = _claim(engine, job, owner=owner, at=now(), starting=starting, lease=lease)
        if claim is not None:
            results.append(_run(job, Context(engine=engine, claim=claim, now=now), lease))
    return results


def _claim(engine: Engine, job: JobSpec, *, owner: str, at: datetime, starting: bool, lease: timedelta) -> Claim | None:
    with reading(engine) as session:
        latest = latest_slot(session, job.name, at)
        open_runs = unfinished_runs(session, job.name, at)
        wanted = wanted_of_jobs(session).get(job.name, Wanted())
    asked = wanted.run_at if wanted.run_at is not None and wanted.run_at <= at else None
    if wanted.paused_at is not None and asked is None:
        return None
    if any(run.state == "running" and run.lease_until <= at + 2 * lease for run in open_runs):
        return None
    newest = _newest(job, owner, at)
    if starting and job.at_start:
        newest = max(newest, at.replace(second=0, microsecond=0))
    slot = _due_slot(newest if asked is None else max(newest, asked), latest, open_runs)
    if slot is None:
        return None
    missed = slots_between(job.rule, latest, slot) if job.keeps_count and latest is not None else []
    words = f"the run of {slot:%Y-%m-%d %H:%M} UTC stands for it"
    with transaction(engine) as session:
        claim = claim_slot(session, job.name, slot, owner=owner, at=at, lease=lease)
        if claim is None:
            return None
        if asked is not None:
            answer_request(session, job.name, asked)
        skip_slots(session, job.name, [old for old in missed if old < slot], owner=owner, at=at, detail=words)
        for run in open_runs:
            old = claim_slot(session, job.name, run.slot, owner=owner, at=at, lease=lease) if run.slot < slot else None
            if old is not None:
                finish_claim(session, old, at=at, outcome="skipped", detail=words)
    return claim


def _newest(job: JobSpec, owner: str, at: datetime) -> datetime:
    """The newest slot whose jitter has passed."""
    slot = newest_slot(job.rule, at)
    dice = int.from_bytes(sha256(f"{owner} {job.name} {slot:%Y%m%d%H%M}".encode()).digest()[:4], "big")
    return slot if at >= slot + job.jitter * dice / 2**32 else newest_slot(job.rule, slot - _INSTANT)


def _due_slot(newest: datetime, latest: datetime | None, open_runs: Sequence[JobRun]) -> datetime | None:
    if latest is None or newest > latest:
        return newest
    return open_runs[-1].slot if open_runs else None


def _run(job: JobSpec, context: Context, lease: timedelta) -> RunResult:
    claim = context.claim
    if claim.fence > MOST_ATTEMPTS:
        return _end(context, "failed", f"given up after {MOST_ATTEMPTS} attempts that never ended")
    try:
        with _renewing(context, lease):
            detail = job.run(context)
    except LostClaim as lost:
        return _result(context, "lost", str(lost))
    except Exception as error:  # noqa: BLE001 (a job may fail in any way; the scheduler outlives it and says so)
        return _failed(context, error_words(error))
    return _end(context, "ok", detail)


def _end(context: Context, outcome: str, detail: str) -> RunResult:
    claim = context.claim
    with reading(context.engine) as session:
        if is_finished(session, claim.job, claim.slot, claim.fence):
            return _result(context, outcome, detail)
    try:
        with transaction(context.engine) as session:
            finish_claim(session, claim, at=context.now(), outcome=outcome, detail=detail)
    except LostClaim as lost:
        return _result(context, "lost", str(lost))
    return _result(context, outcome, detail)


def _failed(context: Context, detail: str) -> RunResult:
    if context.claim.fence >= MOST_ATTEMPTS:
        return _end(context, "failed", detail)
    try:
        with transaction(context.engine) as session:
            retry_claim(session, context.claim, not_before=context.now() + RETRY_AFTER, detail=detail)
    except LostClaim as lost:
        return _result(context, "lost", str(lost))
    return _result(context, "failed", f"{detail} (will be tried again)")


def _result(context: Context, outcome: str, detail: str) -> RunResult:
    return RunResult(job=context.claim.job, slot=context.claim.slot, outcome=outcome, detail=detail)


@contextmanager
def _renewing(context: Context, lease: timedelta) -> Iterator[None]:
    stopped = Event()

    def renew() -> None:
        while not stopped.wait(lease.total_seconds() / 3):
            try:
                with transaction(context.engine) as session:
                    renew_claim(session, context.claim, at=context.now(), lease=lease)
            except LostClaim:
                return
            except DatabaseError:
                continue  # two more beats fit into the lease, and the fence guards the end

    thread = Thread(target=renew, name=f"renew-{context.claim.job}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
