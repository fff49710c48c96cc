"""What a monitoring system may ask of a running Offramp: what arrived, what the jobs did, what is open."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from db.journal import Journal
from db.queries.alerts import count_alerts
from db.queries.jobs import job_history
from db.queries.sources import intake
from db.session import Engine, reading
from strategy.lifecycle import OPEN

_JOB_RUNS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number with its labels; a counter only grows."""

    name: str
    kind: str
    words: str
    value: int | float
    labels: tuple[tuple[str, str], ...] = ()


def measures(engine: Engine, at: datetime) -> list[Measure]:
    """The measures of the database at `at`, those of one name side by side."""
    with reading(engine) as session:
        counted = intake(session, 0)
        history = job_history(session, at, limit=_JOB_RUNS)
        open_alerts = count_alerts(session, OPEN)
    arrived = Counter[tuple[str, str]]()
    for item in counted:
        arrived[item.source, item.outcome] += item.count
    found = [
        Measure(
            name="offramp_records_total",
            kind="counter",
            words="Records that arrived, by source and outcome.",
            value=count,
            labels=(("source", source), ("outcome", outcome)),
        )
        for (source, outcome), count in sorted(arrived.items())
    ]
    newest = {run.job: run for run in reversed(history) if run.done_at is not None}
    found += [
        Measure(
            name="offramp_job_seconds_since_end",
            kind="gauge",
            words="Seconds since a job last ended, by how it ended.",
            value=(at - run.done_at).total_seconds(),
            labels=(("job", job), ("outcome", run.state)),
        )
        for job, run in sorted(newest.items())
        if run.done_at is not None
    ]
    return [*found, Measure(name="offramp_open_alerts", kind="gauge", words="Alerts that are open.", value=open_alerts)]


def journal_measures(journal: Journal | None) -> list[Measure]:
    """How many records of a receiver's journal wait for the database, and how many it would not take."""
    waiting, failed = (0, 0) if journal is None else journal.counts()
    return [
        Measure(
            name="offramp_journal_records",
            kind="gauge",
            words="Requests in the journal, by state.",
            value=count,
            labels=(("state", state),),
        )
        for state, count in (("waiting", waiting), ("failed", failed))
    ]
