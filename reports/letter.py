"""The letter laid out once, as plain text in sections; the formats only dress it."""

from datetime import timedelta

from reports.blind_words import blind_sentences
from reports.figures import price_section, spend_section
from reports.layout import Item, Letter, Section
from reports.value import Change, Due, WeeklyReport
from reports.words import against_before, cost, count, day, decision, known, monthly, period, strategy
from strategy.kinds import Outcome

_SIX_DAYS = timedelta(days=6)


def letter(report: WeeklyReport) -> Letter:
    """The letter of a report."""
    year = report.end.year
    parts = (
        _changed(report, year),
        _due(report, year),
        spend_section(report),
        price_section(report, year),
        _blind(report, year),
    )
    return Letter(
        week=report.week,
        period=period(report.start.date(), report.start.date() + _SIX_DAYS),
        headline=subject(report),
        lead=_lead(report, year),
        sections=() if report.quiet else tuple(part for part in parts if part is not None),
    )


def subject(report: WeeklyReport) -> str:
    """The letter's one sentence; it is a single line."""
    return f"{'' if report.complete else 'So far: '}{report.headline}."


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
    return "No feature has been judged"


def _due_sum(report: WeeklyReport) -> str:
    due = report.due
    if not due.items:
        return "nothing is due"
    late = sum(item.overdue for item in due.items)
    worth = "" if due.saving_usd_month is None else f", worth {monthly(due.saving_usd_month)}"
    unknown = f", {due.unknown} of them not known" if due.unknown else ""
    return f"{len(due.items)} due{worth}{unknown}" + (f", {late} overdue" if late else "")


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


def _due(report: WeeklyReport, year: int) -> Section | None:
    if not report.due.items:
        return None
    unknown = f" + {report.due.unknown} not known" if report.due.unknown else ""
    return Section(
        title="Due now",
        figure=monthly(report.due.saving_usd_month) + (unknown if report.due.saving_usd_month is not None else ""),
        items=tuple(_due_item(item, year) for item in report.due.items),
    )


def _due_item(item: Due, year: int) -> Item:
    facts = [
        f"{strategy(item.now)} → {strategy(item.target)}",
        f"owner {item.owner}" if item.owner else "no owner",
        f"since {day(item.since, year)}",
    ]
    if item.due_by is not None:
        facts.append(f"{'OVERDUE, was due by' if item.overdue else 'due by'} {day(item.due_by, year)}")
    lines = [*([item.reason] if item.reason else []), " · ".join(facts)]
    return Item(
        head=item.name,
        figure=monthly(item.saving_usd_month),
        lines=tuple(lines),
        tone="late" if item.overdue else "due",
    )


def _blind(report: WeeklyReport, year: int) -> Section | None:
    bullets = tuple(blind_sentences(report.blind_spots, year))
    return Section(title="What this letter cannot see", bullets=bullets) if bullets else None
