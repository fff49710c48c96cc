"""Claiming job slots: a (job, slot) row with a fence, so that one of many schedulers runs it and no zombie ends it.

A claim lasts until its lease ends; then anyone may take it over, and the fence goes up by one. All
times are arguments: the schedulers' clocks must agree within the lease, which is minutes long. A lease
further ahead than twice its length was written by a clock that ran ahead, and counts as ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from db.store.upsert import insert_into, insert_new
from db.tables import JobControl, JobSlot


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to run one slot, as long as nobody has taken it over: `fence` counts the attempts."""

    job: str
    slot: datetime
    fence: int
    owner: str


class LostClaim(Exception):  # noqa: N818 (the word of reliability's design: the claim is lost, nothing is broken)
    """Another scheduler has taken the slot over, or it is finished: what was done under the claim must not count."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(f"{claim.job} of {claim.slot:%Y-%m-%dT%H:%MZ}: attempt {claim.fence} has lost its claim")
        self.claim = claim


def claim_slot(
    session: Session, job: str, slot: datetime, *, owner: str, at: datetime, lease: timedelta
) -> Claim | None:
    """Claim a slot that nobody runs: new, or unfinished with its lease ended; None where it is taken or done."""
    row = {"job": job, "slot": slot, "fence": 1, "owner": owner, "lease_until": at + lease, "started_at": at}
    ended = or_(JobSlot.lease_until < at, JobSlot.lease_until > at + 2 * lease)
    taken_over = {
        "fence": JobSlot.fence + 1,
        "owner": owner,
        "lease_until": at + lease,
        "started_at": at,
        "outcome": None,
    }
    statement = (
        insert_into(session, JobSlot)
        .values(**row, detail="")
        .on_conflict_do_update(
            index_elements=["job", "slot"], set_=taken_over, where=and_(JobSlot.done_at.is_(None), ended)
        )
        .returning(JobSlot.fence)
    )
    fence = session.scalar(statement)
    return None if fence is None else Claim(job=job, slot=slot, fence=fence, owner=owner)


def renew_claim(session: Session, claim: Claim, *, at: datetime, lease: timedelta) -> None:
    """Prolong the lease of a run that is still at work.

    Raises:
        LostClaim: the slot is another's by now, or finished.
    """
    _change(session, claim, lease_until=at + lease)


def finish_claim(session: Session, claim: Claim, *, at: datetime, outcome: str, detail: str) -> None:
    """Record how the run ended; in the session of its effects, so that both count or neither.

    Raises:
        LostClaim: the slot is another's by now, or finished; the caller's transaction must roll back.
    """
    _change(session, claim, done_at=at, lease_until=at, outcome=outcome, detail=detail)


def retry_claim(session: Session, claim: Claim, *, not_before: datetime, detail: str) -> None:
    """Give a failed run back: it is taken up again, by anyone, after `not_before`.

    Raises:
        LostClaim: the slot is another's by now, or finished.
    """
    _change(session, claim, lease_until=not_before, outcome="failed", detail=detail)


def want_of_job(session: Session, job: str, *, by: str, **wanted: datetime | None) -> None:
    """Keep what a person wants of a job: `paused_at` or `run_at`, None to take it back."""
    statement = insert_into(session, JobControl).values(job=job, by=by, **wanted)
    session.execute(statement.on_conflict_do_update(index_elements=["job"], set_={**wanted, "by": by}))


def answer_request(session: Session, job: str, run_at: datetime) -> None:
    """Forget a wish to run that has been taken up; a newer one stays."""
    mine = and_(JobControl.job == job, JobControl.run_at <= run_at)
    session.execute(update(JobControl).where(mine).values(run_at=None))


def skip_slots(session: Session, job: str, slots: Sequence[datetime], *, owner: str, at: datetime, detail: str) -> None:
    """Record slots that nobody will run, because a newer one stands for them; those with a row keep it."""
    rows = [
        {
            "job": job,
            "slot": slot,
            "fence": 0,
            "owner": owner,
            "lease_until": at,
            "started_at": at,
            "done_at": at,
            "outcome": "skipped",
            "detail": detail,
        }
        for slot in slots
    ]
    insert_new(session, JobSlot, rows, "slot")


def _change(session: Session, claim: Claim, **values: object) -> None:
    statement = update(JobSlot).where(_held(claim)).values(**values).returning(JobSlot.fence)
    if session.scalar(statement) is None:
        raise LostClaim(claim)


def _held(claim: Claim) -> ColumnElement[bool]:
    same_slot = and_(JobSlot.job == claim.job, JobSlot.slot == claim.slot)
    return and_(same_slot, JobSlot.fence == claim.fence, JobSlot.done_at.is_(None))


def forget_slots(session: Session, before: datetime) -> int:
    """Forget finished slots from before an instant, each job's newest kept for ever; how many were.

    Catching up asks for the newest alone, so no slot that was forgotten can run again.
    """
    later = aliased(JobSlot)
    newest = select(func.max(later.slot)).where(later.job == JobSlot.job).scalar_subquery()
    done = session.execute(
        delete(JobSlot)
        .where(JobSlot.slot < before, JobSlot.done_at.is_not(None), JobSlot.slot < newest)
        .execution_options(synchronize_session=False)
    )
    return done.rowcount if isinstance(done, CursorResult) else 0
