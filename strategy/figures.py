"""The money of a verdict at three levels: base estimates, and each figure at its own 10th and 90th percentile."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from strategy.alternatives import ALTERNATIVES
from strategy.case import Case
from strategy.cost import present_plan
from strategy.kinds import Strategy
from strategy.money import DAYS_PER_MONTH, saving
from strategy.payback import payback_days
from strategy.policy import Level
from strategy.verdict import Figures, Money

_LEVELS: tuple[Level, ...] = ("low", "base", "high")
_ENDS = (0.10, 0.90)
_OPPOSITE: dict[Level, Level] = {"low": "high", "base": "base", "high": "low"}


def money_of(case: Case, option: str | None) -> Money:
    """The figures of a case, with the saving of moving to an option where one is meant.

    They are today's also where an announced price decides, so that no saving is above the present spend.
    """
    views = {level: _View(case, level, option) for level in _LEVELS}
    low, base, high = (_figures(views, level) for level in _LEVELS)
    present, target = views["base"].plans.get(views["base"].now), views["base"].chosen
    if present is not None and target is not None and base.saving_usd_month:
        asked = case.outlook.asked(present, target, case.load.calls_per_day)
        quick, slow = (asked.payback_days(end) for end in _ENDS)
        low, high = replace(low, payback_days=quick), replace(high, payback_days=slow)
    return Money(base=base, low=low, high=high, horizon_days=int(case.policy.number("horizon_days")))


class _View:
    """All plans at one level of the estimates; of two plans of one strategy the one that is meant, else the better."""

    def __init__(self, case: Case, level: Level, option: str | None) -> None:
        feature = case.snapshot.feature
        present = present_plan(feature, case.load, case.policy, level)
        self.calls_per_day = case.load.calls_per_day
        self.now = feature.strategy
        months = case.policy.number("horizon_days") / DAYS_PER_MONTH
        plans = sorted(
            case.plans[level], key=lambda plan: -plan.monthly(self.calls_per_day) * months - plan.one_off_usd
        )
        self.chosen = next((plan for plan in plans if plan.option == option), None)
        self.plans = {plan.strategy: plan for plan in (*plans, self.chosen) if plan and plan.option not in ALTERNATIVES}
        if present is not None:
            self.plans[self.now] = present

    def monthly(self, strategy: Strategy) -> Decimal | None:
        plan = self.plans.get(strategy)
        return None if plan is None else plan.monthly(self.calls_per_day)

    def one_off(self, strategy: Strategy) -> Decimal | None:
        plan = self.plans.get(strategy)
        return None if plan is None else plan.one_off_usd


def _figures(views: Mapping[Level, _View], level: Level) -> Figures:
    """Each figure at its own percentile: the low saving is the one with the target's high cost."""
    view, opposite = views[level], views[_OPPOSITE[level]]
    most = _saving(opposite, view)
    return Figures(
        monthly_usd=tuple((each, view.monthly(each)) for each in Strategy),
        one_off_usd=tuple((each, view.one_off(each)) for each in Strategy if each is not view.now),
        saving_usd_month=_saving(view, opposite),
        payback_days=None if view.chosen is None or most is None else payback_days(view.chosen.one_off_usd, most),
    )


def _saving(now: _View, then: _View) -> Decimal | None:
    present = now.monthly(now.now)
    return None if present is None or then.chosen is None else saving(present, then.chosen.monthly(then.calls_per_day))
