"""Which cost is told first: billed, else reported by the senders, else estimated from tokens and prices.

Each is told of a whole row or not at all: a row of which a part was billed, or of which some calls were reported, is
not that figure, and figures of two bases are never added.
"""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from db.queries.bills import BilledDay
from offramp.actions.costing import CostedGroup, provider_of

_EPOCH = date(1970, 1, 1)


class Basis(StrEnum):
    """Who says what it cost, the surest first."""

    BILLED = "billed"
    REPORTED = "reported"
    ESTIMATED = "estimated"


def billed_of(bills: Sequence[BilledDay], day: date | None = None) -> Decimal | None:
    """The charge for usage, of one day or of all; None where no bill tells of it."""
    charges = [
        bill.amount_usd
        for bill in bills
        if bill.category == "usage" and (day is None or bill.day == (day - _EPOCH).days)
    ]
    return sum(charges, Decimal(0)) if charges else None


def is_billed_whole(members: Sequence[CostedGroup], bills: Sequence[BilledDay]) -> bool:
    """Whether a bill tells of every provider and day of these groups, which must be grouped by day."""
    charged = {(bill.provider, bill.day) for bill in bills if bill.category == "usage"}
    used = {(provider_of(costed), costed.group.day) for costed in members if costed.group.calls}
    return bool(used) and used <= charged


def is_reported_whole(members: Collection[CostedGroup]) -> bool:
    """Whether every call came with its cost; calls that failed without tokens may lack it, all of them or none."""
    calls = sum(costed.group.calls for costed in members)
    useful = sum(costed.group.calls_with_tokens + costed.group.calls_without_tokens for costed in members)
    return calls > 0 and sum(costed.group.reported_calls for costed in members) in {calls, useful}


def preferred(
    billed: Decimal | None, reported: Decimal | None, estimated: Decimal | None
) -> tuple[Decimal | None, Basis | None]:
    """The surest of the three that is known of the whole, with its basis; None where none is.

    >>> preferred(None, Decimal("2.10"), Decimal("2.00"))
    (Decimal('2.10'), <Basis.REPORTED: 'reported'>)
    """
    told = zip(Basis, (billed, reported, estimated), strict=True)
    return next(((usd, basis) for basis, usd in told if usd is not None), (None, None))
