"""Amounts in whole cents that add up: a column of rounded figures and its rounded total show the same sum."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from strategy.money import ZERO, cents

_CENT = Decimal("0.01")


def adding_up(amounts: Sequence[Decimal | None]) -> list[Decimal | None]:
    """Each amount in whole cents, less than a cent from what it was, so that they add up to their sum in whole cents.

    The cents that flooring leaves over go to the largest remainders (Hamilton's method); unknown stays unknown.

    >>> adding_up([Decimal("0.004"), Decimal("0.004"), Decimal("0.004"), None])
    [Decimal('0.01'), Decimal('0.00'), Decimal('0.00'), None]
    """
    floors = [None if amount is None else amount.quantize(_CENT, ROUND_FLOOR) for amount in amounts]
    whole = cents(sum((amount for amount in amounts if amount is not None), ZERO))
    left = int((whole - sum((floor for floor in floors if floor is not None), ZERO)) / _CENT)
    rests = [
        (floor - amount, place)
        for place, (floor, amount) in enumerate(zip(floors, amounts, strict=True))
        if floor is not None and amount is not None
    ]
    for _, place in sorted(rests)[:left]:
        floor = floors[place]
        floors[place] = None if floor is None else floor + _CENT
    return floors
