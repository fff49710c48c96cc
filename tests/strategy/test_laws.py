"""Laws of the judge that hold for every strategy: order, units and currency do not matter; flip points are real."""

from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategy.core import find
from strategy.facts import Score, Snapshot
from strategy.flips import _levers, flip_points, focus_of
from strategy.judge import judge, outcome_of
from strategy.kinds import Strategy
from strategy.snapshot import canonical
from strategy.verdict import Verdict, document
from tests.strategy.made import CHEAP, FUNCTION, LABELS, POLICY, feature, mix, proven, snapshot
from tests.strategy.moved import moved, outcome
from tests.strategy.random_flips import case_at, situation
from tests.strategy.test_judge import DUE, HELD

EVERY = DUE | {why: of for why, (of, _, _) in HELD.items()}
BACK = {
    "from code": snapshot(feature(LABELS, strategy=Strategy.CODE), scores=proven("embed", "code")),
    "from embed": snapshot(
        feature(FUNCTION, strategy=Strategy.EMBED), calls=3_000_000, carries=(mix(84_000_000, CHEAP),)
    ),
    "from hybrid": snapshot(feature(LABELS, strategy=Strategy.HYBRID), scores=proven("embed", "hybrid")),
    "from distill": snapshot(feature(LABELS, strategy=Strategy.DISTILL), scores=proven("embed", "distill")),
}
_T = TypeVar("_T")
STEP = {"calls_per_day": Decimal(1), "one_off_usd": Decimal(1)}


@pytest.mark.parametrize("name", EVERY | BACK)
def test_a_feature_that_really_lives_beyond_a_flip_point_is_judged_so(name: str) -> None:
    """Its traffic, book, costs, score or profile written anew: at the point the outcome differs, one step short not."""
    of = (EVERY | BACK)[name]
    said = judge(of, POLICY)
    for flip in said.flip_points:
        if flip.input == "target_price":
            continue  # The price of own weights is no line of the book; the stateless law asks of it.
        step = STEP.get(flip.input, Decimal("0.0001"))
        short = flip.at - step if flip.at > flip.now else flip.at + step
        target = said.target or ""
        assert outcome(moved(of, flip.input, flip.at, target)) == flip.outcome != said.outcome, flip
        assert outcome(moved(of, flip.input, short, target)) == said.outcome, flip


def test_at_a_flip_point_it_turns_for_every_strategy_and_every_input() -> None:
    """Every figure of a feature on each of the five strategies: beyond the point it differs, short of it not."""
    seen: set[tuple[str, str]] = set()
    for seed in (25, 96, 143, 271, 299, 386):
        case, finding = case_at(situation(seed))
        levers = {lever.name: lever for lever in _levers(case, focus_of(finding))}
        for flip in flip_points(case, finding):
            lever = levers[flip.input]
            short = flip.at - lever.step if flip.at > flip.now else flip.at + lever.step
            assert find(case, lever.ask(flip.at)).outcome is flip.outcome is not finding.outcome
            assert find(case, lever.ask(short)).outcome is find(case).outcome
            seen.add((case.snapshot.feature.strategy, flip.input))
    figures = {"calls_per_day", "present_price", "target_price", "score", "one_off_usd"}
    assert seen == {(now, name) for now in Strategy for name in figures} | {(Strategy.PROMPT, "code_share")}


def _shuffled(of: Snapshot, chance: Random) -> Snapshot:
    def mixed(items: tuple[_T, ...]) -> tuple[_T, ...]:
        return tuple(chance.sample(items, len(items)))

    usage = replace(of.usage, days=mixed(of.usage.days), mix=mixed(of.usage.mix))
    return replace(
        of,
        usage=usage,
        prices=mixed(of.prices),
        scores=mixed(of.scores),
        retirements=mixed(of.retirements),
        constants=mixed(of.constants),
    )


@settings(max_examples=8, deadline=None)
@given(name=st.sampled_from(sorted(EVERY | BACK)), seed=st.integers(0, 2**32))
def test_the_order_of_rows_does_not_matter(name: str, seed: int) -> None:
    """Facts in any order give the same document, byte for byte, and the same snapshot."""
    of = (EVERY | BACK)[name]
    shuffled = _shuffled(of, Random(seed))  # noqa: S311 (an order, not a secret)
    assert canonical(shuffled) == canonical(of)
    assert document(judge(shuffled, POLICY)) == document(judge(of, POLICY))


