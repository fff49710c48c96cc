"""What turns an outcome while one figure moves: for each way to serve a feature, whether it is worth it, now or soon.

Flip points ask the judgement at many values of a figure, and nearly all of them differ in nothing that decides. A
switch tells what does, and is cheap: worth rises or falls with a figure, so that between two values with one answer it
has that answer (its arithmetic rounds, but never against the order). Whole machines alone break that, for their cost
jumps with the calls: such a switch is asked everywhere.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache

from strategy.alternatives import ALTERNATIVES
from strategy.case import Case, WhatIf, load_supposed
from strategy.core import Finding, is_mentioned, repriced, soon_volumes
from strategy.cost import Plan, present_plan, riders
from strategy.kinds import Code
from strategy.obstacles import code_of

Figure = Callable[[Decimal], WhatIf]
"""The question that a value of the figure puts."""
Turn = tuple[bool, bool] | Code | None
"""Whether a way is worth it, and whether it soon is; or what stands in its way."""

_NO = (False, False)


class Switch:
    """One answer along a figure; `steady` says between which two values it turns at most once."""

    def __init__(self, ask: Callable[[Decimal], Turn], steady: Callable[[Decimal, Decimal], bool]) -> None:
        self._ask, self._steady = ask, steady
        self._known: dict[Decimal, Turn] = {}
        self._spans: list[tuple[Decimal, Decimal, Turn]] = []

    def at(self, value: Decimal) -> Turn:
        """The answer at a value of the figure."""
        for low, high, turn in self._spans:
            if low <= value <= high:
                return turn
        if value not in self._known:
            self._known[value] = self._ask(value)
        return self._known[value]

    def stays(self, one: Decimal, other: Decimal) -> bool:
        """Whether the answer is one and the same at two values and everywhere between."""
        low, high, turn = min(one, other), max(one, other), self.at(one)
        if turn != self.at(other) or not self._steady(low, high):
            return False
        self._spans.append((low, high, turn))
        return True


def switches(case: Case, finding: Finding, figure: Figure) -> tuple[Switch, ...] | None:
    """What a figure may turn; None where that is more than switches tell."""
    moved, present = figure(Decimal(2)), finding.present
    if moved.code_share is not None or present is None:
        return None
    if moved.option is not None:
        own = next(plan for plan in finding.plans if plan.option == moved.option)
        if moved.score is not None:
            return (Switch(lambda value: code_of(case, figure(value), own), _never),)
        return (
            Switch(lambda value: _worth(case, present, repriced(own, figure(value)), case.load.calls_per_day), _always),
        )
    if moved.calls_per_day is not None:
        return (_spent(case, figure), *(_by_calls(case, present, each.plan) for each in finding.prospects))
    return (_spent(case, figure), *_by_present_price(case, finding, figure))


def _spent(case: Case, figure: Figure) -> Switch:
    """Whether the spend is worth a mention, by which an exit note is asked for."""

    def ask(value: Decimal) -> Turn:
        load = load_supposed(case.load, figure(value))
        spent = is_mentioned(case, present_plan(case.snapshot.feature, load, case.policy), load.calls_per_day)
        return spent, spent

    return Switch(ask, _always)


def _always(_: Decimal, __: Decimal) -> bool:
    return True


def _never(_: Decimal, __: Decimal) -> bool:
    return False


def _worth(case: Case, present: Plan, plan: Plan | None, calls: Decimal) -> Turn:
    """Whether a move is worth it at so many calls, and at any number that lies soon ahead."""
    outlook = case.outlook
    if plan is None:
        return _NO
    if outlook.is_worth(present, plan, calls):
        return True, True
    return False, any(outlook.is_worth(present, plan, more) for more in soon_volumes(case, calls))


def _by_calls(case: Case, present: Plan, plan: Plan) -> Switch:
    if _never_carries(case, present, plan):
        return Switch(lambda _: _NO, _always)

    def steady(low: Decimal, high: Decimal) -> bool:
        least, most = min((low, *soon_volumes(case, low))), max((high, *soon_volumes(case, high)))
        machines = present, plan, *case.outlook.ends.get(plan.option, ())
        return all(each.standing(least) == each.standing(most) for each in machines)

    return Switch(lambda calls: _worth(case, present, plan, calls), steady)


def _never_carries(case: Case, present: Plan, plan: Plan) -> bool:
    """Whether a machine costs no less than all the calls it can serve would spare, so that no volume pays for it."""
    if not plan.gpu_usd_month or present.gpu_usd_month or present.fixed_usd_month > plan.fixed_usd_month:
        return False
    spared = (present.usd_per_call - plan.usd_per_call) * plan.gpu_calls_month
    return spared <= plan.gpu_usd_month and case.outlook.least_month > 0


def _by_present_price(case: Case, finding: Finding, figure: Figure) -> tuple[Switch, ...]:
    """The plans whose cost hangs on the present price move with it; a cheaper model may come up for the first time."""
    feature, load = case.snapshot.feature, case.load
    moving = riders(case.snapshot, load, case.policy)
    fixed = {each.plan.option: each.plan for each in finding.prospects if each.plan.option not in moving}
    known = {each.plan.option for each in finding.prospects}

    @cache
    def moved(value: Decimal) -> tuple[Decimal, Plan | None]:
        usd = (load.usd_per_call or value) * figure(value).present_price
        return usd, present_plan(feature, replace(load, usd_per_call=usd), case.policy)

    def switch(option: str) -> Switch:
        def ask(value: Decimal) -> Turn:
            usd, present = moved(value)
            plan = moving[option](usd) if option in moving else fixed[option]
            return _NO if present is None else _worth(case, present, plan, load.calls_per_day)

        return Switch(ask, _always)

    return tuple(switch(name) for name in (*fixed, *(each for each in moving if each in known | set(ALTERNATIVES))))
