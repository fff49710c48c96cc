"""The smaller sections: quality that moved, what is whose, and the words that a newcomer needs."""

from collections.abc import Iterator
from decimal import Decimal

from reports.layout import Section, Table
from reports.value import Drift, Due, Spend, WeeklyReport
from reports.words import count, day, decision, usd
from strategy.money import ZERO
from strategy.shown import exact

_WORDS = (
    ("prompt", "a general model is asked, and paid for, each time"),
    ("hybrid", "code or retrieval around a model takes part of the work"),
    ("distill", "a small model trained on the answers of the present one"),
    ("embed", "embeddings and a small classifier"),
    ("code", "plain code, no model"),
    ("due", "moving is proven good enough and pays back in time"),
    ("watch", "moving might pay; something is missing before it can be said"),
    ("blocked", "moving would pay, and something named stands in its way"),
)
_DRIFT = {
    "below_floor": "below its floor",
    "worse": "worse than",
    "better": "better than",
}


def drift_section(report: WeeklyReport, year: int) -> Section | None:
    """The scores that moved; None where none did."""
    if not report.drifts:
        return None
    return Section(title="Quality that moved", bullets=tuple(_drift(drift, year) for drift in report.drifts))


def _drift(drift: Drift, year: int) -> str:
    scored = f"{drift.name}: {drift.metric} {exact(drift.score)} on {day(drift.at, year)}"
    by = f" by {drift.evaluator}" if drift.evaluator else ""
    if drift.kind == "new_evaluator":
        return f"{scored}{by}, which has not scored it before: no earlier score can be compared"
    before = "" if drift.before is None else f"{exact(drift.before)} before"
    if drift.kind == "below_floor" and drift.floor is not None:
        return f"{scored}{by}, {_DRIFT[drift.kind]} of {exact(drift.floor)}" + (f"; {before}" if before else "")
    return f"{scored}{by}, {_DRIFT[drift.kind]} {before}"


def owner_section(report: WeeklyReport) -> Section | None:
    """What is whose, where there is more than one owner: what is due, and what was spent."""
    owners = {row.owner for row in report.spend.rows if row.feature} | {item.owner for item in report.due.items}
    if len(owners) < 2:  # noqa: PLR2004 (one owner's letter is the letter)
        return None
    lines = [
        (owner, _of(owner, report.due.items), [row for row in report.spend.rows if row.feature and row.owner == owner])
        for owner in owners
    ]
    nobodys = [("unattributed", *_cells([], [row])) for row in report.spend.rows if not row.feature]
    lines.sort(key=lambda line: (-_saving(line[1]), line[0] is None, line[0] or ""))
    return Section(
        title="By owner",
        table=Table(
            columns=("", "due", "saving a month", "this week" if report.complete else "so far"),
            rows=(*((owner or "no owner", *_cells(due, spent)) for owner, due, spent in lines), *nobodys),
            total=("Total", *_cells(list(report.due.items), [report.spend.total])),
        ),
    )


def _of(owner: str | None, items: tuple[Due, ...]) -> list[Due]:
    return [item for item in items if item.owner == owner]


def _saving(items: list[Due]) -> Decimal:
    return sum((item.saving_usd_month or ZERO for item in items), ZERO)


def _cells(due: list[Due], spent: list[Spend]) -> tuple[str, str, str]:
    late = sum(item.overdue for item in due)
    number = str(len(due)) + (f" ({late} overdue)" if late else "") if due else "–"
    savings = [item.saving_usd_month for item in due if item.saving_usd_month is not None]
    saving = usd(sum(savings, ZERO)) if savings else ("not known" if due else "–")
    costs = [row.cost_usd for row in spent if row.cost_usd is not None]
    lacking = sum(row.unpriced_calls + row.calls_without_tokens for row in spent)
    cost = usd(sum(costs, ZERO)) if costs else "not known"
    return number, saving, cost + (f" + {count(lacking, 'call')} not priced" if lacking else "")


def glossary(report: WeeklyReport) -> Section | None:
    """The words of this letter that a newcomer does not know; None where it uses none."""
    used = " ".join(_uses(report)).replace("(", " ").replace(":", " ").replace(",", " ").split()
    bullets = tuple(f"{word}: {meaning}" for word, meaning in _WORDS if word in used)
    return Section(title="The words", bullets=bullets) if bullets else None


def _uses(report: WeeklyReport) -> Iterator[str]:
    for made in report.changes:
        yield from (decision(made.before), decision(made.after))
    for item in report.due.items:
        yield from ("due", item.now, item.target)
