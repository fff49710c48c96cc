"""One price of a list, and how an amount in a list is read."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from collectors.rejected import Rejected
from strategy.facts import Price
from strategy.shown import exact

_BILLIONTH = Decimal("1e-9")
# No amount beyond it fits the book; nothing that is sold costs it.
_MOST = Decimal(1_000_000_000)


@dataclass(frozen=True, slots=True)
class Listed:
    """A price as a list says it; `declared` where the list itself dates its start."""

    price: Price
    declared: bool


def amount_in(stated: object, factor: Decimal = Decimal(1)) -> Decimal | None:
    """USD from a number or its text, times a factor, to the billionth; None where it is no amount of 0 or more.

    >>> amount_in("0.20"), amount_in(1.5e-07, Decimal(1_000_000)), amount_in("free"), amount_in(-1)
    (Decimal('0.2'), Decimal('0.15'), None, None)
    """
    if isinstance(stated, bool) or not isinstance(stated, str | int | float | Decimal):
        return None
    try:
        usd = Decimal(str(stated).strip()) * factor
    except InvalidOperation:
        return None
    if not usd.is_finite() or not 0 <= usd < _MOST:
        return None
    rounded = usd.quantize(_BILLIONTH)
    return None if usd and not rounded else Decimal(exact(rounded))


def refused(row: int, field: str, error: str) -> Rejected:
    """A refused row of a price list."""
    return Rejected(row, field, error, "give USD per million tokens, 0 or more")
