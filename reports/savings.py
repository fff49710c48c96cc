"""What finished migrations brought: promised and realised, as far as it had been measured by the week's end."""

from datetime import timedelta

from db.queries.ledger import Migration
from reports.facts import WeekFacts
from reports.layout import Section, Table
from reports.lines import one_line
from reports.value import Realised, WeeklyReport
from reports.words import count, day, known, monthly, moved, strategy, usd
from strategy.ledger import added, realised_usd_month
from strategy.money import ZERO

# Measuring goes on for months; a letter tells a migration for its first quarter.
_TOLD = timedelta(days=91)


def realised(facts: WeekFacts) -> tuple[Realised, ...]:
    """The migrations finished in the last quarter, the newest first."""
    return tuple(_realised(made) for made in facts.migrations if facts.cutoff - made.finished_at <= _TOLD)


def _realised(made: Migration) -> Realised:
    spans = [(span.effects, span.days) for span in made.spans if span.effects is not None]
    days = sum(length for _, length in spans)
    saved = realised_usd_month(added([effects for effects, _ in spans]), days) if spans else None
    return Realised(
        feature=made.feature,
        name=one_line(made.name or made.feature),
        owner=one_line(made.owner) if made.owner else None,
        now=made.now,
        target=made.target,
        finished_on=made.finished_at.date(),
        promised_usd_month=made.promised_usd_month,
        realised_usd_month=saved,
        days=days,
    )


def finished_section(report: WeeklyReport, year: int) -> Section | None:
    """The migrations finished within the week, each with what was promised of it; None where there is none."""
    found = [each for each in report.realised if report.start.date() <= each.finished_on < report.end.date()]
    bullets = tuple(
        f"{each.name}: {moved(each.now, each.target)}, live since {day(each.finished_on, year)}; "
        f"promised: {monthly(each.promised_usd_month)}"
        for each in found
    )
    return Section(title="Finished this week", bullets=bullets) if bullets else None


def savings_section(report: WeeklyReport, year: int) -> Section | None:
    """Promised against realised, USD a month; None where nothing was finished."""
    if not report.realised:
        return None
    rows = [
        (
            each.name,
            f"{strategy(each.target)}, {day(each.finished_on, year)}",
            known(each.promised_usd_month),
            f"{usd(each.realised_usd_month)} ({count(each.days, 'day')})"
            if each.realised_usd_month is not None
            else "not measured yet",
        )
        for each in report.realised
    ]
    # What is not measured yet is in neither sum: the two must speak of the same migrations.
    both = [each for each in report.realised if None not in {each.realised_usd_month, each.promised_usd_month}]
    promised = sum((each.promised_usd_month or ZERO for each in both), ZERO)
    saved = sum((each.realised_usd_month or ZERO for each in both), ZERO)
    total = ("Total of what is measured", "", usd(promised), usd(saved))
    return Section(
        title="Savings realised",
        figure=f"{usd(saved)} a month" if both else "",
        table=Table(columns=("a month", "now on, since", "promised", "realised"), rows=tuple(rows), total=total),
    )
