"""What a migration is measured against comes out of the snapshot that its promise was made on."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from strategy.baseline import baseline_at, baseline_of, falls_short, feature_calls, running_costs
from strategy.kinds import Strategy
from strategy.ledger import Baseline
from strategy.prices import PriceBook
from strategy.profile import Quality
from tests.strategy.made import (
    BEFORE_CUT,
    CUT,
    DISTILL_COSTS,
    FREE_TEXT,
    POLICY,
    PRICES,
    feature,
    mix,
    proven,
    score,
    snapshot,
)


def test_the_baseline_is_the_four_weeks_before() -> None:
    """Older days do not count; a few unpriced calls are left out of the cost, many make it unknown."""
    made = snapshot()
    days = tuple(replace(use, cost_usd=Decimal(116), unpriced_calls=5_000) for use in made.usage.days)
    priced = replace(made, usage=replace(made.usage, days=days))
    assert baseline_of(priced, Decimal(7), POLICY) == Baseline(
        days=28, calls=Decimal(2_800_000), usage_usd=Decimal(28 * 116), running_usd_month=Decimal(7)
    )
    many = tuple(replace(use, unpriced_calls=20_000) for use in days)
    assert baseline_of(replace(made, usage=replace(made.usage, days=many)), Decimal(0), POLICY) is None


def test_code_has_no_calls_before() -> None:
    """What reached a model of a coded feature is not its volume."""
    made = snapshot(feature(strategy=Strategy.CODE))
    found = baseline_of(made, Decimal(0), POLICY)
    assert found == Baseline(days=28, calls=Decimal(0), usage_usd=Decimal(0), running_usd_month=Decimal(0))


@pytest.mark.parametrize(
    ("strategy", "share", "calls"),
    [
        ("prompt", "0.5", "100"),
        ("hybrid", "0.5", "200"),
        ("hybrid", None, "100"),
        ("hybrid", "1", "100"),
        ("code", None, None),
    ],
)
def test_calls_that_code_answers_are_counted_by_the_declared_share(
    strategy: str, share: str | None, calls: str | None
) -> None:
    """Hybrid scales what is seen, where the share is known; code is seen by nobody."""
    known = None if share is None else Decimal(share)
    found = feature_calls(Decimal(100), Strategy(strategy), known)
    assert found == (None if calls is None else Decimal(calls))


def test_the_old_tokens_at_other_prices() -> None:
    """A fifth after the cut; the last price where a model is no longer sold; nothing for what had no price."""
    made = snapshot(carries=(mix(1_000_000), mix(1_000, None)))
    book = PriceBook(PRICES)
    assert baseline_at(made, book, BEFORE_CUT) == Decimal(1160)
    assert baseline_at(made, book, CUT) == Decimal(232)
    assert baseline_at(made, PriceBook(()), CUT + timedelta(days=400)) == Decimal(1160)


def test_running_costs_are_those_of_the_promise() -> None:
    """An owner's monthly figure for the target; none for a prompt, nor where no plan is known."""
    made = snapshot(feature(FREE_TEXT, costs=DISTILL_COSTS))
    assert running_costs(made, "distill", POLICY) == (Decimal(0), Decimal(1200))
    assert running_costs(made, "hybrid", POLICY) == (Decimal(0), Decimal(0))
    assert running_costs(snapshot(prices=()), "distill", POLICY)[0] == 0


@pytest.mark.parametrize(
    ("version", "reached", "least"),
    [("2", "0.895", "0.90"), ("2", "0.90", None), ("3", "0.89", None), ("3", "0.84", "0.85"), ("2", "42", None)],
)
def test_a_live_score_must_hold_the_gate(version: str, reached: str, least: str | None) -> None:
    """The baseline's evaluator asks for 0.92 less the margin of 0.02; another one for the floor alone."""
    quality = Quality(metric="accuracy", floor=Decimal("0.85"), margin=Decimal("0.02"))
    made = snapshot(feature(quality=quality), scores=proven("embed"))
    found = falls_short(made, "embed", score("embed", reached, evaluator_version=version), POLICY)
    assert found == (None if least is None else Decimal(least))


def test_without_floor_or_baseline_nothing_is_asked() -> None:
    """A score that has nothing to be held against fails nothing."""
    assert falls_short(snapshot(), "embed", score("embed", "0.1"), POLICY) is None
