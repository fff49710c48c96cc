"""How sure a saving is: the chance that it repays its one-off, if estimates run over as estimates do.

The one-off overruns log-normally, the volume strays by the policy's share, and the target's running cost lies between
its low and high estimate, taken for the 10th and 90th percentile. A probability is a float; no money leaves here.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

from strategy.cost import Plan
from strategy.money import DAYS_PER_MONTH
from strategy.policy import Policy

_TWO = Decimal("0.01")
# The middles of ten equally likely parts of a standard normal; a running cost is tried at each.
_PARTS = (-1.6449, -1.0364, -0.6745, -0.3853, -0.1257, 0.1257, 0.3853, 0.6745, 1.0364, 1.6449)
_NINE_TENTHS = 1.2816


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a running cost may lie from its base estimate: multiples of it at the 10th and 90th percentile."""

    low: float = 1.0
    high: float = 1.0

    def at(self, deviation: float) -> float:
        """The multiple at so many standard deviations from the middle.

        >>> Reach(low=0.5, high=3.0).at(-1.2816), Reach(low=0.5, high=3.0).at(1.2816)
        (0.5, 3.0)
        """
        return float((self.low if deviation < 0 else self.high) ** (abs(deviation) / _NINE_TENTHS))


EXACT = Reach()


def reach_of(low: Decimal | None, base: Decimal | None, high: Decimal | None) -> Reach:
    """The reach of a monthly cost from its three estimates; none where one is unknown or free."""
    if not low or not base or not high:
        return EXACT
    return Reach(low=float(low / base), high=float(high / base))


def chance_of_payback(
    present: Plan, target: Plan, calls_per_day: Decimal, policy: Policy, reach: Reach = EXACT
) -> Decimal:
    """The chance, to two places, that the saving over the horizon is more than the one-off."""
    now, then = float(present.monthly(calls_per_day)), float(target.monthly(calls_per_day))
    lever = float((present.usd_per_call - target.usd_per_call) * calls_per_day * DAYS_PER_MONTH)
    chances = [_chance(now - then * reach.at(part), lever, target, policy) for part in _PARTS]
    return Decimal(sum(chances) / len(chances)).quantize(_TWO)


def _chance(less: float, lever: float, target: Plan, policy: Policy) -> float:
    """The chance at one running cost: `less` is what it spares a month, `lever` how that moves with the volume."""
    if less <= 0:
        return 0.0
    if target.one_off_usd <= 0:
        return 1.0
    gain = less * float(policy.number("horizon_days") / DAYS_PER_MONTH)
    spread = math.hypot(float(policy.number("overrun_log_sd")), float(policy.number("volume_sd")) * lever / less)
    distance = math.log(gain / float(target.one_off_usd)) - float(policy.number("overrun_log_mean"))
    return (1 + math.erf(distance / spread / math.sqrt(2))) / 2
