"""What came from where, when, and what failed."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.tables import HourTotal, Intake, SourceRun

_HOUR, _HOURS = 3_600, 24


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One load or collector run."""

    source: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    accepted: int
    duplicates: int
    rejected: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeCount:
    """How many records of one outcome arrived from a source on a day (days since 1970)."""

    day: int
    source: str
    outcome: str
    count: int
    last_at: datetime


def runs(session: Session, limit: int = 200) -> list[RunRecord]:
    """The newest runs first."""
    return _records(session, select(SourceRun).order_by(SourceRun.id.desc()).limit(limit))


def runs_between(session: Session, start: datetime, end: datetime) -> list[RunRecord]:
    """The loads and collector runs that started from `start` up to, not including, `end`, oldest first."""
    within = SourceRun.started_at >= start, SourceRun.started_at < end
    return _records(session, select(SourceRun).where(*within).order_by(SourceRun.id))


def heard_sources(session: Session, start_hour: int, end_hour: int) -> dict[str, tuple[datetime, int]]:
    """For each source with usage in the window of hours since 1970: the end of its last hour, and on how many days."""
    hours = select(HourTotal.source, HourTotal.hour).distinct()
    hours = hours.where(HourTotal.hour >= start_hour, HourTotal.hour < end_hour)
    found: dict[str, set[int]] = {}
    for source, hour in session.execute(hours):
        found.setdefault(source, set()).add(hour)
    return {
        source: (datetime.fromtimestamp((max(seen) + 1) * _HOUR, UTC), len({hour // _HOURS for hour in seen}))
        for source, seen in found.items()
        if source
    }


def sources_between(session: Session, start_hour: int, end_hour: int) -> set[str]:
    """Every source of calls in the window of hours since 1970, of record or not; "" is one that was not named."""
    sources = select(HourTotal.source).distinct()
    return set(session.scalars(sources.where(HourTotal.hour >= start_hour, HourTotal.hour < end_hour)))


def calls_told(session: Session, start_hour: int, end_hour: int) -> dict[str, int]:
    """The calls that each source told of in the window of hours since 1970, of record or not."""
    calls = select(HourTotal.source, func.sum(HourTotal.calls)).group_by(HourTotal.source)
    rows = session.execute(calls.where(HourTotal.hour >= start_hour, HourTotal.hour < end_hour))
    return {source: int(count) for source, count in rows if source}


def _records(session: Session, query: Select[SourceRun]) -> list[RunRecord]:
    return [
        RunRecord(
            source=row.source,
            started_at=row.started_at,
            finished_at=row.finished_at,
            outcome=row.outcome,
            accepted=row.accepted,
            duplicates=row.duplicates,
            rejected=row.rejected,
            message=row.message,
        )
        for row in session.scalars(query)
    ]


def last_heard(session: Session, start_day: int) -> datetime | None:
    """When something was heard last, from this day (since 1970) on, else before it; None where nothing ever was.

    What is pulled delivers nothing to be counted by its receipt: as good is a run that did not fail, of a source that
    told of calls since then.
    """
    lately = _last_heard(session, start_day)
    return lately if lately is not None or start_day <= 0 else _last_heard(session, 0)


def _last_heard(session: Session, start_day: int) -> datetime | None:
    told = select(HourTotal.source).where(HourTotal.hour >= start_day * _HOURS).distinct()
    pulled = SourceRun.outcome != "failed", SourceRun.source.in_(told)
    found = (
        session.scalar(select(func.max(Intake.last_at)).where(Intake.day >= start_day)),
        session.scalar(select(func.max(SourceRun.finished_at)).where(*pulled)),
    )
    return max((at for at in found if at), default=None)


def intake(session: Session, start_day: int) -> list[IntakeCount]:
    """Counts per day, source and outcome from `start_day` on (the day of receipt), oldest first."""
    query = select(Intake).where(Intake.day >= start_day).order_by(Intake.day, Intake.source, Intake.outcome)
    return [
        IntakeCount(day=row.day, source=row.source, outcome=row.outcome, count=int(row.count), last_at=row.last_at)
        for row in session.scalars(query)
    ]
