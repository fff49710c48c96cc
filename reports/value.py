"""The weekly letter as one frozen value. Every format is made from it, and it is what the archive keeps.

Money is exact USD; None is unknown and never zero. Times are aware UTC. All texts are single lines.
A field that is added later needs a default, so that letters of the archive can still be read.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a verdict says: the outcome, its target and its code."""

    verdict: str
    target: str | None
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How one feature's verdict moved over the week, and why; `before` is None for a first judgement.

    Of several flips it is the way from the first to the last; `flips` counts them.
    """

    feature: str
    name: str
    owner: str | None
    at: datetime
    before: Decision | None
    after: Decision
    cause: str
    cause_detail: str
    saving_before_usd_month: Decimal | None
    saving_after_usd_month: Decimal | None
    flips: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A decision that waits for a person at the end of the week: active, claimed or snoozed.

    Overdue is one whose date (`due_by`) or whose claim's promise (`claim_due`) has passed. `due_by_reason` says what
    happens on that date, `opinions` what the seeds' bands make of the volume where they disagree, `caveats` how sure it
    is and what announced day undoes it.
    """

    feature: str
    name: str
    owner: str | None
    now: str
    target: str
    saving_usd_month: Decimal | None
    since: datetime
    due_by: date | None
    overdue: bool
    reason: str | None
    state: str = "active"
    claimed_by: str | None = None
    claim_due: date | None = None
    claim_overdue: bool = False
    due_by_reason: str | None = None
    opinions: str | None = None
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DueList:
    """What is due, the largest saving first. The total counts known savings; `unknown` counts the others."""

    saving_usd_month: Decimal | None
    unknown: int
    items: tuple[Due, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """What one feature cost in the week and in the week before; a feature of None is unattributed usage.

    A cost is None where calls were made and none of them could be priced. Without calls it is 0.
    `not_priced_before` counts the calls that the cost of the week before leaves out.
    """

    feature: str | None
    name: str | None
    calls: int
    calls_before: int
    cost_usd: Decimal | None
    cost_before_usd: Decimal | None
    change_usd: Decimal | None
    unpriced_calls: int
    calls_without_tokens: int
    not_priced_before: int = 0
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendTable:
    """All spend: the biggest movers first (in a running week the costliest), and the total."""

    total: Spend
    rows: tuple[Spend, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceMove:
    """A price that changed or will change; `old_usd_per_mtok` is None for a price where there was none.

    `features` are the slugs of those that call the model or name it.
    """

    model: str
    kind: str
    old_usd_per_mtok: Decimal | None
    new_usd_per_mtok: Decimal
    valid_from: datetime
    tier_min_input_tokens: int = 0
    processing: str = "standard"
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekCost:
    """What a week cost by its ISO name, as far as priced; None where no call of it could be priced."""

    week: str
    cost_usd: Decimal | None
    not_priced: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """A finished migration with what had been measured of it by the week's end; None where nothing had been yet."""

    feature: str
    name: str
    owner: str | None
    now: str
    target: str
    finished_on: date
    promised_usd_month: Decimal | None
    realised_usd_month: Decimal | None
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A feature's present quality that moved this week; `kind` is worse, better, below_floor or new_evaluator.

    Two scores are compared only where metric, evaluator, version and scale agree; `before` is None where none does.
    """

    feature: str
    name: str
    owner: str | None
    kind: str
    metric: str
    at: datetime
    score: Decimal
    before: Decimal | None
    floor: Decimal | None
    evaluator: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpriced:
    """Calls of a model for which no price was in force."""

    provider: str
    model: str
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OldEval:
    """A feature whose newest score of its present strategy is old."""

    feature: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTrouble:
    """A source that failed, took only part, or fell silent; `kind` is failed, partial or silent."""

    source: str
    kind: str
    at: datetime | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """A feature that traffic names and nobody registered, or that had `ended`."""

    feature: str
    calls: int
    cost_usd: Decimal | None
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindSpots:
    """What this letter cannot see. `unattributed_share` is of the calls, None in a week without calls.

    `price_book` is None, `none` (no prices at all) or `stale` (last read at `price_book_at`).
    """

    unattributed_calls: int
    unattributed_share: Decimal | None
    unpriced: tuple[Unpriced, ...]
    calls_without_tokens: int
    without_baseline: tuple[str, ...]
    old_evals: tuple[OldEval, ...]
    price_book: str | None
    price_book_at: datetime | None
    sources: tuple[SourceTrouble, ...]
    unregistered: tuple[Discovered, ...]
    none_registered: bool

    @property
    def count(self) -> int:
        """How many kinds of blind spots there are."""
        found = (
            self.unattributed_calls,
            self.unpriced,
            self.calls_without_tokens,
            self.without_baseline,
            self.old_evals,
            self.price_book,
            self.sources,
            self.unregistered,
            self.none_registered,
        )
        return sum(1 for item in found if item)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyReport:
    """One week's letter. `quiet` says that nothing changed; `complete` that the week had ended.

    `owner` is given where it tells one owner's features only. `history` are the weeks up to this one, oldest first.
    `first_judged_at` is given where nothing had been judged by then and something was judged later.
    """

    week: str
    start: datetime
    end: datetime
    complete: bool
    headline: str
    quiet: bool
    judged: int
    first_judged_at: datetime | None
    changes: tuple[Change, ...]
    due: DueList
    spend: SpendTable
    prices_changed: tuple[PriceMove, ...]
    prices_announced: tuple[PriceMove, ...]
    blind_spots: BlindSpots
    drifts: tuple[Drift, ...] = ()
    realised: tuple[Realised, ...] = ()
    history: tuple[WeekCost, ...] = ()
    owner: str | None = None
