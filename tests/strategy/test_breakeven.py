"""The break-even as a number: over whole machines, over estimates that count other machines, and where none is."""

from decimal import Decimal
from typing import NamedTuple

import pytest

from strategy.breakeven import _filled, _most, breakeven_calls
from strategy.cost import Plan
from strategy.forecast import Forecast
from strategy.kinds import Strategy
from strategy.npv import Served
from strategy.terms import terms_of
from strategy.worth import Outlook, outlook_of
from tests.strategy.made import POLICY
from tests.strategy.test_worth_bounds import FOUR, by_hand

TERMS = terms_of(POLICY)


class End(NamedTuple):
    """What an end of the estimates makes of a machine's price, its calls and the fixed cost, as multiples."""

    gpu: str = "1"
    calls: str = "1"
    fixed: str = "1"


class Way(NamedTuple):
    """A move: what a call costs today, what stands today, and the target; then its ends, and what lies ahead."""

    unit: str
    now: str = "0"
    target: str = "0"
    fixed: str = "0"
    once: str = "0"
    gpu: str = "0"
    carries: str = "1"
    low: End = End()
    high: End = End()
    slope: float = 0.0
    slope_sd: float = 0.0
    level: float = 1000.0

    def plans(self) -> tuple[Plan, Plan, Outlook]:
        """The present, the target, and what lies ahead."""
        present = _plan(unit=self.unit, fixed=Decimal(self.now))
        ends = [self._at(end) for end in (self.low, End(), self.high)]
        levels = dict(zip(("low", "base", "high"), ((each,) for each in ends), strict=True))
        forecast = Forecast(self.level, self.slope, self.slope_sd, 28, 60)
        return present, ends[1], outlook_of(forecast, levels, POLICY, TERMS)  # type: ignore[arg-type]  # the three levels

    def _at(self, end: End) -> Plan:
        times = [
            Decimal(own) * Decimal(factor)
            for own, factor in zip((self.gpu, self.carries, self.fixed), end, strict=True)
        ]
        return _plan(self.target, times[2], Decimal(self.once), times[0], times[1])


def _plan(
    unit: str, fixed: Decimal, once: Decimal = Decimal(0), gpu: Decimal = Decimal(0), carries: Decimal = Decimal(1)
) -> Plan:
    return Plan(
        option="distill",
        usd_per_call=Decimal(unit),
        fixed_usd_month=fixed,
        one_off_usd=once,
        gpu_usd_month=gpu,
        gpu_calls_month=carries,
    )


