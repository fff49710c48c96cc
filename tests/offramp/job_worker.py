"""Schedulers for processes of their own, with a small job whose effect is one row per run."""

import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

import psycopg  # noqa: F401 (loaded once by the fork server: a process that lives a second cannot spend it on imports)
import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401 (the same)
from sqlalchemy.orm import Session

from db.session import make_engine, transaction
from db.store.jobs import claim_slot, finish_claim
from db.store.runs import record_run
from offramp.actions.jobs import Context, JobSpec, run_due
from offramp.clock import now
from offramp.slots import Every

START = datetime(2026, 11, 16, 9, tzinfo=UTC)
SLOTS = [START + timedelta(hours=number) for number in range(120)]
LEASE = timedelta(seconds=1)
TICKED = "ticked"


def effect(session: Session, slot: datetime, owner: str) -> None:
    """The row that a run leaves behind: `started_at` is its slot."""
    record_run(session, "effect", started_at=slot, finished_at=None, outcome="ok", message=owner)


def ticking_job() -> JobSpec:
    """A job due five times a second, whose effect and end are one transaction."""

    def run(context: Context) -> str:
        time.sleep(0.05)
        with transaction(context.engine) as session:
            effect(session, context.slot, context.claim.owner)
            context.finish(session, "one row")
        return "one row"

    return JobSpec(name=TICKED, rule=Every(timedelta(milliseconds=200)), run=run)


def claims(url: str, owner: str) -> None:
    """Race through all slots: claim, effect and end, each where nobody else was first."""
    engine = make_engine(url)
    for slot in SLOTS:
        with transaction(engine) as session:
            claim = claim_slot(session, "claimed", slot, owner=owner, at=START, lease=timedelta(hours=1))
        if claim is not None:
            with transaction(engine) as session:
                effect(session, slot, owner)
                finish_claim(session, claim, at=START, outcome="ok", detail="")


def ticks(url: str, owner: str) -> None:
    """Run what is due until killed."""
    engine = make_engine(url)
    while True:
        run_due(engine, [ticking_job()], owner=owner, at=now(), lease=LEASE)
        time.sleep(0.02)


def hangs(url: str, inside: Connection) -> None:
    """Run a job that never ends; says when its effect is written and not yet committed."""

    def run(context: Context) -> str:
        with transaction(context.engine) as session:
            effect(session, context.slot, context.claim.owner)
            inside.send("inside")
            time.sleep(60)
        return "never"

    job = JobSpec(name="hangs", rule=Every(timedelta(hours=1)), run=run)
    run_due(make_engine(url), [job], owner="a", at=START)
