"""Paired evals: Tango's test, the sample sizes of decision research, and calibrated beliefs."""

import math
import random
from dataclasses import replace
from statistics import NormalDist

import pytest

from offramp.policy import load_policy
from strategy.fleet import Fleet, hazard_of
from strategy.paired import AS_TODAY, Belief, Paired, belief_of, items_to_prove, tango
from strategy.terms import Prior, terms_of

TERMS = terms_of(load_policy())
EVAL = Paired(both_ok=850, base_only=50, cand_only=50, both_bad=50)


@pytest.mark.parametrize(
    ("margin", "discord", "advantage", "items"),
    [
        (0.01, 0.05, 0.0, 3090),
        (0.01, 0.10, 0.0, 6180),
        (0.01, 0.10, 0.01, 1544),
        (0.01, 0.20, 0.0, 12360),
        (0.02, 0.05, 0.0, 773),
        (0.02, 0.10, 0.0, 1545),
        (0.02, 0.10, 0.01, 686),
        (0.02, 0.20, 0.0, 3090),
        (0.03, 0.05, 0.0, 344),
        (0.03, 0.10, 0.0, 687),
        (0.03, 0.10, 0.01, 386),
        (0.03, 0.20, 0.0, 1374),
        (0.05, 0.05, 0.0, 124),
        (0.05, 0.10, 0.0, 248),
        (0.05, 0.10, 0.01, 172),
        (0.05, 0.20, 0.0, 495),
    ],
)
def test_the_items_wanted_are_those_of_the_handbook(
    margin: float, discord: float, advantage: float, items: int
) -> None:
    """The table of decision research, section 5, within its rounding."""
    assert items_to_prove(margin, discord, advantage) == pytest.approx(items, rel=0.002, abs=1)


def test_no_number_of_items_proves_what_is_not_so() -> None:
    """At or below the margin there is none."""
    assert items_to_prove(0.02, 0.1, -0.02) is None
    assert items_to_prove(0.02, 0.0, 0.0) == 1


def test_tango_by_hand() -> None:
    """Against no difference it is McNemar's z; with no discord and no margin it is nothing."""
    assert tango(Paired(80, 5, 15, 0), 0.0) == pytest.approx(10 / math.sqrt(20))
    assert tango(Paired(80, 15, 5, 0), 0.0) == pytest.approx(-10 / math.sqrt(20))
    assert tango(Paired(100, 0, 0, 0), 0.0) == 0.0
    assert tango(Paired(100, 0, 0, 0), 0.05) > 1.645


def test_tango_holds_its_size() -> None:
    """A candidate exactly at the margin passes a nominal 5 % in about 5 of 100 evals."""
    draw = random.Random(20261122)  # noqa: S311 (a seeded simulation)
    passed, evals, n = 0, 1500, 300
    for _ in range(evals):
        counts = [0, 0, 0]
        for place in draw.choices((0, 1, 2), weights=(0.88, 0.07, 0.05), k=n):
            counts[place] += 1
        passed += tango(Paired(counts[0], counts[1], counts[2], 0), 0.02) > NormalDist().inv_cdf(0.95)
    assert 0.035 < passed / evals < 0.065


def test_pooling_adds_items() -> None:
    """Two evals are one of both sizes, with less doubt."""
    both = EVAL.plus(EVAL)
    assert (both.n, both.base_only) == (2000, 100)
    assert both.difference()[1] < EVAL.difference()[1]


def test_the_belief_is_between_the_prior_and_the_eval() -> None:
    """A better eval than expected pulls the belief up, part of the way, and narrows it."""
    prior = Prior(-0.02, 0.02)
    before, after = belief_of(None, prior, TERMS), belief_of(EVAL, prior, TERMS)
    assert before.mean == pytest.approx(-0.02)
    assert -0.02 < after.mean < 0.0
    assert after.sd < before.sd
    assert after.at_least(-0.03) > before.at_least(-0.03)


def test_an_option_that_is_not_of_its_kind_is_not_excused_by_it() -> None:
    """Thirty points worse on 150 items is believed, whatever its kind is usually like."""
    bad = belief_of(Paired(75, 55, 10, 10), Prior(0.0, 0.03), TERMS)
    assert bad.mean < -0.15
    assert bad.at_least(-0.03) < 0.05


def test_today_is_as_good_as_today() -> None:
    """The baseline neither gains nor loses, for sure."""
    assert (AS_TODAY.mean, AS_TODAY.sd, AS_TODAY.at_least(0.0), AS_TODAY.at_least(0.01)) == (0.0, 0.0, 1.0, 0.0)
    assert Belief(((1.0, 0.0, 0.02),)).at_least(0.0) == 0.5


