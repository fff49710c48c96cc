"""Money and payback: exact, bounded, and never where there is nothing to gain."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from strategy.money import cents, dollars, rate, saving, token_cost
from strategy.payback import payback_days

amounts = st.decimals(min_value=0, max_value=10**9, places=4)


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
