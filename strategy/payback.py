"""When a stated saving pays: payback in days, and the least saving that makes a stated one-off worth it. All exact.

For a description without traffic, hazard and discount (`strategy.advice`); a feature with traffic is asked of
`strategy.worth`.
"""

from decimal import ROUND_CEILING, Decimal

from strategy.money import DAYS_PER_MONTH, DAYS_PER_YEAR
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
