"""How old the price book is: an old book is an alarm on the page, in the report and in doctor."""

from dataclasses import dataclass
from datetime import datetime

from db.queries.prices import filled_at
from db.queries.proposals import last_import
from db.session import Session

# Of the 48 curated headline changes 20 fell into the last eleven months: two a month, so that a month without a look
# misses one. A sync that failed unseen for seven weeks is why this is an alarm (Arize-ai/phoenix#12673).
OLDEST_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceAge:
    """When a price list was last read into or held against the book, and how many days ago; None before the first."""

    read_at: datetime | None
    days: int | None

    @property
    def is_stale(self) -> bool:
        """Whether it is time to look again."""
        return self.days is None or self.days > OLDEST_DAYS


def price_age(session: Session, now: datetime) -> PriceAge:
    """The age of the price book."""
    read_at = max(filter(None, (filled_at(session), last_import(session))), default=None)
    return PriceAge(read_at=read_at, days=None if read_at is None else (now - read_at).days)
