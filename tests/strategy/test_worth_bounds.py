"""The bounds of what a move is worth, on points made by hand: each test passes exactly at its bound, not beside it."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest

from strategy.cost import Plan
from strategy.forecast import Forecast
from strategy.kinds import Strategy
from strategy.npv import Served
from strategy.terms import terms_of
from strategy.worth import Asked, Lead, Outlook, lead_days, outlook_of, strayed
from tests.strategy.made import POLICY

# An overrun that is always one, so that every sum below can be done in the head.
TERMS = replace(terms_of(POLICY), hurdle=0.5, sure_pays=0.75, overrun_mean=0.0, overrun_sd=0.0)
FOUR = Served(calls=(2.0,) * 4, days=(1.0,) * 4, overrun=(1.0,) * 4, running=(-1.2816, 0.0, 0.0, 1.2816))


def plan(fixed: str = "0", unit: str = "0") -> Plan:
    """A plan in plain numbers."""
    return Plan(option="distill", usd_per_call=Decimal(unit), fixed_usd_month=Decimal(fixed))


def by_hand(served: Served = FOUR, *ends: Plan, **terms: float) -> Outlook:
    """What lies ahead where the points are given; `ends` are the plans at their low, base and high estimates."""
    means = (sum(each) / len(each) for each in (served.calls, served.days, served.overrun))
    leads = dict.fromkeys(Strategy, Lead(served, *means))
    known = {"distill": (ends[0], ends[1], ends[2])} if ends else {}
    return Outlook(replace(TERMS, **terms), Decimal(0), leads, known)  # type: ignore[arg-type]  # floats of the terms


def asked(outlook: Outlook, *, unit: float = 0.0, now: float = 0.0, then: float = 0.0, once: float = 0.0) -> Asked:
    """A move of so much a day."""
    lead = outlook.leads[Strategy.DISTILL]
    rest = {"unit": unit, "now": now, "then": then, "once": once}
    return Asked(outlook=outlook, plan=plan("1"), calls_per_day=Decimal(1), lead=lead, month=Decimal(1), **rest)


def test_the_least_that_is_worth_a_mention_is_met_exactly() -> None:
    """500 USD a year is enough, a hair less is not: for the question as a whole and for the one that is kept."""
    outlook = outlook_of(
        Forecast(1000.0, 0.0, 0.0, 28, 60), {"low": (), "base": (), "high": ()}, POLICY, terms_of(POLICY)
    )
    least = outlook.least_month
    assert least == Decimal(500) * 30 / 365
    for spared, worth in ((least, True), (least - Decimal("1e-20"), False)):
        assert outlook.is_worth(plan(str(spared)), plan(), Decimal(0)) is worth
        assert outlook.asked(plan(str(spared)), plan(), Decimal(0)).is_worth() is worth


def test_what_stands_on_either_side_counts_with_its_sign() -> None:
    """50 a month today and 20 then spare 30, too little for a mention; 50 and none spare 50."""
    outlook = outlook_of(
        Forecast(1000.0, 0.0, 0.0, 28, 60), {"low": (), "base": (), "high": ()}, POLICY, terms_of(POLICY)
    )
    little, enough = (outlook.asked(plan("50"), plan(then), Decimal(0)) for then in ("20", "0"))
    assert (little.month, little.now, little.then) == (Decimal(30), 50 / 30, 20 / 30)
    assert (enough.month, enough.stands(), enough.is_worth()) == (Decimal(50), True, True)
    assert (little.stands(), little.is_worth()) == (True, False)
    assert not outlook.is_worth(plan("50"), plan("20"), Decimal(0))
    assert outlook.is_worth(plan("50"), plan(), Decimal(0))
    assert outlook.is_worth(plan(unit="2"), plan(), Decimal(1))
    per_call = outlook.asked(plan("50", "0.5"), plan("20", "0.2"), Decimal(10))
    assert (per_call.month, per_call.unit) == (Decimal("120.0"), 3.0)


def test_the_hurdle_is_met_exactly() -> None:
    """Worth 1 for a one-off of 2 is half of it; at half the share a quarter is enough, and a hair less is not."""
    outlook = by_hand()
    at = asked(outlook, unit=1.5, once=2.0)
    assert (at.mean(), at.expected_one_off(), at.stands()) == (1.0, 2.0, True)
    assert not asked(outlook, unit=1.5 - 1e-12, once=2.0).stands()
    half = asked(outlook, unit=1.25, once=2.0)
    assert (half.mean(), half.stands(), half.stands(0.5)) == (0.5, False, True)
    assert not asked(outlook, unit=1.25 - 1e-12, once=2.0).stands(0.5)


def test_a_worth_of_nothing_does_not_stand_and_a_cent_does() -> None:
    """Even where no hurdle and no chance is asked for."""
    lax = by_hand(hurdle=0.0, sure_pays=0.0)
    assert not asked(lax).stands()
    assert asked(lax, unit=0.001).stands()
    assert asked(lax, unit=0.001).mean() == pytest.approx(0.002)


def test_the_chance_is_met_exactly() -> None:
    """Three of four points pay: 0.75 is enough for 0.75, two of four for half of it, one of four for neither."""
    for paying, whole, half in ((4, True, True), (3, True, True), (2, False, True), (1, False, False)):
        served = replace(FOUR, calls=(3.0,) * paying + (0.0,) * (4 - paying))
        each = asked(by_hand(served, hurdle=0.0), unit=1.0, once=0.5)
        assert each.positive() == paying / 4
        assert (each.stands(), each.stands(0.5)) == (whole, half)


def test_what_strays_makes_the_dear_points_dear() -> None:
    """From a hundredth to a hundredfold: 3 a day becomes 0.3, 3, 3 and 30 at the four points; 5 a day pays at three."""
    outlook = by_hand(FOUR, plan("0.01"), plan("1"), plan("100"))
    each = asked(outlook, now=5.0, then=3.0, once=1.0)
    assert each.stray() == pytest.approx((0.1, 1.0, 1.0, 10.0))
    assert each.positive() == 0.75
    assert [each.payback_days(share) for share in (0.0, 0.25, 0.5, 0.75)] == [1, 1, 1, None]
    long = asked(outlook, now=5.0, then=3.0, once=100.0)
    assert [long.payback_days(share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)] == [22, 50, 50, None, None]
    lopsided = asked(by_hand(FOUR, plan("0.01"), plan("1"), plan("10000")), now=5.0, then=3.0, once=100.0)
    assert lopsided.payback_days(0.0) == 22


def test_machines_that_run_today_are_counted_at_the_calls_of_today() -> None:
    """Two calls a day on machines of a call a day at 100 a month: what stands today is two of them."""
    outlook = outlook_of(Forecast(1000.0, 0.0, 0.0, 28, 60), {"low": (), "base": (), "high": ()}, POLICY, TERMS)
    running = replace(plan(unit="1"), gpu_usd_month=Decimal(100), gpu_calls_month=Decimal(30))
    two = outlook.asked(running, plan(), Decimal(2))
    assert (two.month, two.now) == (Decimal(260), 200 / 30)
    assert outlook.is_worth(running, plan("200"), Decimal(2))


def test_a_payback_is_that_of_its_share_of_the_points() -> None:
    """Calls per day of the point, its overrun, and what stands: 10 + 2 a day repay 60, 120, 240 in 5, 10, 20 days."""
    served = Served(calls=(10.0,) * 3, days=(2.0,) * 3, overrun=(1.0, 2.0, 4.0), running=(0.0,) * 3)
    each = asked(by_hand(served), unit=2.0, now=3.0, then=1.0, once=60.0)
    assert [each.payback_days(share) for share in (0.0, 0.34, 0.67, 1.0)] == [5, 10, 20, 20]
    idle = asked(by_hand(replace(served, days=(0.0,) * 3)), unit=2.0, now=3.0, then=1.0, once=60.0)
    assert idle.payback_days(0.0) == 15


@pytest.mark.parametrize(("now", "days"), [(1.0, None), (1.5, 120), (0.5, None)])
def test_what_spares_nothing_never_pays_back_and_half_a_dollar_does(now: float, days: int | None) -> None:
    """1.5 a day in the place of 1 repays 60 in 120 days; 1 in the place of 1 never does."""
    assert asked(by_hand(), now=now, then=1.0, once=60.0).payback_days(0.5) == days


def test_only_what_has_both_ends_may_stray() -> None:
    """A plan that is known at one end alone is taken for sure."""
    forecast = Forecast(1000.0, 0.0, 0.0, 28, 60)
    one = outlook_of(forecast, {"low": (plan("1"),), "base": (plan("2"),), "high": ()}, POLICY, TERMS)
    other = outlook_of(forecast, {"low": (), "base": (plan("2"),), "high": (plan("3"),)}, POLICY, TERMS)
    assert (one.ends, other.ends) == ({}, {})
    assert set(one.stray("distill", Decimal(0))) == {1.0}


def test_the_ends_of_a_cost_are_its_tenth_and_ninetieth_percentile_by_half() -> None:
    """A tenth to ten times: the square root of ten each way; without a range, or at nothing, no way."""
    points = (-1.2816, 0.0, 1.2816)
    one, ten, hundred = Decimal(1), Decimal(10), Decimal(100)
    assert strayed(one, ten, hundred, points) == pytest.approx((10**-0.5, 1.0, 10**0.5))
    assert strayed(one, ten, Decimal(10_000), points) == pytest.approx((10**-0.5, 1.0, 10**1.5))
    nothing = Decimal(0)
    for ends in ((nothing, ten, hundred), (one, nothing, hundred), (one, ten, nothing), (ten, one, ten)):
        assert strayed(*ends, points) == (1.0,) * 3


def test_a_lead_is_the_geometric_mean_in_whole_days_rounded_up() -> None:
    """Fourteen to ninety days are 35.5, so 36; the others by the matrix too."""
    leads = {strategy: lead_days(strategy, POLICY) for strategy in Strategy}
    assert leads == {
        Strategy.CODE: 1,
        Strategy.EMBED: 3,
        Strategy.DISTILL: 36,
        Strategy.HYBRID: 7,
        Strategy.PROMPT: 1,
    }
    assert math.isclose(math.sqrt(14 * 90), 35.5, abs_tol=0.01)