def _in_another_currency(of: Snapshot, rate: Decimal) -> Snapshot:
    """Every amount of money times a rate: the book, the owner's costs, and each constant that is an amount."""
    constants = tuple(
        (name, str(Decimal(value) * rate) if "USD" in POLICY.constants[name.partition(".")[0]].unit else value)
        for name, value in of.constants
    )
    costs = tuple(
        (
            strategy,
            replace(
                own,
                **{
                    name: None if (usd := getattr(own, name)) is None else usd * rate
                    for name in ("one_off_usd", "monthly_usd", "usd_per_call")
                },
            ),
        )
        for strategy, own in of.feature.costs
    )
    return replace(
        of,
        prices=tuple(replace(line, usd_per_mtok=line.usd_per_mtok * rate) for line in of.prices),
        feature=replace(of.feature, costs=costs),
        constants=constants,
    )


@settings(max_examples=8, deadline=None)
@given(name=st.sampled_from(sorted(EVERY | BACK)), rate=st.sampled_from(["0.01", "0.92", "150", "1000"]))
def test_the_currency_does_not_matter(name: str, rate: str) -> None:
    """In yen or in cents: the same outcome and target, the same volume flips it, and every amount is times the rate."""
    of, times = (EVERY | BACK)[name], Decimal(rate)
    plain, other = judge(of, POLICY), judge(_in_another_currency(of, times), POLICY)
    assert (plain.outcome, plain.code, plain.target) == (other.outcome, other.code, other.target)
    assert _calls(plain) == _calls(other)
    if plain.saving_usd_month is None:
        assert other.saving_usd_month is None
    else:
        assert other.saving_usd_month == plain.saving_usd_month * times
    assert [usd and usd * times for _, usd in plain.money.base.monthly_usd] == [
        usd for _, usd in other.money.base.monthly_usd
    ]


def _calls(said: Verdict) -> list[tuple[Decimal, str]]:
    return [(flip.at, flip.outcome) for flip in said.flip_points if flip.input == "calls_per_day"]


@settings(max_examples=8, deadline=None)
@given(name=st.sampled_from(sorted(EVERY | BACK)), top=st.sampled_from([5, 10, 100]))
def test_the_unit_of_a_score_does_not_matter(name: str, top: int) -> None:
    """Shares or points of a hundred: the same verdict, with floor and margin in the same unit."""
    of = (EVERY | BACK)[name]

    def in_points(each: Score) -> Score:
        return replace(each, score=each.score * top, scale_min=Decimal(0), scale_max=Decimal(top))

    quality = of.feature.quality
    points = replace(
        of,
        scores=tuple(in_points(each) for each in of.scores),
        feature=replace(
            of.feature,
            quality=replace(
                quality,
                floor=None if quality.floor is None else quality.floor * top,
                margin=None if quality.margin is None else quality.margin * top,
            ),
        ),
    )
    assert outcome_of(points, POLICY) == outcome_of(of, POLICY)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=12, unique=True))
def test_a_portfolio_never_saves_more_than_it_spends(seeds: list[int]) -> None:
    """One option per feature, each between nothing and its spend: so is their sum, at every level of the estimates."""
    said = [judge(situation(seed), POLICY) for seed in seeds]
    for level in ("low", "base", "high"):
        figures = [getattr(each.money, level) for each in said]
        spend = [dict(each.monthly_usd)[verdict.now] or Decimal(0) for each, verdict in zip(figures, said, strict=True)]
        saved = [each.saving_usd_month or Decimal(0) for each in figures]
        assert all(0 <= one <= most for one, most in zip(saved, spend, strict=True))
        assert sum(saved) <= sum(spend)


def test_every_present_strategy_is_among_those_asked() -> None:
    """None of the laws is about prompts alone."""
    assert {of.feature.strategy for of in (EVERY | BACK).values()} == set(Strategy)
    assert {judge(of, POLICY).outcome for of in EVERY.values()} == {"due", "watch", "blocked"}
