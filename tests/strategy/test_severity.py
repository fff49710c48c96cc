"""What matters most comes first: dates, then the saving times how sure it is."""

from datetime import date
from decimal import Decimal

import pytest

from offramp.policy import load_policy
from strategy.severity import expected_usd_month, order, severity

DAY = date(2027, 1, 14)


def test_an_expected_saving_needs_both_parts() -> None:
    """Unknown stays unknown."""
    assert expected_usd_month(Decimal(500), Decimal("0.8")) == 400
    assert expected_usd_month(None, Decimal("0.8")) is None
    assert expected_usd_month(Decimal(500), None) is None


@pytest.mark.parametrize(
    ("expected", "due_by", "word"),
    [
        ("1", DAY, "urgent"),
        ("1000", None, "high"),
        ("999.99", None, "medium"),
        ("200", None, "medium"),
        ("199.99", None, "low"),
        (None, None, "low"),
    ],
)
def test_severity_is_a_word(expected: str | None, due_by: date | None, word: str) -> None:
    """A date makes it urgent, whatever it saves; else the expected saving decides."""
    amount = None if expected is None else Decimal(expected)
    assert severity(amount, due_by, load_policy()) == word


def test_dates_go_first_then_the_larger_saving() -> None:
    """The soonest date, the later one, then by amount, the unknown last."""
    late = date(2027, 3, 1)
    given = [(None, None), (Decimal(5), None), (Decimal(9), None), (Decimal(1), late), (None, DAY)]
    ranked = sorted(given, key=lambda each: order(*each))
    assert ranked == [(None, DAY), (Decimal(1), late), (Decimal(9), None), (Decimal(5), None), (None, None)]
