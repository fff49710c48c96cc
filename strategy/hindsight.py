"""What another way would have cost on a day that is over: its plan as it stood that day, at the day's own traffic."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from strategy.case import case_of
from strategy.core import find
from strategy.cost import Plan
from strategy.facts import Snapshot
from strategy.kinds import Strategy
from strategy.money import DAYS_PER_MONTH, ZERO
from strategy.policy import Policy
from strategy.snapshot import canonical
from strategy.worth import lead_days


def plan_for(snapshot: Snapshot, policy: Policy, option: str) -> Plan | None:
    """How an option would serve the feature at the snapshot's prices; None where its cost cannot be told."""
    case = case_of(canonical(snapshot), policy.with_constants(snapshot.constants), snapshot.as_of)
    plans = {plan.option: plan for plan in find(case).plans}
    return plans.get(option)


def lead_time(option: str, policy: Policy) -> timedelta:
    """How long a move to an option takes."""
    return timedelta(days=lead_days(Strategy(option.partition(":")[0]), policy))


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The days since a move would have been live: what they cost, and what they would have cost, in USD.

    `unknown_days` are those of which either is not known; they count for nothing.
    """

    spent: Decimal = ZERO
    would_have: Decimal = ZERO
    days: int = 0
    unknown_days: int = 0

    @property
    def saved(self) -> Decimal:
        """What would have been spared: the days added up first, then never below nothing nor above what was spent."""
        return min(self.spent, max(ZERO, self.spent - self.would_have))

    def and_day(self, cost: Decimal | None, calls: int, plan: Plan | None) -> "Missed":
        """With one more day, of so many calls."""
        if cost is None or plan is None:
            return replace(self, unknown_days=self.unknown_days + 1)
        then = plan.monthly(Decimal(calls)) / DAYS_PER_MONTH
        return replace(self, spent=self.spent + cost, would_have=self.would_have + then, days=self.days + 1)
