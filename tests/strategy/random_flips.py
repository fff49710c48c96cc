"""Flip points beside the plain way to find them: ask the whole judgement at every step of the walk.

`python -m tests.strategy.random_flips 2000` compares them in so many random situations; the suite does it in a few.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from random import Random

from strategy.announced import decided
from strategy.case import Case, case_of
from strategy.core import Finding, find
from strategy.facts import Score, Snapshot
from strategy.flips import _down, _Lever, _levers, _up, flip_points
from strategy.kinds import Code, Outcome, Strategy
from strategy.profile import CostOverride, TaskProfile
from strategy.snapshot import canonical
from strategy.verdict import FlipPoint
from tests.strategy.made import (
    BEFORE_CUT,
    CHEAP,
    CUT,
    FREE_TEXT,
    FUNCTION,
    LABELS,
    LUNA,
    POLICY,
    feature,
    mix,
    score,
    snapshot,
)

_OPTIONS = (
    "code",
    "embed",
    "distill",
    "distill:own",
    "distill:hosted",
    "hybrid",
    "prompt:cheaper_model",
    "prompt:tuned",
    "hybrid:rag",
)


def situation(seed: int) -> Snapshot:
    """A feature, alike for a seed: any strategy, task, volume, prices, costs and evals."""
    chance = Random(seed)  # noqa: S311 (situations, not secrets)
    now = chance.choice([Strategy.PROMPT] * 4 + list(Strategy))
    calls = int(10 ** chance.uniform(1.5, 6.5))
    costs = tuple(
        (
            strategy,
            CostOverride(
                engineer_days=_some(chance, 40), one_off_usd=_some(chance, 5000), monthly_usd=_some(chance, 900)
            ),
        )
        for strategy in Strategy
        if chance.random() < 0.3
    )
    if costs and chance.random() < 0.3:
        costs = (
            (costs[0][0], replace(costs[0][1], usd_per_call=Decimal(chance.randint(0, 400)).scaleb(-6))),
            *costs[1:],
        )
    level = [max(1, int(calls * (1 + chance.uniform(-0.02, 0.03)) ** day)) for day in range(60)]
    of = snapshot(
        feature(_needing(chance, _task(chance)), strategy=now, costs=costs, exit_note=chance.choice(["later", None])),
        at=chance.choice([BEFORE_CUT, CUT]),
        calls=level,
        carries=(mix(max(1, calls * 28), chance.choice([LUNA, LUNA, CHEAP, None]), tokens=_size(chance)),),
        scores=tuple(_scores(chance, now)),
    )
    return replace(of, constants=()) if chance.random() < 0.1 else of


def _some(chance: Random, most: int) -> Decimal | None:
    return chance.choice([None, Decimal(chance.randint(0, most))])


def _size(chance: Random) -> tuple[int, int]:
    return chance.choice([(800, 60), (60, 5), (6000, 900), (1500, 1)])


def _task(chance: Random) -> TaskProfile:
    if chance.random() < 0.6:
        return replace(chance.choice([FREE_TEXT, LABELS, FUNCTION]), code_share=chance.choice([None, Decimal("0.6")]))
    return TaskProfile(
        determinism=chance.choice(["yes", "mostly", "partially", "no", None]),
        input_space=chance.choice(["enumerable", "structured", "structured+open", "open", None]),
        output_space=chance.choice(["exact", "label", "retrieved", "structured", "free", None]),
        latency_budget_ms=chance.choice([50, 2000, 90_000_000, None]),
        error_cost=chance.choice(["low", "medium", "high", None]),
        labelled_examples=chance.choice([10, 1200, 5000, None]),
        examples_diverse=chance.choice([True, True, False, None]),
        days_to_production=chance.choice([5, 60, None]),
        code_share=chance.choice([None, Decimal("0.2"), Decimal("0.6"), Decimal(0)]),
    )


def _needing(chance: Random, task: TaskProfile) -> TaskProfile:
    """The task, in one situation of four with something that the ladder or knowledge asks for."""
    asked: dict[str, object] = {
        "quality_gap": True,
        "gap_cause": chance.choice(["knowledge", "style"]),
        "tried": chance.choice([(), ("prompt",)]),
        "private_data": True,
        "behaviour_locked": True,
        "prompt_exhausted": chance.choice([True, False]),
    }
    named = chance.sample(sorted(asked), chance.choice([0, 0, 0, 2]))
    return replace(task, **{name: asked[name] for name in named})  # type: ignore[arg-type]  # each value is one it takes


def _scores(chance: Random, now: Strategy) -> Iterator[Score]:
    if chance.random() < 0.8:
        yield score(now, str(round(chance.uniform(0.85, 0.95), 3)))
        for option in chance.sample(_OPTIONS, 3):
            yield score(option, str(round(chance.uniform(0.85, 0.98), 3)), chance.choice([100, 1000, 4000, None]))


def case_at(of: Snapshot) -> tuple[Case, Finding]:
    """The case of a situation and what is found there."""
    said = decided(case_of(canonical(of), POLICY.with_constants(of.constants), of.as_of))
    return said.case, said.finding


def by_hand(case: Case, finding: Finding) -> tuple[FlipPoint, ...]:
    """The flip points as the whole judgement tells them, asked at each step."""
    if finding.code is Code.COLD_START or finding.present is None:
        return ()
    focus = finding.chosen or max(finding.prospects, key=lambda p: (p.npv, p.plan.option), default=None)
    walks = [(lever, path) for lever in _levers(case, focus) for path in (_down(lever), _up(lever))]
    today = find(case).outcome
    found = (at for lever, path in walks if (at := _walked(case, today, lever, path)) is not None)
    return tuple(at for at in found if at.outcome is not finding.outcome)


def _walked(case: Case, outcome: Outcome, lever: _Lever, path: list[int]) -> FlipPoint | None:
    @cache
    def asked(point: int) -> Outcome:
        return find(case, lever.ask(point * lever.step)).outcome

    same: int | None = None
    for point in path:
        if asked(point) is outcome:
            same = point
            continue
        other = point
        while same is not None and abs(other - same) > 1:
            middle = (same + other) // 2
            same, other = (middle, other) if asked(middle) is outcome else (same, middle)
        return FlipPoint(input=lever.name, now=lever.now, at=other * lever.step, outcome=asked(other))
    return None


def main(count: int) -> None:
    """Compare in so many situations and say what was found."""
    flips = different = 0
    outcomes: dict[str, int] = {}
    for seed in range(count):
        case, finding = case_at(situation(seed))
        told, expected = flip_points(case, finding), by_hand(case, finding)
        flips += len(told)
        outcomes[finding.outcome] = outcomes.get(finding.outcome, 0) + 1
        if told != expected:
            different += 1
            sys.stdout.write(f"situation {seed} ({finding.outcome}, {finding.code}): {told} but {expected}" + "\n")
    sys.stdout.write(
        f"{count:,} situations, {flips:,} flip points, {different:,} situations differ; outcomes {outcomes}" + "\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
