"""Builds the weekly letter and keeps that of a week that is over, whole or for one owner."""

from collections.abc import Callable
from datetime import datetime

from db.queries.reports import report_document, report_weeks
from db.session import Engine, reading, transaction
from db.store.reports import keep_report
from offramp.actions.failure import BadInput, Problem
from offramp.actions.report_facts import week_facts
from reports.slices import of_owner
from reports.stored import dumps, loads
from reports.value import WeeklyReport
from reports.weekly import weekly_report
from reports.weeks import IsoWeek, parse_week, previous_week

__all__ = ["Slices", "build_report", "load_report", "previous_week", "report_slices", "weeks"]

# The letter of one owner's features, or the whole one for None.
Slices = Callable[[str | None], WeeklyReport]


def build_report(engine: Engine, week: IsoWeek | str, now: datetime) -> WeeklyReport:
    """The whole letter of a week, kept where the week is over; raises as `report_slices` does."""
    report = report_slices(engine, week, now)(None)
    if report.complete:
        with transaction(engine) as session:
            keep_report(session, report.week, dumps(report), now)
    return report


def report_slices(engine: Engine, week: IsoWeek | str, now: datetime) -> Slices:
    """The letters of a week, from what was so by its end: rebuilt from the same facts they are the same, byte for byte.

    A week still running is told up to `now`. Nothing is kept.

    Raises:
        BadInput: it is no ISO week, or has not begun.
    """
    which = _week(week)
    if which.start > now:
        problem = Problem(error=f"week {which} has not begun", field="week", cure="name this week or one before")
        raise BadInput([problem])
    facts = week_facts(engine, which, now)
    return lambda owner: weekly_report(of_owner(facts, owner))


def weeks(engine: Engine) -> list[str]:
    """The weeks whose letter was kept, newest first."""
    with reading(engine) as session:
        return report_weeks(session)


def load_report(engine: Engine, week: IsoWeek | str) -> WeeklyReport | None:
    """The letter of a week as it was kept; None where there is none.

    Raises:
        BadInput: it is no ISO week.
    """
    which = _week(week)
    with reading(engine) as session:
        found = report_document(session, str(which))
    return None if found is None else loads(found)


def _week(week: IsoWeek | str) -> IsoWeek:
    if isinstance(week, IsoWeek):
        return week
    try:
        return parse_week(week)
    except ValueError:
        problem = Problem(error=f"no week {week!r}", field="week", cure="use an ISO week such as 2026-W47")
        raise BadInput([problem]) from None