def test_the_fleet_teaches_the_next_feature() -> None:
    """Twenty features on which a cheaper model lost five points lower the prior; its own eval is not counted twice."""
    seen = {("prompt:cheaper_model", "open"): {f"f{k}": (-0.05 + 0.001 * (k % 5), 1e-4) for k in range(20)}}
    start = TERMS.priors["prompt:cheaper_model"]
    learnt = Fleet(seen).prior("prompt:cheaper_model", "open", "new", TERMS)
    assert -0.05 < learnt.mean < start.mean
    assert learnt.sd < start.sd * 1.2
    assert Fleet(seen).prior("prompt:cheaper_model", "classify", "new", TERMS) == start
    assert Fleet().prior("embed", "open", "new", TERMS) == TERMS.priors["embed"]
    alone = {("embed", "open"): {"mine": (0.2, 1e-4)}}
    assert Fleet(alone).prior("embed", "open", "mine", TERMS) == TERMS.priors["embed"]


def score_statistic(counts: Paired, margin: float) -> float:
    """Tango's statistic with its constrained estimate found by searching the likelihood, not by the closed form."""
    n, up, down, delta = counts.n, counts.cand_only, counts.base_only, -margin
    low, high = max(0.0, -delta), (1.0 - delta) / 2.0

    def likelihood(down_rate: float) -> float:
        cells = ((up, down_rate + delta), (down, down_rate), (n - up - down, 1.0 - 2.0 * down_rate - delta))
        return sum(count * math.log(max(rate, 1e-300)) for count, rate in cells if count)

    for _ in range(200):
        left, right = low + (high - low) / 3.0, high - (high - low) / 3.0
        low, high = (left, high) if likelihood(left) < likelihood(right) else (low, right)
    variance = n * (2.0 * low + delta - delta**2)
    return (up - down - n * delta) / math.sqrt(variance)


@pytest.mark.parametrize("margin", [0.0, 0.01, 0.05, 0.3])
@pytest.mark.parametrize(
    "counts",
    [
        pytest.param(Paired(2, 0, 1, 0), id="three items"),
        pytest.param(Paired(80, 5, 15, 0), id="better"),
        pytest.param(Paired(70, 20, 4, 6), id="worse"),
        pytest.param(Paired(850, 50, 50, 50), id="even"),
        pytest.param(Paired(10, 0, 30, 5), id="much better"),
    ],
)
def test_tango_is_the_score_statistic(counts: Paired, margin: float) -> None:
    """The closed form agrees with a search for the constrained estimate."""
    assert tango(counts, margin) == pytest.approx(score_statistic(counts, margin), rel=1e-5)


def test_tango_on_a_handful() -> None:
    """Three items without discord at a margin of 5 %: 3 × 0.05 over the root of 3 × (0.1 − 0.05 × 1.05)."""
    assert tango(Paired(3, 0, 0, 0), 0.05) == pytest.approx(0.15 / math.sqrt(3 * (0.1 - 0.05 * 1.05)))


def test_the_difference_by_hand() -> None:
    """Half an item more of each discord: 41 and 11 of 101 items."""
    advantage, variance = Paired(40, 10, 40, 10).difference()
    assert advantage == pytest.approx(30 / 101)
    assert variance == pytest.approx((51 / 101 - (30 / 101) ** 2) / 101)


@pytest.mark.parametrize("counts", [EVAL, Paired(75, 55, 10, 10), Paired(40, 5, 14, 1)])
def test_the_belief_is_bayes(counts: Paired) -> None:
    """Mean, spread and tail agree with the posterior added up on a grid."""
    prior = Prior(-0.02, 0.03)
    seen, noise = counts.difference()
    kinds = ((1.0 - TERMS.surprise_share, prior.sd), (TERMS.surprise_share, max(prior.sd, TERMS.surprise_sd)))
    grid = [-1.0 + step / 4000 for step in range(8001)]
    heights = [
        sum(weight * NormalDist(prior.mean, sd).pdf(at) for weight, sd in kinds)
        * NormalDist(at, math.sqrt(noise)).pdf(seen)
        for at in grid
    ]
    whole = sum(heights)
    mean = sum(at * height for at, height in zip(grid, heights, strict=True)) / whole
    spread = math.sqrt(sum((at - mean) ** 2 * height for at, height in zip(grid, heights, strict=True)) / whole)
    above = sum(height for at, height in zip(grid, heights, strict=True) if at >= -0.03) / whole
    belief = belief_of(counts, prior, TERMS)
    assert belief.mean == pytest.approx(mean, abs=1e-6)
    assert belief.sd == pytest.approx(spread, rel=1e-3)
    assert belief.at_least(-0.03) == pytest.approx(above, abs=2e-3)


def test_a_large_advantage_needs_fewer_items() -> None:
    """6.18 × (0.4 − 0.3²) / (0.02 + 0.3)² is 19 items; without an advantage stated none is taken for granted."""
    assert items_to_prove(0.02, 0.4, 0.3) == 19
    assert items_to_prove(0.02, 0.10) == 1546


def test_the_fleet_tells_how_long_features_last() -> None:
    """No record: the constant; ten ends in ten years of features move it up; a weight of none keeps it."""
    assert hazard_of(0, 0, TERMS) == TERMS.hazard
    assert hazard_of(10, 3650, TERMS) == round(14 / (4 / TERMS.hazard + 10), 2)
    assert hazard_of(10, 3650, replace(TERMS, hazard_weight=0.0)) == TERMS.hazard
    assert hazard_of(10, 3650, replace(TERMS, hazard=0.0)) == 0.0
