"""The letter laid out once, as plain text in sections; the formats only dress it."""

from datetime import timedelta

from reports.blind_words import blind_sentences
from reports.due import due_section
from reports.extras import drift_section, glossary, owner_section
from reports.figures import price_section, spend_section
from reports.layout import Item, Letter, Section
from reports.savings import finished_section, savings_section
from reports.value import Change, WeeklyReport
from reports.words import against_before, cost, count, day, decision, known, monthly, period
from strategy.kinds import Outcome

_SIX_DAYS = timedelta(days=6)


def letter(report: WeeklyReport) -> Letter:
    """The letter of a report."""
    year = report.end.year
    parts = (
        _changed(report, year),
        finished_section(report, year),
        due_section(report, year),
        spend_section(report),
        savings_section(report, year),
        price_section(report, year),
        drift_section(report, year),
        owner_section(report),
        _blind(report, year),
        glossary(report),
    )
    return Letter(
        week=report.week,
        period=period(report.start.date(), report.start.date() + _SIX_DAYS) + _for(report),
        headline=subject(report),
        lead=_lead(report, year),
        sections=() if report.quiet else tuple(part for part in parts if part is not None),
    )


def subject(report: WeeklyReport) -> str:
    """The letter's one sentence; it is a single line."""
    return f"{'' if report.complete else 'So far: '}{report.headline}."


def _for(report: WeeklyReport) -> str:
    return f", for {report.owner}" if report.owner else ""


def _lead(report: WeeklyReport, year: int) -> str:
    parts = [_judged(report, year), _due_sum(report), _spend_sum(report)]
    if report.quiet and report.blind_spots.count:
        parts.append(count(report.blind_spots.count, "blind spot"))
    return "; ".join(part for part in parts if part) + "."


def _judged(report: WeeklyReport, year: int) -> str:
    if report.judged:
        return f"{count(report.judged, 'feature')} judged"
    if report.first_judged_at is not None:
        return f"No feature was judged by the end of this week, the first was on {day(report.first_judged_at, year)}"
    return f"No feature{_for(report).removeprefix(',')} has been judged"


def _due_sum(report: WeeklyReport) -> str:
    due = report.due
    if not due.items:
        return "nothing is due"
    late = sum(item.overdue for item in due.items)
    worth = "" if due.saving_usd_month is None else f", worth {monthly(due.saving_usd_month)}"
    unknown = f", {due.unknown} of them not known" if due.unknown else ""
    due_now = count(len(due.items), "migration is", "migrations are")
    return f"{due_now} due{worth}{unknown}" + (f", {late} overdue" if late else "")


def _spend_sum(report: WeeklyReport) -> str:
    total = report.spend.total
    if not total.calls and not total.calls_before:
        return "no calls counted"
    return f"spend {cost(total)}" + (f", {against_before(total)}" if report.complete else " so far")


def _changed(report: WeeklyReport, year: int) -> Section | None:
    told = [made for made in report.changes if made.before is not None or made.after.verdict == Outcome.DUE]
    first = [made for made in report.changes if made not in told]
    if not report.changes:
        return None
    words = [f"{made.name}: {decision(made.after)}" for made in first]
    return Section(
        title="What changed",
        items=tuple(_change_item(made, year) for made in told),
        note="Judged for the first time:" if first else "",
        bullets=tuple(words),
    )


def _change_item(made: Change, year: int) -> Item:
    now_due = made.after.verdict == Outcome.DUE
    was_due = made.before is not None and made.before.verdict == Outcome.DUE
    often = f" (the last of {made.flips} changes this week)" if made.flips > 1 else ""
    before, after = made.saving_before_usd_month, made.saving_after_usd_month
    lines = [f"{decision(made.before)} → {decision(made.after)}, on {day(made.at, year)}{often}", made.cause_detail]
    if before is not None or after is not None:
        lines.append(f"Saving a month: {known(before)} before, {known(after)} now")
    tone = "due" if now_due else "ended" if was_due else "plain"
    return Item(head=made.name, lines=tuple(line for line in lines if line), tone=tone)


def _blind(report: WeeklyReport, year: int) -> Section | None:
    bullets = tuple(blind_sentences(report.blind_spots, year))
    return Section(title="What this letter cannot see", bullets=bullets) if bullets else None
