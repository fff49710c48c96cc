"""When a move pays: payback in days, whether it is worth making, and the calls a day from which it is. All exact.

A move is worth making where the saving over the horizon repays the one-off with the hurdle on top, and is not too small
to mention (decision research, section 3; the discount and hazard of the full procedure come with its forecast).
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from strategy.cost import Plan
from strategy.money import DAYS_PER_MONTH, DAYS_PER_YEAR, ZERO
from strategy.policy import Policy


def payback_days(one_off: Decimal, saving_month: Decimal) -> int | None:
    """Days until the saving has repaid the one-off, rounded up; None is never.

    >>> payback_days(Decimal(6000), Decimal("3267.60")), payback_days(Decimal(6000), Decimal(0))
    (56, None)
    """
    if saving_month <= 0:
        return None
    return int((one_off * DAYS_PER_MONTH / saving_month).to_integral_value(ROUND_CEILING))


def saving_wanted(one_off: Decimal, policy: Policy) -> Decimal:
    """The least monthly saving, in USD, that makes a move of this one-off worth making."""
    repaid = one_off * (1 + policy.number("hurdle")) * DAYS_PER_MONTH / policy.number("horizon_days")
    return max(repaid, policy.number("min_saving_usd_year") * DAYS_PER_MONTH / DAYS_PER_YEAR)


def is_worth(present: Plan, target: Plan, calls_per_day: Decimal, policy: Policy) -> bool:
    """Whether moving is worth its one-off at so many calls a day."""
    less = present.monthly(calls_per_day) - target.monthly(calls_per_day)
    return less >= saving_wanted(target.one_off_usd, policy)


def breakeven_calls(present: Plan, target: Plan, policy: Policy) -> int | None:
    """The least whole calls a day from which moving is worth it; None where no volume makes it so.

    Exact also over whole GPUs: with n machines the saving must carry n machines, and n machines must carry the calls.
    A machine that leaves less than one call a day saves is taken never to pay.
    Where the present strategy runs on GPUs of its own the question is the reverse one, and the answer None.
    """
    unit = present.usd_per_call - target.usd_per_call
    if unit <= 0 or present.gpu_usd_month:
        return None
    fixed = saving_wanted(target.one_off_usd, policy) + target.fixed_usd_month - present.fixed_usd_month
    if not target.gpu_usd_month:
        return _days(fixed / unit)
    capacity, machine = target.gpu_calls_month, target.gpu_usd_month
    first = _days((fixed + machine) / unit)
    if first * DAYS_PER_MONTH <= capacity:
        return first
    spare = unit * capacity - machine
    if spare <= unit * DAYS_PER_MONTH:
        return None
    machines = max(Decimal(2), (fixed / spare).to_integral_value(ROUND_CEILING))
    calls = _with_machines(machines, target, fixed, unit)
    if calls * DAYS_PER_MONTH <= machines * capacity:
        return calls
    # Whole calls a day can overshoot the last machine by less than one call: then one more machine carries them.
    return _with_machines(machines + 1, target, fixed, unit)


def _with_machines(count: Decimal, target: Plan, fixed: Decimal, unit: Decimal) -> int:
    """The least calls a day that need so many machines and pay for them."""
    begins = ((count - 1) * target.gpu_calls_month / DAYS_PER_MONTH).to_integral_value(ROUND_FLOOR) + 1
    return max(_days((fixed + count * target.gpu_usd_month) / unit), int(begins))


def _days(calls_per_month: Decimal) -> int:
    return int((max(ZERO, calls_per_month) / DAYS_PER_MONTH).to_integral_value(ROUND_CEILING))
