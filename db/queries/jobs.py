"""What the schedulers did and are doing, for them and for the pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import JobControl, JobSlot


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """One slot of one job. `state`: running, crashed (its lease ended unfinished), retrying, ok, failed or skipped."""

    job: str
    slot: datetime
    state: str
    attempt: int
    owner: str
    started_at: datetime
    lease_until: datetime
    done_at: datetime | None
    detail: str

    @property
    def lasted(self) -> timedelta | None:
        """How long its last attempt took; None while it runs, and for one that was skipped."""
        return None if self.done_at is None or self.state == "skipped" else self.done_at - self.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person wants of a job: that it rests since `paused_at`, that it runs once at `run_at`."""

    paused_at: datetime | None = None
    run_at: datetime | None = None
    by: str = ""


def job_history(session: Session, at: datetime, *, job: str | None = None, limit: int = 100) -> list[JobRun]:
    """The newest slots first, of one job or of all, as they stand at `at`."""
    query = select(JobSlot).order_by(JobSlot.slot.desc(), JobSlot.job).limit(limit)
    rows = session.scalars(query if job is None else query.where(JobSlot.job == job))
    return [_run(row, at) for row in rows]


def wanted_of_jobs(session: Session) -> dict[str, Wanted]:
    """What people want of the jobs, by job."""
    rows = session.scalars(select(JobControl))
    return {row.job: Wanted(paused_at=row.paused_at, run_at=row.run_at, by=row.by) for row in rows}


def latest_slot(session: Session, job: str, until: datetime) -> datetime | None:
    """The newest slot of a job, not later than `until`, that has a row, whatever became of it."""
    # Later rows were written by a clock that ran ahead: they must not hold up the present.
    return session.scalar(select(func.max(JobSlot.slot)).where(JobSlot.job == job, JobSlot.slot <= until))


def unfinished_runs(session: Session, job: str, at: datetime) -> list[JobRun]:
    """The slots of a job up to `at` that were claimed and have no end, oldest first, as they stand at `at`."""
    query = select(JobSlot).where(JobSlot.job == job, JobSlot.slot <= at, JobSlot.done_at.is_(None))
    return [_run(row, at) for row in session.scalars(query.order_by(JobSlot.slot))]


def is_finished(session: Session, job: str, slot: datetime, fence: int) -> bool:
    """Whether this very attempt has recorded its end."""
    query = select(JobSlot.done_at).where(JobSlot.job == job, JobSlot.slot == slot, JobSlot.fence == fence)
    return session.scalar(query) is not None


def _run(row: JobSlot, at: datetime) -> JobRun:
    return JobRun(
        job=row.job,
        slot=row.slot,
        state=_state(row, at),
        attempt=row.fence,
        owner=row.owner,
        started_at=row.started_at,
        lease_until=row.lease_until,
        done_at=row.done_at,
        detail=row.detail,
    )


def _state(row: JobSlot, at: datetime) -> str:
    if row.done_at is not None:
        return row.outcome or "ok"
    if row.outcome is not None:
        return "retrying"
    return "crashed" if row.lease_until < at else "running"
