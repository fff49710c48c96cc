"""One thing that is missing, as a value: in words, with the day it will be there and what it is worth."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from strategy.shown import money

Kind = Literal["days", "calls", "eval", "answer", "price", "note", "work"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is missing; `text` is the sentence of it, as `missing` lists it.

    `by` is the day on which it will be there at the present rate; None where waiting does not bring it, which is said
    (`never`) where time could. `items` is how many an eval must score. `usd_month` is what it could save a month,
    `usd` what knowing it is worth: the gain if it turns out well, times the chance that it does. None is unknown.
    """

    kind: Kind
    text: str
    by: date | None = None
    never: bool = False
    items: int | None = None
    usd_month: Decimal | None = None
    usd: Decimal | None = None


def wanted_document(wanted: Wanted) -> dict[str, object]:
    """As the contract's JSON, every key present."""
    return {
        "kind": wanted.kind,
        "text": wanted.text,
        "by": None if wanted.by is None else wanted.by.isoformat(),
        "never_at_this_rate": wanted.never,
        "items": wanted.items,
        "saving_usd_month": money(wanted.usd_month),
        "worth_usd": money(wanted.usd),
    }
