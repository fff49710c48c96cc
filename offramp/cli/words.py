"""Numbers as the command line shows them."""

from decimal import Decimal


def usd(value: Decimal | None) -> str:
    """An amount in dollars; unknown is said, never shown as zero.

    >>> usd(Decimal("1234.5")), usd(None)
    ('$1,234.50', 'unknown')
    """
    return "unknown" if value is None else f"${value:,.2f}"


def count(value: int) -> str:
    """A whole number with separators.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{value:,}"
