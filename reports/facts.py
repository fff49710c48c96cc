"""What a letter is made from, gathered by `offramp.actions.report`: rows of the database, as of the week's end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from db.queries.ledger import Migration
from db.queries.reports import AlertThen, FeatureThen
from db.queries.sources import RunRecord
from db.queries.verdicts import Flip, StoredVerdict
from reports.value import PriceMove, Unpriced, WeekCost
from reports.weeks import IsoWeek
from strategy.facts import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What was counted for one feature in one week; `cost_usd` is None where no call could be priced."""

    feature: str | None
    calls: int
    cost_usd: Decimal | None
    unpriced_calls: int = 0
    calls_without_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekUse:
    """One week's usage by feature with its total, and the calls of each source."""

    rows: tuple[Used, ...]
    total: Used
    sources: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFacts:
    """Everything the letter of a week may know. `cutoff` is the week's end, or now while the week runs.

    `alerts` are the open ones by feature. `heard` says when each source that delivers regularly was last heard of.
    `ended` are the features that had ended by then, and whether calls came afterwards.
    `owner` is set where the facts are those of one owner's features. `price_book_at` is when prices were last read,
    None where they were read only later; `has_prices` says whether there are any.
    """

    week: IsoWeek
    cutoff: datetime
    complete: bool
    features: tuple[FeatureThen, ...]
    verdicts: tuple[StoredVerdict, ...]
    flips: tuple[Flip, ...]
    alerts: Mapping[str, AlertThen]
    first_judged_at: datetime | None
    use: WeekUse
    use_before: WeekUse
    unpriced: tuple[Unpriced, ...]
    scores: tuple[Score, ...]
    prices_changed: tuple[PriceMove, ...]
    prices_announced: tuple[PriceMove, ...]
    runs: tuple[RunRecord, ...]
    has_prices: bool
    price_book_at: datetime | None
    history: tuple[WeekCost, ...] = ()
    migrations: tuple[Migration, ...] = ()
    heard: Mapping[str, datetime] = field(default_factory=dict)
    ended: Mapping[str, bool] = field(default_factory=dict)
    owner: str | None = None
