"""What another way would have cost: 0 ≤ saved ≤ spent, and bad days are not left out."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategy.cost import Plan
from strategy.hindsight import Missed, lead_time, plan_for
from strategy.money import ZERO
from tests.strategy.made import DISTILL_COSTS, POLICY, feature, snapshot

PLAN = Plan(option="embed", usd_per_call=Decimal("0.001"), fixed_usd_month=Decimal(300))


def test_a_day_costs_its_calls_and_a_thirtieth_of_the_month() -> None:
    """1,000 calls at $0.001 and $300 a month are $11; at $30 spent, $19 would have been spared."""
    missed = Missed().and_day(Decimal(30), 1_000, PLAN)
    assert (missed.would_have, missed.saved, missed.days) == (Decimal(11), Decimal(19), 1)


def test_an_unknown_day_counts_for_nothing() -> None:
    """Neither a day without a known cost nor one without a plan moves the sum."""
    missed = Missed().and_day(None, 1_000, PLAN).and_day(Decimal(30), 1_000, None)
    assert (missed.saved, missed.days, missed.unknown_days) == (ZERO, 0, 2)


def test_bad_days_are_not_left_out() -> None:
    """A day on which the target is dearer is taken off the days on which it is not."""
    missed = Missed().and_day(Decimal(30), 1_000, PLAN).and_day(Decimal(1), 1_000, PLAN)
    assert missed.saved == Decimal(9)


@given(st.lists(st.tuples(st.decimals(0, 1000, places=2), st.integers(0, 10**6)), max_size=20))
def test_saved_lies_between_nothing_and_what_was_spent(days: list[tuple[Decimal, int]]) -> None:
    """0 ≤ saving ≤ spend, whatever the days."""
    missed = Missed()
    for cost, calls in days:
        missed = missed.and_day(cost, calls, PLAN)
    assert 0 <= missed.saved <= missed.spent == sum((cost for cost, _ in days), ZERO)


def test_the_plan_is_that_of_the_snapshot() -> None:
    """The owner's own figures for distilling are the plan; an option nobody can price has none."""
    plan = plan_for(snapshot(feature(costs=DISTILL_COSTS)), POLICY, "distill")
    assert plan is not None
    assert plan.monthly(Decimal(1_000)) == Decimal(1203)
    assert plan_for(snapshot(), POLICY, "prompt") is None


@pytest.mark.parametrize(("option", "days"), [("code", 1), ("embed", 3), ("distill:own", 36), ("prompt", 1)])
def test_a_move_takes_its_time(option: str, days: int) -> None:
    """The geometric mean of the matrix's range, whole days."""
    assert lead_time(option, POLICY) == timedelta(days=days)
