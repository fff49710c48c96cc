"""The section of what is due: the decisions that wait for somebody, the late ones first."""

from reports.layout import Item, Section
from reports.value import Due, WeeklyReport
from reports.words import day, monthly, moved
from strategy.lifecycle import State


def due_section(report: WeeklyReport, year: int) -> Section | None:
    """What is due and whose turn it is; None where nothing is."""
    if not report.due.items:
        return None
    unknown = f" + {report.due.unknown} not known" if report.due.unknown else ""
    return Section(
        title="Due now",
        figure=monthly(report.due.saving_usd_month) + (unknown if report.due.saving_usd_month is not None else ""),
        items=tuple(_item(item, year) for item in report.due.items),
    )


def _item(item: Due, year: int) -> Item:
    facts = [moved(item.now, item.target), f"owner {item.owner}" if item.owner else "no owner", _turn(item, year)]
    if item.due_by is not None:
        late = item.overdue and (item.claim_due is None or not item.claim_overdue or item.due_by <= item.claim_due)
        facts.append(f"{'OVERDUE, was due by' if late else 'due by'} {day(item.due_by, year)}")
    return Item(
        head=item.name,
        figure=monthly(item.saving_usd_month),
        lines=(
            *(line for line in (item.reason, *item.caveats, item.due_by_reason, item.opinions) if line),
            " · ".join(facts),
        ),
        tone="late" if item.overdue else "due",
    )


def _turn(item: Due, year: int) -> str:
    """Since when it waits, or who has taken it until when."""
    if item.state == State.CLAIMED:
        until = "" if item.claim_due is None else f" for {day(item.claim_due, year)}"
        return f"claimed by {item.claimed_by}{until}" + (", OVERDUE" if item.claim_overdue else "")
    since = f"since {day(item.since, year)}"
    return f"snoozed, {since}" if item.state == State.SNOOZED else since
