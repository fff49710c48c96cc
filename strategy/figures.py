"""The money of a verdict at three levels: base estimates, and each figure at its own 10th and 90th percentile."""

from decimal import Decimal

from strategy.case import Case
from strategy.cost import present_plan, target_plans
from strategy.kinds import Strategy
from strategy.money import saving
from strategy.payback import payback_days
from strategy.policy import Level
from strategy.verdict import Figures, Money

_LEVELS: tuple[Level, ...] = ("low", "base", "high")
_OPPOSITE: dict[Level, Level] = {"low": "high", "base": "base", "high": "low"}


def money_of(case: Case, strategy: Strategy | None) -> Money:
    """The figures of a case, with the saving of moving to a strategy where one is meant.

    They are today's also where an announced price decides, so that no saving is above the present spend.
    """
    views = {level: _View(case, level) for level in _LEVELS}
    low, base, high = (_figures(views, level, strategy) for level in _LEVELS)
    return Money(base=base, low=low, high=high, horizon_days=int(case.policy.number("horizon_days")))


class _View:
    """All plans at one level of the estimates."""

    def __init__(self, case: Case, level: Level) -> None:
        feature = case.snapshot.feature
        present = present_plan(feature, case.load, case.policy, level)
        self.calls_per_day = case.load.calls_per_day
        self.now = feature.strategy
        self.plans = {plan.strategy: plan for plan in target_plans(case.snapshot, case.load, case.policy, level)}
        if present is not None:
            self.plans[self.now] = present

    def monthly(self, strategy: Strategy) -> Decimal | None:
        plan = self.plans.get(strategy)
        return None if plan is None else plan.monthly(self.calls_per_day)

    def one_off(self, strategy: Strategy) -> Decimal | None:
        plan = self.plans.get(strategy)
        return None if plan is None else plan.one_off_usd


def _figures(views: dict[Level, _View], level: Level, strategy: Strategy | None) -> Figures:
    """Each figure at its own percentile: the low saving is the one with the target's high cost."""
    view, opposite = views[level], views[_OPPOSITE[level]]
    one_off = None if strategy is None else view.one_off(strategy)
    most = _saving(opposite, view, strategy)
    return Figures(
        monthly_usd=tuple((each, view.monthly(each)) for each in Strategy),
        one_off_usd=tuple((each, view.one_off(each)) for each in Strategy if each is not view.now),
        saving_usd_month=_saving(view, opposite, strategy),
        payback_days=None if one_off is None or most is None else payback_days(one_off, most),
    )


def _saving(now: _View, then: _View, strategy: Strategy | None) -> Decimal | None:
    present = now.monthly(now.now)
    target = None if strategy is None else then.monthly(strategy)
    return None if present is None or target is None else saving(present, target)
