"""How sure a saving is: the chance that it repays its one-off, if estimates run over as estimates do.

The one-off overruns log-normally, the volume strays by the policy's share; both are cited constants (decision research,
section 3). The full procedure's simulation will take this place. A probability is a float; no money leaves here.
"""

import math
from decimal import Decimal

from strategy.cost import Plan
from strategy.money import DAYS_PER_MONTH
from strategy.policy import Policy

_TWO = Decimal("0.01")


def chance_of_payback(present: Plan, target: Plan, calls_per_day: Decimal, policy: Policy) -> Decimal:
    """The chance, to two places, that the saving over the horizon is more than the one-off."""
    less = present.monthly(calls_per_day) - target.monthly(calls_per_day)
    if less <= 0:
        return Decimal("0.00")
    if target.one_off_usd <= 0:
        return Decimal("1.00")
    gain = less * policy.number("horizon_days") / DAYS_PER_MONTH
    lever = (present.usd_per_call - target.usd_per_call) * calls_per_day * DAYS_PER_MONTH / less
    spread = math.hypot(float(policy.number("overrun_log_sd")), float(policy.number("volume_sd") * lever))
    distance = math.log(gain / target.one_off_usd) - float(policy.number("overrun_log_mean"))
    return Decimal((1 + math.erf(distance / spread / math.sqrt(2))) / 2).quantize(_TWO)
