"""One way the feature could go, as the judge weighs it."""

from dataclasses import dataclass
from decimal import Decimal

from strategy.alternatives import ALTERNATIVES
from strategy.cost import Plan
from strategy.kinds import Code
from strategy.quality import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The money of one plan at today's volume: what a task's answers do not change."""

    month_usd: Decimal
    saving_usd_month: Decimal
    npv: float
    worth: bool
    soon_worth: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """One way the feature could go: what it costs and saves, what that is worth, and what stands in its way.

    `month_usd` is what a month costs less, below nothing where it costs more; the saving never is. `npv` is the
    expected worth in USD, an estimate. `code` is None where nothing stands in the way; `asks` names the task fields an
    open gate waits for.
    """

    plan: Plan
    month_usd: Decimal
    saving_usd_month: Decimal
    npv: float
    worth: bool
    soon_worth: bool
    evidence: Evidence
    code: Code | None
    asks: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the gate itself is unanswered."""
        return self.code is Code.UNMEASURED

    @property
    def is_alternative(self) -> bool:
        """Whether it is a cheaper way of what already runs, which a migration must beat."""
        return self.plan.option in ALTERNATIVES
