"""Numbers and tables as the command line shows them."""

from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.table import Table

_CENT = Decimal("0.01")


def listing(*columns: str, numbers: tuple[str, ...] = ()) -> Table:
    """An empty table; numbers stand to the right and, like the first column, are never cut."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for place, name in enumerate(columns):
        number = name in numbers
        table.add_column(name, justify="right" if number else "left", no_wrap=number or place == 0, overflow="fold")
    return table


def usd(value: Decimal | None) -> str:
    """An amount in dollars; unknown is said, never shown as zero.

    >>> usd(Decimal("1234.5")), usd(Decimal("0.0003")), usd(Decimal("-0.001")), usd(None)
    ('$1,234.50', '<$0.01', '-<$0.01', 'unknown')
    """
    if value is None:
        return "unknown"
    if value < 0:
        return f"-{usd(-value)}"
    return "<$0.01" if 0 < value < _CENT else f"${value:,.2f}"


def count(value: int) -> str:
    """A whole number with separators.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{value:,}"
