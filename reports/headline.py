"""The one sentence that a week comes down to: fit for a subject line."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.queries.ledger import Migration
from reports.facts import WeekFacts
from reports.lines import one_line
from reports.value import BlindSpots, Change, Drift, DueList, PriceMove
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
    changes: Sequence[Change], due: DueList, drifts: Sequence[Drift], blind: BlindSpots, facts: WeekFacts
) -> Headline:
    """What mattered most: decisions, dates that passed, finished moves, prices, quality, sources that failed."""
    week = facts.week
    passed = [
        item for item in due.items if item.due_by and week.monday <= item.due_by <= week.last_day and item.overdue
    ]
    if changes:
        return Headline(_decisions(changes), quiet=False)
    if passed:
        one = f"{_short(passed[0].name)} is past its date"
        return Headline(one if len(passed) == 1 else f"{len(passed)} decisions are past their dates", quiet=False)
    if finished := [made for made in facts.migrations if week.start <= made.finished_at < facts.cutoff]:
        return Headline(_finished(finished), quiet=False)
    other = _without_a_verdict(facts.prices_changed, drifts, blind)
    if other is not None:
        return Headline(other, quiet=False)
    if not facts.verdicts:
        return Headline("Nothing has been judged yet", quiet=not facts.use.total.calls)
    return Headline("Nothing changed", quiet=True)


def _finished(made: Sequence[Migration]) -> str:
    if len(made) > 1:
        return f"{len(made)} migrations were finished, no verdict changed"
    return f"{_short(made[0].name or made[0].feature)} now runs on {strategy(made[0].target)}, no verdict changed"


def _without_a_verdict(prices: Sequence[PriceMove], drifts: Sequence[Drift], blind: BlindSpots) -> str | None:
    """News that turned no verdict, None where there is none."""
    if prices:
        return f"{count(len(prices), 'price')} changed, no verdict did"
    fell = [drift for drift in drifts if drift.kind in {"below_floor", "worse"}]
    if fell:
        return _quality(fell)
    return f"{count(len(blind.sources), 'source')} had trouble, no verdict changed" if blind.sources else None


def _quality(fell: Sequence[Drift]) -> str:
    features = {drift.feature for drift in fell}
    if len(features) > 1:
        return f"The quality of {len(features)} features fell, no verdict changed"
    how = "fell below its floor" if fell[0].kind == "below_floor" else "fell"
    return f"{_short(fell[0].name)}: quality {how}, no verdict changed"


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
        saving = only.saving_after_usd_month
        worth = "saving not known" if saving is None else f"saving {monthly(saving)}"
        return f"{_short(only.name)} should now move to {strategy(only.after.target)}, {worth}"
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
