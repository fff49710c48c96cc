"""Exact money: decimals in, decimals out; rounding to cents happens once, where a person reads the figure.

A month is 30 days everywhere in the rules, so that 100,000 calls a day are 3,000,000 a month.
"""

from decimal import ROUND_HALF_EVEN, Decimal

ZERO = Decimal(0)
DAYS_PER_MONTH = Decimal(30)
DAYS_PER_YEAR = Decimal(365)
_CENT = Decimal("0.01")
_PER_MILLION = -6


def token_cost(tokens: int, usd_per_mtok: Decimal) -> Decimal:
    """USD for so many tokens, exact.

    >>> token_cost(800, Decimal("0.20"))
    Decimal('0.00016000')
    """
    return (tokens * usd_per_mtok).scaleb(_PER_MILLION)


def cents(amount: Decimal) -> Decimal:
    """The amount in whole cents, halves to even.

    >>> cents(Decimal("0.125")), cents(Decimal("0.135"))
    (Decimal('0.12'), Decimal('0.14'))
    """
    return amount.quantize(_CENT, ROUND_HALF_EVEN)


def rate(usd_per_mtok: Decimal) -> str:
    """A price in plain digits: at least two places, and no more than it has.

    >>> rate(Decimal("0.2")), rate(Decimal("0.075")), rate(Decimal("10.000000000"))
    ('0.20', '0.075', '10.00')
    """
    exponent = usd_per_mtok.normalize().as_tuple().exponent
    return f"{usd_per_mtok:.{max(2, -int(exponent))}f}"


def dollars(amount: Decimal) -> str:
    """Money as a sentence shows it.

    >>> dollars(Decimal("3267.6"))
    '$3,267.60'
    """
    return f"${cents(amount):,f}"


def saving(present: Decimal, target: Decimal) -> Decimal:
    """What a month costs less at the target: never below nothing, never above the present spend.

    >>> saving(Decimal(100), Decimal(30)), saving(Decimal(100), Decimal(130))
    (Decimal('70'), Decimal('0'))
    """
    return min(present, max(ZERO, present - target))
