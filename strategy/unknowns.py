"""What nobody said, and which answer would matter most: each unknown property judged with each answer it may have.

“Tell us the error cost: if it is high, the answer becomes code.” An answer matters by what it does to the verdict: most
where a move becomes due or ceases to be, then where another way is meant, then by the money. What an answer does not
touch (volume, prices, the worth of each way) is not worked out again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from strategy.case import Case, with_task
from strategy.core import Finding, find
from strategy.cost import Plan
from strategy.fields import TASK_FIELDS_BY_NAME
from strategy.kinds import Code, Outcome
from strategy.money import ZERO
from strategy.prospect import Weighed
from strategy.tell_us import answer_told, becomes, tell_us

_ALLOWED = {name: spec.allowed for name, spec in TASK_FIELDS_BY_NAME.items()}
ANSWERS: Mapping[str, tuple[object, ...]] = {
    "determinism": _ALLOWED["determinism"],
    "input_space": _ALLOWED["input_space"],
    "output_space": _ALLOWED["output_space"],
    "error_cost": _ALLOWED["error_cost"],
    "latency_budget_ms": (5, 30, 200, 2000),
    "labelled_examples": (0, 500),
    "examples_diverse": (False,),
    "share_deterministic": (Decimal("0.95"),),
    "code_share": (Decimal("0.5"),),
    "change_frequency": ("high",),
    "must_switch_models": (True,),
    "quality_gap": (True,),
    "private_data": (True,),
    "knowledge_changes": (True,),
    "needs_citation": (True,),
    "behaviour_locked": (True,),
    "days_to_production": (7,),
}
"""The answers tried: every word of a choice, a telling number of a range, the answer of a flag that changes things."""

_Told = tuple[Outcome, Code | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One answer to one unknown property that changes the verdict, and to what."""

    name: str
    value: object
    outcome: Outcome
    code: Code | None
    target: str | None
    moves: bool
    usd_month: Decimal

    def sentence(self, now: str) -> str:
        """What to tell us, and what then."""
        return tell_us(self.name, self.value, becomes(self.outcome, self.code, self.target, now))

    def note(self) -> str:
        """The change in brackets behind a question."""
        then = " ".join(part for part in (self.outcome, self.target, f"({self.code})" if self.code else "") if part)
        return f"if {answer_told(self.value)}: {then}"


def matters(case: Case) -> tuple[Matter, ...]:
    """Each answer that changes outcome or target, the one that matters most first; none before there is traffic."""
    known: dict[Plan, Weighed] = {}
    today = find(case, known=known)
    if today.code is Code.COLD_START or today.present is None:
        return ()
    found = [matter for name in ANSWERS for matter in _of(case, today, name, known)]
    return tuple(sorted(found, key=lambda each: (not each.moves, -each.usd_month)))


def _of(case: Case, today: Finding, name: str, known: dict[Plan, Weighed]) -> Iterator[Matter]:
    """The answers to one property; those of a property that is known are none."""
    task = case.snapshot.feature.task
    if getattr(task, name) is not None:
        return
    before, was = _told(today), _due_usd(today)
    for value in ANSWERS[name]:
        asked = with_task(case, replace(task, **{name: value}))  # type: ignore[arg-type]  # each value is one the field takes
        found = find(asked, known=known)
        outcome, code, target = _told(found)
        if (outcome, target) != (before[0], before[2]):
            usd = abs(_due_usd(found) - was)
            moves = Outcome.DUE in {outcome, before[0]}
            yield Matter(name=name, value=value, outcome=outcome, code=code, target=target, moves=moves, usd_month=usd)


def _told(finding: Finding) -> _Told:
    return finding.outcome, finding.code, finding.chosen.plan.option if finding.chosen else None


def _due_usd(finding: Finding) -> Decimal:
    """What is saved by the move that is due, USD a month."""
    return finding.chosen.saving_usd_month if finding.outcome is Outcome.DUE and finding.chosen else ZERO
