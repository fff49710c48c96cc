"""The calls a day from which a move is worth it, found exactly: a line per common point, and whole machines.

A real number is found first, from lines in floats; then the judgement itself is asked of the whole calls beside it, so
that the break-even and the flip point are one number.
"""

import math
from collections.abc import Iterable, Iterator
from decimal import Decimal

from strategy.cost import Plan
from strategy.money import DAYS_PER_MONTH, ZERO
from strategy.worth import Outlook

_MONTH = float(DAYS_PER_MONTH)
_MORE_MACHINES = 64
_BESIDE, _NEAR = 2, 16


def breakeven_calls(present: Plan, plan: Plan, outlook: Outlook) -> int | None:
    """The least whole calls a day from which moving is worth it; None where no volume makes it so.

    With n machines the saving must carry n machines, and n machines must carry the calls. Where the present strategy
    runs on machines of its own the question is the reverse one, and the answer None.
    """
    if present.usd_per_call <= plan.usd_per_call or present.gpu_usd_month:
        return None
    for first, last in _segments(present, plan, outlook):
        least = _least(present, plan, outlook, Decimal(first))
        if math.isinf(least) or (last is not None and least > last + 1):
            continue
        near = max(first, math.ceil(least) - _BESIDE)
        tried = range(near, near + _NEAR if last is None else min(near + _NEAR, last + 1))
        for calls in tried:
            if outlook.asked(present, plan, Decimal(calls)).is_worth():
                return calls
    return None


def _segments(present: Plan, plan: Plan, outlook: Outlook) -> Iterator[tuple[int, int | None]]:
    """The first and last whole calls a day that are served alike; the last is None where that is all of them."""
    if plan.gpu_usd_month:
        for first, last in _machines(present, plan, outlook):
            yield from _alike(first, last, outlook.ends.get(plan.option, ()))
    else:
        yield 0, None


def _machines(present: Plan, plan: Plan, outlook: Outlook) -> Iterator[tuple[int, int]]:
    """The calls of each number of machines, from the first that could carry its own cost."""
    capacity = float(plan.gpu_calls_month / DAYS_PER_MONTH)
    lead, unit = outlook.leads[plan.strategy], float(present.usd_per_call - plan.usd_per_call)
    gain = capacity * unit * lead.calls - float(plan.gpu_usd_month) / _MONTH * lead.days
    if gain <= 0:
        yield 0, _most(plan, 1)
        return
    fixed = float(plan.fixed_usd_month - present.fixed_usd_month) / _MONTH * lead.days
    machines = max(1, int((fixed + float(plan.one_off_usd) * lead.overrun) / gain))
    for count in range(machines, machines + _MORE_MACHINES):
        yield (_most(plan, count - 1) + 1 if count > 1 else 0), _most(plan, count)


def _alike(first: int, last: int, ends: Iterable[Plan]) -> Iterator[tuple[int, int]]:
    """The parts of a span within which the low and the high estimate, too, count the same machines."""
    cuts = {last}
    for each in ends:
        counts = range(_filled(each, first), _filled(each, last) + 1)
        cuts |= {cut for count in counts if first <= (cut := _most(each, count)) < last}
    for cut in sorted(cuts):
        yield first, cut
        first = cut + 1


def _most(plan: Plan, machines: int) -> int:
    """The most whole calls a day that so many machines serve; divided last, or a full machine would lose a call."""
    return int(plan.gpu_calls_month * machines / DAYS_PER_MONTH)


def _filled(plan: Plan, calls: int) -> int:
    """The machines that so many calls a day fill."""
    return int(calls * DAYS_PER_MONTH / plan.gpu_calls_month)


def _least(present: Plan, plan: Plan, outlook: Outlook, served_like: Decimal) -> float:
    """The real number of calls a day at which the last of the three tests is passed; infinite where none is.

    Machines are counted as for the calls of `served_like`.
    """
    lead, terms = outlook.leads[plan.strategy], outlook.terms
    unit, once = float(present.usd_per_call - plan.usd_per_call), float(plan.one_off_usd)
    now, then = float(present.standing(ZERO)) / _MONTH, float(plan.standing(served_like)) / _MONTH
    wanted = terms.hurdle * once * math.exp(terms.overrun_mean + terms.overrun_sd**2 / 2)
    served, stray = lead.served, outlook.stray(plan.option, served_like)
    rows = zip(served.calls, served.days, served.overrun, stray, strict=True)
    each = sorted(
        (once * overrun - (now - then * more) * days) / (unit * calls) if calls else math.inf
        for calls, days, overrun, more in rows
    )
    sure = each[max(0, math.ceil(terms.sure_pays * len(each)) - 1)]
    expected = (
        (wanted + once * lead.overrun - (now - then) * lead.days) / (unit * lead.calls) if lead.calls else math.inf
    )
    mention = (float(outlook.least_month) / _MONTH - (now - then)) / unit
    return max(0.0, sure, expected, mention)
