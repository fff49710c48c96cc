"""A clock that jumps: a day on, an hour back, to 2099 and home again, while two schedulers tick."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from db.session import make_engine, reading, transaction
from db.store.runs import record_run
from db.tables import SourceRun
from offramp.actions.jobs import Context, JobSpec, run_due
from offramp.slots import HOURLY
from tests.faults.outcome import Outcome

_START = datetime(2026, 11, 22, 10, 0, 30, tzinfo=UTC)
_JUMPS = (timedelta(days=1), -timedelta(hours=1), timedelta(days=365 * 73), -timedelta(days=365 * 73))


def clock_jumps(url: str, *, jumps: int) -> Outcome:
    """An hourly job under two schedulers; after each jump three hours pass. No slot takes effect twice, none stalls."""
    engine = make_engine(url)
    job = JobSpec(name="counted", rule=HOURLY, run=_effect)
    at, due = _START, set[datetime]()
    for place in range(jumps):
        at += _JUMPS[place % len(_JUMPS)]
        for _ in range(3):
            at += timedelta(hours=1)
            due.add(at.replace(minute=0, second=0, microsecond=0))
            for owner in ("one", "two"):
                run_due(engine, [job], owner=owner, at=at)
    with reading(engine) as session:
        effects = Counter(session.scalars(select(SourceRun.started_at).where(SourceRun.source == "counted")))
    database = engine.dialect.name
    engine.dispose()
    return Outcome(
        fault="clock jumps",
        database=database,
        done=f"{jumps} jumps: a day on, an hour back, to 2099, home",
        acknowledged=len(due),
        lost=len(due - set(effects)),
        doubled=sum(number - 1 for number in effects.values()),
        also="slots of an hourly job, two schedulers",
    )


def _effect(context: Context) -> str:
    with transaction(context.engine) as session:
        record_run(session, "counted", started_at=context.slot, finished_at=None, outcome="ok")
        context.finish(session, "counted")
    return "counted"
