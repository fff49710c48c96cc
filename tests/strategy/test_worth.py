"""What a move is worth: the replay's own engine over exact plans, and the break-even it makes."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategy.breakeven import breakeven_calls
from strategy.cost import Plan
from strategy.forecast import Forecast
from strategy.kinds import Strategy
from strategy.npv import Option, Stakes, ahead_of, worth_of
from strategy.terms import terms_of
from strategy.worth import Outlook, lead_days, outlook_of
from tests.strategy.made import POLICY

TERMS = terms_of(POLICY)
FLAT = Forecast(1000.0, 0.0, 0.0, 28, 60)
CALLS = Decimal(100_000)


def outlook(slope: float = 0.0, slope_sd: float = 0.003, *plans: Plan) -> Outlook:
    """What lies ahead under the rules in force; the plans are sure of their monthly cost."""
    forecast = Forecast(1000.0, slope, slope_sd, 28, 60)
    return outlook_of(forecast, {"low": plans, "base": plans, "high": plans}, POLICY, TERMS)


def plan(unit: str, fixed: str = "0", one_off: str = "0", gpu: str = "0", capacity: str = "1") -> Plan:
    """A plan in plain numbers."""
    return Plan(
        option="distill",
        usd_per_call=Decimal(unit),
        fixed_usd_month=Decimal(fixed),
        one_off_usd=Decimal(one_off),
        gpu_usd_month=Decimal(gpu),
        gpu_calls_month=Decimal(capacity),
    )


@given(
    unit=st.floats(0.0001, 0.01),
    fixed=st.integers(0, 3000),
    one_off=st.integers(0, 30_000),
    slope=st.floats(-0.005, 0.005),
    strategy=st.sampled_from(list(Strategy)),
)
def test_a_live_worth_is_the_replays_worth(
    unit: float, fixed: int, one_off: int, slope: float, strategy: Strategy
) -> None:
    """The same expected worth, one-off and chance that `strategy.npv.worth_of` gives the replay, to the last cent."""
    target = Plan(
        option=strategy,
        usd_per_call=Decimal("0.0001"),
        fixed_usd_month=Decimal(fixed),
        one_off_usd=Decimal(one_off),
    )
    present = plan(repr(unit + 0.0001))
    live = outlook(slope).asked(present, target, CALLS)
    forecast = Forecast(float(CALLS), slope, 0.003, 28, 60)
    lead = lead_days(strategy, POLICY)
    replayed = worth_of(
        Option(name="prompt", usd_per_call=unit + 0.0001, usd_per_year=0, one_off_usd=0, lead_days=0),
        Option(name=strategy, usd_per_call=0.0001, usd_per_year=fixed / 30 * 365, one_off_usd=one_off, lead_days=lead),
        ahead_of(forecast, TERMS),
        Stakes(),
        TERMS,
    )
    assert live.expected_one_off() == pytest.approx(replayed.one_off)
    if len(replayed.draws) > 1:
        assert live.mean() == pytest.approx(replayed.mean, abs=0.01)
        assert live.positive() == replayed.positive
    else:
        assert live.positive() == 0


def test_a_tiny_saving_is_not_worth_mentioning() -> None:
    """Below $500 a year nothing is worth a move, even a free one."""
    asked = outlook().asked
    assert not asked(plan("0.001"), plan("0"), Decimal(1000)).is_worth()
    assert asked(plan("0.001"), plan("0"), Decimal(1370)).is_worth()


def test_a_monthly_cost_that_may_stray_makes_a_saving_less_sure() -> None:
    """One base estimate, once sure and once from a tenth to ten times: the expected worth is one, the chance not."""
    present, target = plan("0.001"), plan("0", "1500", "5000")
    sure = outlook(0.0, 0.0, target)
    ends = {level: (replace(target, fixed_usd_month=Decimal(usd)),) for level, usd in (("low", 150), ("high", 15_000))}
    unsure = outlook_of(FLAT, {**ends, "base": (target,)}, POLICY, TERMS)  # type: ignore[dict-item]  # levels
    one, two = (each.asked(present, target, CALLS) for each in (sure, unsure))
    assert one.mean() == pytest.approx(two.mean(), rel=0.05)
    assert one.positive() > two.positive() > 0.5
    assert (two.payback_days(0.1) or 0) < (one.payback_days(0.5) or 0) < math.inf
    assert two.payback_days(0.95) is None


@pytest.mark.parametrize(
    ("present", "target", "pays"),
    [
        (plan("0.001"), plan("0", "150", "6000"), True),
        # one GPU of 3,000,000 calls a month carries it
        (plan("0.001"), plan("0", "0", "0", "1000", "3000000"), True),
        # a GPU leaves 500 a month: it takes several to carry the fixed 1,000
        (plan("0.001"), plan("0", "1000", "0", "1000", "1500000"), True),
        # a GPU whose last calls are those that pay: no number of them carries the fixed cost
        (plan("0.001"), plan("0", "0", "30000", "1044", "1600000"), True),
        # the last call of the day does not fit the machines that would just do: one more carries it
        (plan("1"), plan("0", "1000", "0", "10", "46"), True),
        # a GPU that does not carry itself
        (plan("0.001"), plan("0", "0", "0", "1000", "900000"), False),
        (plan("0.001"), plan("0.001"), False),
        (plan("0.001", gpu="5"), plan("0"), False),
    ],
)
def test_the_break_even_is_where_moving_becomes_worth_it(present: Plan, target: Plan, *, pays: bool) -> None:
    """At the break-even the move is worth it; one call a day fewer and it is not."""
    known = outlook()
    calls = breakeven_calls(present, target, known)
    assert (calls is not None) is pays
    if calls is not None:
        assert known.asked(present, target, Decimal(calls)).is_worth()
        assert not known.asked(present, target, Decimal(calls - 1)).is_worth()


def test_a_machine_that_carries_itself_only_on_average_never_pays() -> None:
    """Its expected gain is positive, but no number of machines makes it likely enough: there is no break-even."""
    target = plan("0", "0", "0", "1044", "1080000")
    ends = {level: (replace(target, gpu_usd_month=Decimal(usd)),) for level, usd in (("low", 10), ("high", 40_000))}
    unsure = outlook_of(FLAT, {**ends, "base": (target,)}, POLICY, TERMS)  # type: ignore[dict-item]  # levels
    assert breakeven_calls(plan("0.001"), target, unsure) is None
    assert breakeven_calls(plan("0.001"), plan("0", "0", "0", "1000", "900000"), outlook()) is None


@settings(max_examples=50)
@given(
    unit=st.decimals("0.0001", "0.1", places=6),
    fixed=st.decimals(0, 5000, places=2),
    one_off=st.decimals(0, 50_000, places=0),
    gpu=st.sampled_from([Decimal(0), Decimal(1044)]),
    capacity=st.integers(10_000, 10**8),
    slope=st.floats(-0.005, 0.005),
)
def test_the_break_even_is_exact_over_whole_machines(
    unit: Decimal, fixed: Decimal, one_off: Decimal, gpu: Decimal, capacity: int, slope: float
) -> None:
    """Whatever the costs and the trend, the break-even is worth it and one call a day fewer is not."""
    known, present = outlook(slope), plan(str(unit))
    target = plan("0", str(fixed), str(one_off), str(gpu), str(capacity))
    calls = breakeven_calls(present, target, known)
    if calls:
        assert known.asked(present, target, Decimal(calls)).is_worth()
        assert not known.asked(present, target, Decimal(calls - 1)).is_worth()


@given(calls=st.integers(1, 10**7), more=st.integers(1, 10**6), one_off=st.integers(1, 10**5))
def test_more_volume_never_worsens_a_payback(calls: int, more: int, one_off: int) -> None:
    """Where serving is linear and each call saves: base, and each end of its range."""
    present, target = plan("0.001"), plan("0.0002", "100", str(one_off))
    known = outlook(0.001, 0.002)
    for share in (0.1, 0.5, 0.9):
        few, many = (known.asked(present, target, Decimal(n)).payback_days(share) for n in (calls, calls + more))
        assert (many or math.inf) <= (few or math.inf)
