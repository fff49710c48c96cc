"""How much an alert matters: a date that forces it goes first, then the saving times how sure it is."""

from datetime import date
from decimal import Decimal

from strategy.money import ZERO
from strategy.policy import Policy

_FAR = date.max


def expected_usd_month(saving_usd_month: Decimal | None, confidence: Decimal | None) -> Decimal | None:
    """The saving times the chance that it comes, USD a month; None where either is unknown.

    >>> expected_usd_month(Decimal(1000), Decimal("0.9"))
    Decimal('900.0')
    """
    return None if saving_usd_month is None or confidence is None else saving_usd_month * confidence


def severity(expected: Decimal | None, due_by: date | None, policy: Policy) -> str:
    """`urgent` where a date forces it, else `high`, `medium` or `low` by what it is expected to save a month."""
    if due_by is not None:
        return "urgent"
    amount = expected or ZERO
    if amount >= policy.number("severity_high_usd_month"):
        return "high"
    return "medium" if amount >= policy.number("severity_medium_usd_month") else "low"


def order(expected: Decimal | None, due_by: date | None) -> tuple[date, Decimal]:
    """The sort key: the soonest date first, then the largest expected saving; what is unknown comes last."""
    return due_by or _FAR, -(expected or ZERO)
