"""How exact values are written in JSON: money as decimal strings, instants as RFC 3339, unknown as null."""

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import overload

CENT = Decimal("0.01")


@overload
def money(value: Decimal) -> str: ...
@overload
def money(value: None) -> None: ...
@overload
def money(value: Decimal | None) -> str | None: ...
def money(value: Decimal | None) -> str | None:
    """An amount rounded once, to the cent.

    >>> money(Decimal("3479.9951")), money(None)
    ('3480.00', None)
    """
    return None if value is None else str(value.quantize(CENT, ROUND_HALF_EVEN))


def exact(value: Decimal) -> str:
    """A decimal in plain digits, without an exponent and without idle zeros.

    >>> exact(Decimal("0.200000000")), exact(Decimal("1E+3"))
    ('0.2', '1000')
    """
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@overload
def instant(value: datetime) -> str: ...
@overload
def instant(value: None) -> None: ...
@overload
def instant(value: datetime | None) -> str | None: ...
def instant(value: datetime | None) -> str | None:
    """A UTC instant, such as 2026-11-21T00:00:00Z."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")