WAYS = {
    "without a call it is worth it": (Way("0.0005", now="100"), 0),
    "without a call, on one machine": (
        Way("0.01", now="100", gpu="10", carries="1500000", low=End("0.3"), high=End("4")),
        0,
    ),
    "without a call, on a machine that does not carry itself": (
        Way("1", now="1000", fixed="150", gpu="10", carries="7", low=End("0.3", "1.5"), high=End("1", "0.5")),
        0,
    ),
    "what stands today is spared before any machine is": (
        Way("5", now="1000", gpu="10", carries="20", low=End("0.5"), high=End("1", "0.7")),
        0,
    ),
    "from the first call on": (
        Way("5", "1000", "0", "1000", "500", "100", "1080000", End("0.5", "2", "0.3"), End("2", "0.5"), 0.003, 0.003),
        1,
    ),
    "in the second machine": (Way("1", fixed="800", gpu="1000", carries="1500"), 98),
    "at the first call of a machine": (
        Way("5", fixed="500", once="500", gpu="10", carries="46", high=End("2", "0.5"), slope=-0.004, slope_sd=0.003),
        7,
    ),
    "what stands today counts by the day": (Way("1", now="100", fixed="1000", high=End(fixed="3")), 37),
    "estimates that count other machines": (
        Way("0.002", "100", "0.0004", "0", "30000", "100", "3000000", End("0.5"), End("2"), 0.003),
        86743,
    ),
    "a high end of twice the machines": (
        Way(
            "0.0005",
            fixed="1000",
            gpu="100",
            carries="1080000",
            low=End("1", "3", "0.3"),
            high=End("1.5", "0.5"),
            slope=-0.004,
            slope_sd=0.003,
            level=0.0,
        ),
        132176,
    ),
    "a high end of four times the cost": (
        Way("0.01", fixed="3000", gpu="1000", carries="1600000", high=End("4", "1", "3"), slope_sd=0.003),
        16581,
    ),
    "many machines from the start": (
        Way(
            "0.002",
            "100",
            "0.0004",
            "3000",
            "30000",
            "100",
            "100000",
            high=End("2", "0.5"),
            slope=0.003,
            slope_sd=0.003,
        ),
        386328,
    ),
    "a machine that is filled to its last call": (
        Way(
            "0.002",
            fixed="3000",
            once="6000",
            gpu="10",
            carries="100000",
            low=End("0.3"),
            high=End("1", "1", "3"),
            slope_sd=0.003,
        ),
        82832,
    ),
    "a high end whose machine is full one call into another": (
        Way("1", fixed="8000", gpu="1000", carries="3000", high=End("4", "4.01"), slope_sd=0.003),
        495,
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_the_break_even_is_this_call_and_not_one_fewer(name: str) -> None:
    """The number itself; the judgement says yes at it and no one call below."""
    way, expected = WAYS[name]
    present, target, ahead = way.plans()
    assert breakeven_calls(present, target, ahead) == expected
    assert ahead.asked(present, target, Decimal(expected)).is_worth()
    assert ahead.is_worth(present, target, Decimal(expected))
    assert expected == 0 or not ahead.asked(present, target, Decimal(expected - 1)).is_worth()


def test_machines_are_counted_where_the_estimates_are_sure() -> None:
    """Without ends nothing but the number of machines cuts the calls: the second one carries it, as with ends."""
    present, target, _ = WAYS["in the second machine"][0].plans()
    sure = outlook_of(Forecast(1000.0, 0.0, 0.0, 28, 60), {"low": (), "base": (target,), "high": ()}, POLICY, TERMS)
    assert sure.ends == {}
    assert breakeven_calls(present, target, sure) == 98


def test_a_full_machine_is_counted_to_its_last_call() -> None:
    """100,000 a month are 3,333 and a third a day: 24 machines carry 80,000, which a rounded third would not."""
    machine = _priced("0", gpu="10", carries="100000")
    assert [_most(machine, count) for count in (0, 1, 2, 3, 24)] == [0, 3333, 6666, 10_000, 80_000]
    assert [_filled(machine, calls) for calls in (0, 3333, 3334, 10_000, 79_999, 80_000)] == [0, 0, 1, 3, 23, 24]


def _priced(unit: str, *, fixed: str = "0", once: str = "0", gpu: str = "0", carries: str = "1") -> Plan:
    return _plan(unit, Decimal(fixed), Decimal(once), Decimal(gpu), Decimal(carries))


def test_where_nothing_is_called_before_the_move_is_over_there_is_none() -> None:
    """No point has a call: no number of calls today makes it worth anything."""
    never = by_hand(Served(calls=(0.0,) * 4, days=(1.0,) * 4, overrun=(1.0,) * 4, running=(0.0,) * 4))
    assert breakeven_calls(_priced("1"), _priced("0", once="10"), never) is None


def test_the_surest_point_alone_binds_where_little_is_asked() -> None:
    """One point of four has ten calls, three have one: a chance of a quarter leaves it to the expected worth."""
    served = Served(calls=(10.0, 1.0, 1.0, 1.0), days=(1.0,) * 4, overrun=(1.0,) * 4, running=(0.0,) * 4)
    lax = by_hand(served, hurdle=0.0, sure_pays=0.25)
    assert breakeven_calls(_priced("1"), _priced("0", once="3250"), lax) == 1001
    assert breakeven_calls(_priced("1"), _priced("0", once="3250"), by_hand(served, hurdle=0.0, sure_pays=0.75)) == 3251


@pytest.mark.parametrize(("unit", "expected"), [("1", None), ("1.5", 5)])
def test_machines_that_just_carry_themselves_never_pay_and_a_little_more_does(unit: str, expected: int | None) -> None:
    """A dollar a day for a call a day: at a dollar a call none is left, at a dollar and a half fifty cents each."""
    flat = by_hand(Served((1.0,) * 4, FOUR.days, FOUR.overrun, (0.0,) * 4))
    target = _priced("0", fixed="60", gpu="30", carries="30")
    assert flat.leads[Strategy.DISTILL].calls == 1.0
    assert breakeven_calls(_priced(unit), target, flat) == expected
