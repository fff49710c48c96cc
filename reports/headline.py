"""The one sentence that a week comes down to: fit for a subject line."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.lines import one_line
from reports.value import BlindSpots, Change, DueList, PriceMove
from reports.weeks import IsoWeek
from reports.words import count, monthly, strategy
from strategy.kinds import Outcome
from strategy.money import ZERO

_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Headline:
    """The sentence, and whether it was a week in which nothing changed."""

    text: str
    quiet: bool


def headline(
    changes: Sequence[Change],
    due: DueList,
    prices: Sequence[PriceMove],
    blind: BlindSpots,
    *,
    week: IsoWeek,
    judged: int,
    calls: int,
) -> Headline:
    """What mattered most: decisions, then dates that passed, then prices, then sources that failed."""
    passed = [
        item for item in due.items if item.due_by and week.monday <= item.due_by <= week.last_day and item.overdue
    ]
    if changes:
        return Headline(_decisions(changes), quiet=False)
    if passed:
        one = f"{_short(passed[0].name)} is past its date"
        return Headline(one if len(passed) == 1 else f"{len(passed)} decisions are past their dates", quiet=False)
    if prices:
        return Headline(f"{count(len(prices), 'price')} changed, no verdict did", quiet=False)
    if blind.sources:
        return Headline(f"{count(len(blind.sources), 'source')} had trouble, no verdict changed", quiet=False)
    if not judged:
        return Headline("Nothing has been judged yet", quiet=not calls)
    return Headline("Nothing changed", quiet=True)


def _decisions(changes: Sequence[Change]) -> str:
    became = [change for change in changes if change.after.verdict == Outcome.DUE]
    ended = [change for change in changes if change not in became and _was_due(change)]
    parts = [part for part in (_became(became), _ended(ended)) if part]
    if parts:
        return "; ".join(parts)
    if all(change.before is None for change in changes):
        return f"{count(len(changes), 'feature')} judged for the first time, none is due"
    return f"{count(len(changes), 'verdict')} changed, nothing became due"


def _became(changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    if len(changes) == 1:
        only = changes[0]
        worth = monthly(only.saving_after_usd_month)
        return f"{_short(only.name)} is now due for {strategy(only.after.target)}, {worth}"
    savings = [change.saving_after_usd_month for change in changes if change.saving_after_usd_month is not None]
    worth = f", {monthly(sum(savings, ZERO))} in all" if savings else ""
    return f"{count(len(changes), 'feature')} became due{worth}"


def _ended(changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    if len(changes) == 1:
        return f"{_short(changes[0].name)} is no longer due"
    return f"{count(len(changes), 'feature')} are no longer due"


def _was_due(change: Change) -> bool:
    return change.before is not None and change.before.verdict == Outcome.DUE


def _short(name: str) -> str:
    return one_line(name, _LONGEST_NAME)
