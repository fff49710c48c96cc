"""At a flip point the outcome differs; one step short of it, it does not."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from strategy.case import WhatIf, case_of
from strategy.core import find
from strategy.facts import Snapshot
from strategy.flips import flip_points
from strategy.judge import judge
from strategy.kinds import Outcome, Strategy
from strategy.verdict import FlipPoint
from tests.strategy.made import DISTILL_COSTS, POLICY, feature, proven, snapshot
from tests.strategy.random_flips import by_hand, case_at, situation
from tests.strategy.test_judge import DUE, HELD

STEP = {"calls_per_day": Decimal(1), "one_off_usd": Decimal(1)}
ASK: dict[str, Callable[[str, Decimal], WhatIf]] = {
    "calls_per_day": lambda _, value: WhatIf(calls_per_day=value),
    "present_price": lambda _, value: WhatIf(present_price=value),
    "target_price": lambda option, value: WhatIf(option=option, target_price=value),
    "score": lambda option, value: WhatIf(option=option, score=value),
    "one_off_usd": lambda option, value: WhatIf(option=option, one_off_usd=value),
    "code_share": lambda _, value: WhatIf(code_share=value),
}
CASES = DUE | {why: of for why, (of, _, _) in HELD.items()}


@pytest.mark.parametrize("name", CASES)
def test_beyond_a_flip_point_the_verdict_changes_and_short_of_it_not(name: str) -> None:
    """For every input of every strategy's verdict, asked of the stateless judgement again."""
    of = CASES[name]
    verdict = judge(of, POLICY)
    case = case_of(of, POLICY.with_constants(of.constants), of.as_of)
    assert verdict.flip_points
    for flip in verdict.flip_points:
        step = STEP.get(flip.input, Decimal("0.0001"))
        short = flip.at - step if flip.at > flip.now else flip.at + step
        ask = ASK[flip.input]
        assert find(case, ask(str(verdict.target), flip.at)).outcome is flip.outcome is not verdict.outcome
        assert find(case, ask(str(verdict.target), short)).outcome is verdict.outcome


def flip(of: Snapshot, name: str) -> list[FlipPoint]:
    """The flips of one input."""
    return [each for each in judge(of, POLICY).flip_points if each.input == name]


def test_the_break_even_and_the_flip_are_one_number() -> None:
    """Due from the break-even on; one call a day fewer and it is only near."""
    due = snapshot(feature(costs=DISTILL_COSTS), scores=proven("distill"))
    verdict = judge(due, POLICY)
    at = Decimal((verdict.breakeven_calls_per_day or 0) - 1)
    assert 50_000 < at < 100_000
    assert flip(due, "calls_per_day") == [
        FlipPoint(input="calls_per_day", now=Decimal(100_000), at=at, outcome=Outcome.WATCH)
    ]


def test_each_input_that_bears_on_it_has_its_flip() -> None:
    """Hybrid has a code share, an evaluated target a score, a measured present a price."""
    assert {each.input for each in judge(DUE["hybrid"], POLICY).flip_points} >= {"code_share", "one_off_usd"}
    assert {each.input for each in judge(DUE["embed"], POLICY).flip_points} >= {"score", "present_price"}
    assert "present_price" not in {each.input for each in judge(DUE["prompt"], POLICY).flip_points}


def test_a_quiet_feature_has_a_flip_above() -> None:
    """One call a day: it would take many more."""
    quiet = snapshot(feature(costs=DISTILL_COSTS, strategy=Strategy.PROMPT), calls=[10] * 60, scores=proven("distill"))
    above = flip(quiet, "present_price")
    assert above == []
    assert flip(replace(quiet), "calls_per_day") == []


@pytest.mark.parametrize("seed", [*range(12), 30, 76, 128])
def test_switches_find_what_asking_at_every_step_finds(seed: int) -> None:
    """The same points as the whole judgement tells; `python -m tests.strategy.random_flips` asks of thousands."""
    case, finding = case_at(situation(seed))
    assert flip_points(case, finding) == by_hand(case, finding)
