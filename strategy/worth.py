"""What a move is worth: the exact plans of today, carried over the common points of `strategy.npv` (step 6).

The points, forecast, discount, hazard, lead and overrun are those that `strategy.replay` proves. The expected worth is
at the base estimates; the chance that it is more than nothing also lets what is paid every month stray over its range.
Chances and expected worths are floats and estimates; what a month costs and saves stays decimal.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache

from strategy.cost import Plan
from strategy.forecast import Forecast
from strategy.kinds import Property, Strategy
from strategy.money import DAYS_PER_MONTH, DAYS_PER_YEAR
from strategy.npv import Served, ahead_of, served_after
from strategy.policy import Level, Policy
from strategy.terms import Terms

_MONTH = float(DAYS_PER_MONTH)
_NINE_TENTHS = 1.2816
_TOGETHER = 0.5
_ENDS: tuple[Level, Level] = ("low", "high")


@dataclass(frozen=True, slots=True)
class Lead:
    """The sums of one lead, with their means over the common points."""

    served: Served
    calls: float
    days: float
    overrun: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What lies ahead of one feature. `ends` holds for an option its plans at the low, base and high estimates.

    Whole machines are counted at the volume that is asked about, at each of the three.
    """

    terms: Terms
    least_month: Decimal
    leads: Mapping[Strategy, Lead]
    ends: Mapping[str, tuple[Plan, Plan, Plan]]
    known: dict[tuple[Decimal, ...], tuple[float, ...]] = field(default_factory=dict, compare=False)

    def stray(self, option: str, calls_per_day: Decimal) -> tuple[float, ...]:
        """The multiples of an option's monthly cost at the points; all 1 where nothing is known of it."""
        running = next(iter(self.leads.values())).served.running
        if option not in self.ends:
            return (1.0,) * len(running)
        low, base, high = (plan.standing(calls_per_day) for plan in self.ends[option])
        levels = low, base, high
        if levels not in self.known:
            self.known[levels] = strayed(low, base, high, running)
        return self.known[levels]

    def is_worth(self, present: Plan, plan: Plan, calls_per_day: Decimal) -> bool:
        """Whether a move at one volume saves enough to be worth a mention, and is worth its one-off."""
        unit, now, then = self._spared(present, plan, calls_per_day)
        month = unit * DAYS_PER_MONTH + now - then
        return month >= self.least_month and self._asked(plan, calls_per_day, unit, now, then).stands()

    def asked(self, present: Plan, plan: Plan, calls_per_day: Decimal) -> "Asked":
        """One move at one volume, on as many machines as that needs."""
        return self._asked(plan, calls_per_day, *self._spared(present, plan, calls_per_day))

    def _spared(self, present: Plan, plan: Plan, calls: Decimal) -> tuple[Decimal, Decimal, Decimal]:
        """What the calls of a day spare, and what stands a month on each side, in USD."""
        unit = (present.usd_per_call - plan.usd_per_call) * calls
        return unit, present.standing(calls), plan.standing(calls)

    def _asked(self, plan: Plan, calls: Decimal, unit: Decimal, now: Decimal, then: Decimal) -> "Asked":
        return Asked(
            outlook=self,
            plan=plan,
            calls_per_day=calls,
            lead=self.leads[plan.strategy],
            month=unit * DAYS_PER_MONTH + now - then,
            unit=float(unit),
            now=float(now) / _MONTH,
            then=float(then) / _MONTH,
            once=float(plan.one_off_usd),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One move at one volume. `month` is what it spares in USD a month, exactly.

    The rest are floats, per day but for `once`: `unit` is what calls spare, `now` and `then` what stands on each side.
    """

    outlook: Outlook
    plan: Plan
    calls_per_day: Decimal
    lead: Lead
    month: Decimal
    unit: float
    now: float
    then: float
    once: float

    def is_worth(self) -> bool:
        """Whether it saves enough to be worth a mention, and is worth its one-off."""
        return self.month >= self.outlook.least_month and self.stands()

    def stands(self, share: float = 1.0) -> bool:
        """Whether it passes the tests of worth and chance, at this share of their thresholds."""
        terms, mean = self.outlook.terms, self.mean()
        return (
            mean > 0
            and mean >= terms.hurdle * share * self.expected_one_off()
            and self.positive() >= terms.sure_pays * share
        )

    def mean(self) -> float:
        """The expected worth in USD, at the base estimates."""
        lead = self.lead
        return self.unit * lead.calls + (self.now - self.then) * lead.days - self.once * lead.overrun

    def stray(self) -> tuple[float, ...]:
        """The multiples of what stands on the other side, at the points."""
        return self.outlook.stray(self.plan.option, self.calls_per_day)

    def expected_one_off(self) -> float:
        """The one-off with its expected overrun."""
        terms = self.outlook.terms
        return self.once * math.exp(terms.overrun_mean + terms.overrun_sd**2 / 2)

    def positive(self) -> float:
        """The chance that it is worth more than nothing."""
        served, unit, now, then, once = self.lead.served, self.unit, self.now, self.then, self.once
        rows = zip(served.calls, served.days, served.overrun, self.stray(), strict=True)
        better = [unit * calls + (now - then * stray) * days > once * overrun for calls, days, overrun, stray in rows]
        return sum(better) / len(better)

    def payback_days(self, share: float) -> int | None:
        """The days until the one-off is repaid that this share of the common points does not exceed; None is never."""
        found = sorted(self._paybacks())
        at = found[min(len(found) - 1, int(share * len(found)))]
        return None if math.isinf(at) else math.ceil(at)

    def repaid_within(self, days: float) -> float:
        """The chance that the one-off is repaid in so many days, counted from when the move is done."""
        found = self._paybacks()
        return sum(each <= days for each in found) / len(found)

    def _paybacks(self) -> list[float]:
        """The days until the one-off is repaid, at each point."""
        served = self.lead.served
        rows = zip(served.calls, served.days, served.overrun, self.stray(), strict=True)
        found = []
        for calls, days, overrun, stray in rows:
            spared = (self.unit * calls / days if days else self.unit) + self.now - self.then * stray
            found.append(self.once * overrun / spared if spared > 0 else math.inf)
        return found


def outlook_of(forecast: Forecast, levels: Mapping[Level, tuple[Plan, ...]], policy: Policy, terms: Terms) -> Outlook:
    """What lies ahead, from the forecast; `levels` has the plans at their low, base and high estimates."""
    by_days = _leads(forecast, terms, frozenset(lead_days(strategy, policy) for strategy in Strategy))
    leads = {strategy: by_days[lead_days(strategy, policy)] for strategy in Strategy}
    low, high = ({plan.option: plan for plan in levels[end]} for end in _ENDS)
    ends = {
        plan.option: (low[plan.option], plan, high[plan.option])
        for plan in levels["base"]
        if plan.option in low and plan.option in high
    }
    least = policy.number("min_saving_usd_year") * DAYS_PER_MONTH / DAYS_PER_YEAR
    return Outlook(terms, least, leads, ends)


@lru_cache(maxsize=8)
def _leads(forecast: Forecast, terms: Terms, lengths: frozenset[int]) -> Mapping[int, Lead]:
    """What is served after a move of each length in days; the cases of one feature mostly share a forecast."""
    ahead = ahead_of(forecast, terms)
    return {days: _lead(served_after(ahead, days, terms)) for days in lengths}


def _lead(served: Served) -> Lead:
    points = len(served.calls)
    return Lead(served, *(math.fsum(each) / points for each in (served.calls, served.days, served.overrun)))


def strayed(low: Decimal, base: Decimal, high: Decimal, running: tuple[float, ...]) -> tuple[float, ...]:
    """The multiples of a cost at each point, from its 10th percentile, base and 90th; all 1 where one is nothing.

    The estimates take every cause (days, rates, hours, throughput) at its end at once, which is far beyond that
    percentile of them together: of four alike causes the logarithm shrinks by half.
    """
    if not low or not base or not high or low == high:
        return (1.0,) * len(running)
    down, up = (math.log(float(end / base)) * _TOGETHER / _NINE_TENTHS for end in (low, high))
    return tuple(math.exp((down if deviation < 0 else up) * abs(deviation)) for deviation in running)


def lead_days(strategy: Strategy, policy: Policy) -> int:
    """How long a move takes: the geometric mean of the matrix's range, in whole days."""
    cell = policy.cells[Property.TIME_TO_PRODUCTION, strategy]
    return int((Decimal(cell.lo) * Decimal(cell.hi)).sqrt().to_integral_value(ROUND_CEILING))
