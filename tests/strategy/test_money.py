"""Money and payback: exact, bounded, and never where there is nothing to gain."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategy.cost import Plan
from strategy.money import cents, dollars, rate, saving, token_cost
from strategy.payback import breakeven_calls, is_worth, payback_days
from tests.strategy.made import POLICY

amounts = st.decimals(min_value=0, max_value=10**9, places=4)


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


@given(present=amounts, target=amounts)
def test_a_saving_is_never_negative_and_never_above_the_spend(present: Decimal, target: Decimal) -> None:
    """0 <= saving <= present spend, whatever the target costs."""
    assert 0 <= saving(present, target) <= present


@given(tokens=st.integers(0, 10**15), rate=st.decimals(min_value=0, max_value=1000, places=4))
def test_a_token_cost_is_exact(tokens: int, rate: Decimal) -> None:
    """Tokens times rate, a millionth of it, with no digit lost."""
    numerator, denominator = token_cost(tokens, rate).as_integer_ratio()
    above, below = rate.as_integer_ratio()
    assert numerator * below * 10**6 == tokens * above * denominator


def test_money_is_shown_in_cents() -> None:
    """Two places, halves to even; a price has as many as it needs."""
    assert (dollars(Decimal("0.005")), dollars(Decimal(1234))) == ("$0.00", "$1,234.00")
    assert [rate(Decimal(text)) for text in ("0.2", "0.0750", "1E+1", "0")] == ["0.20", "0.075", "10.00", "0.00"]
    assert cents(Decimal("0.015")) == Decimal("0.02")


def test_payback_is_rounded_up_and_never_is_an_answer() -> None:
    """$6,000 at $3,267.60 a month is the 56th day; no saving never pays back."""
    assert payback_days(Decimal(6000), Decimal("3267.60")) == 56
    assert payback_days(Decimal(6000), Decimal(0)) is None
    assert payback_days(Decimal(0), Decimal(1)) == 0


def test_a_tiny_saving_is_not_worth_mentioning() -> None:
    """Below $500 a year nothing is worth a move, even a free one."""
    assert not is_worth(plan("0.001"), plan("0"), Decimal(1000), POLICY)
    assert is_worth(plan("0.001"), plan("0"), Decimal(1370), POLICY)


@pytest.mark.parametrize(
    ("present", "target", "calls"),
    [
        # 0.001 saved a call; (6000 x 1.5 / 15 + 150) / 0.001 / 30 calls a day
        (plan("0.001"), plan("0", "150", "6000"), 25_000),
        # one GPU of 1,000 carries it
        (plan("0.001"), plan("0", "0", "0", "1000", "3000000"), 34_704),
        # a GPU carries 50,000 a day and leaves 500 a month: it takes three to carry the fixed 1,000
        (plan("0.001"), plan("0", "1000", "0", "1000", "1500000"), 134_704),
        (plan("0.001"), plan("0", "0", "0", "1000", "900000"), None),
        # the last call of the day does not fit the machines that would just do: one more carries it
        (plan("1"), plan("0", "1000", "0", "10", "46"), 45),
        (plan("0.001"), plan("0.001"), None),
        (plan("0.001", gpu="5"), plan("0"), None),
    ],
)
def test_the_break_even_is_where_moving_becomes_worth_it(present: Plan, target: Plan, calls: int | None) -> None:
    """At the break-even the move is worth it; one call a day fewer and it is not."""
    assert breakeven_calls(present, target, POLICY) == calls
    if calls is not None:
        assert is_worth(present, target, Decimal(calls), POLICY)
        assert not is_worth(present, target, Decimal(calls - 1), POLICY)


@given(
    unit=st.decimals("0.0001", "0.1", places=6),
    fixed=st.decimals(0, 5000, places=2),
    one_off=st.decimals(0, 50_000, places=0),
    gpu=st.sampled_from([Decimal(0), Decimal(1044)]),
    capacity=st.integers(10_000, 10**8),
)
def test_the_break_even_is_exact_over_whole_machines(
    unit: Decimal, fixed: Decimal, one_off: Decimal, gpu: Decimal, capacity: int
) -> None:
    """Whatever the costs, the break-even is worth it and no smaller volume of its machine count is."""
    present = plan(str(unit))
    target = plan("0", str(fixed), str(one_off), str(gpu), str(capacity))
    calls = breakeven_calls(present, target, POLICY)
    if calls is not None:
        assert is_worth(present, target, Decimal(calls), POLICY)
        assert not is_worth(present, target, Decimal(calls - 1), POLICY)
