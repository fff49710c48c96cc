"""How old the price book is: an old book is an alarm on the page, in the report and in doctor."""

from dataclasses import dataclass
from datetime import datetime

from db.queries.price_reads import last_price_read
from db.session import Session
from strategy.prices import BOOK_OLD_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceAge:
    """When a price list was last read into or held against the book, and how many days ago; None before the first.

    `failed_at` and `failure` tell of a refresh that came to nothing after that.
    """

    read_at: datetime | None
    days: int | None
    failed_at: datetime | None = None
    failure: str = ""

    @property
    def is_stale(self) -> bool:
        """Whether it is time to look again."""
        return self.days is None or self.days > BOOK_OLD_AFTER.days

    @property
    def state(self) -> str:
        """`empty`, `failed`, `stale` or `fresh`: four different things to do."""
        if self.read_at is None:
            return "empty"
        return "failed" if self.failed_at is not None else "stale" if self.is_stale else "fresh"


def price_age(session: Session, now: datetime) -> PriceAge:
    """The age of the price book."""
    found = last_price_read(session)
    days = None if found.read_at is None else max(0, (now - found.read_at).days)
    return PriceAge(read_at=found.read_at, days=days, failed_at=found.failed_at, failure=found.failure)
