"""What people see of the jobs and want of them: how each stands, to run it now, to let it rest."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.queries.jobs import JobRun, Wanted, job_history, wanted_of_jobs
from db.session import Engine, Session, reading
from db.store.jobs import want_of_job
from offramp.actions.actors import By, acting, may_write_all, name_of
from offramp.actions.failure import BadInput, Problem
from offramp.actions.jobs import JobSpec
from offramp.slots import slots_between

_LOOK_AHEAD = timedelta(days=9)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStanding:
    """How a job stands: when it is due next, its last run, and what a person wants of it."""

    name: str
    next_at: datetime
    last: JobRun | None
    wanted: Wanted


def job_standings(engine: Engine, jobs: Sequence[JobSpec], at: datetime) -> list[JobStanding]:
    """Every job in the order it runs."""
    with reading(engine) as session:
        wanted = wanted_of_jobs(session)
        return [
            JobStanding(
                name=job.name,
                next_at=slots_between(job.rule, at, at + _LOOK_AHEAD)[0],
                last=next(iter(job_history(session, at, job=job.name, limit=1)), None),
                wanted=wanted.get(job.name, Wanted()),
            )
            for job in jobs
        ]


def run_now(engine: Engine, jobs: Sequence[JobSpec], name: str, *, by: By, at: datetime) -> None:
    """Have a job run once at the next tick, also while it rests; asked twice before that, it runs once.

    Raises:
        NotAllowed: only an admin may.
        BadInput: there is no such job.
    """
    _known(jobs, name)
    with _controlling(engine, by, "run", name, at) as session:
        want_of_job(session, name, by=name_of(by), run_at=at - at.microsecond * timedelta(microseconds=1))


def pause_job(engine: Engine, jobs: Sequence[JobSpec], name: str, *, by: By, at: datetime) -> None:
    """Let a job rest until it is resumed; a run in progress goes on.

    Raises:
        NotAllowed: only an admin may.
        BadInput: there is no such job.
    """
    _known(jobs, name)
    with _controlling(engine, by, "pause", name, at) as session:
        want_of_job(session, name, by=name_of(by), paused_at=at)


def resume_job(engine: Engine, jobs: Sequence[JobSpec], name: str, *, by: By, at: datetime) -> None:
    """Let a job run again; of the slots it missed the newest is made up.

    Raises:
        NotAllowed: only an admin may.
        BadInput: there is no such job.
    """
    _known(jobs, name)
    with _controlling(engine, by, "resume", name, at) as session:
        want_of_job(session, name, by=name_of(by), paused_at=None)


@contextmanager
def _controlling(engine: Engine, by: By, wish: str, name: str, at: datetime) -> Iterator[Session]:
    with acting(engine, by, f"{wish} a job", name, at) as session:
        may_write_all(by, f"{wish} a job")
        yield session


def _known(jobs: Sequence[JobSpec], name: str) -> None:
    names = [job.name for job in jobs]
    if name not in names:
        raise BadInput([Problem(error=f"no job {name!r}", field="job", cure=f"use {', '.join(names)}")])
