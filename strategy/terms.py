"""The numbers of the decision procedure as one value, read once from the policy.

Chances, logarithms and expected values are floats: they estimate. Money that a person is shown or that is summed stays
decimal and never comes from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from strategy.policy import Policy

PRIORS = ("code", "embed", "distill", "hybrid", "prompt:tuned", "prompt:cheaper_model")
"""The options that have a prior of their own for how well they do against today's prompt."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of a quality difference (option less prompt, as a share) before its own evals: a normal."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Windows in days, `hazard` and `discount` per year, slopes in log per day, else shares (see constants.yaml)."""

    level_days: int
    slope_days: int
    winsor: float
    min_days: int
    min_recent_days: int
    late_days: int
    most_late_days: int
    step_down: float
    slope_prior_sd: float
    trend_days: float
    volume_sd: float
    horizon_days: int
    discount: float
    hazard: float
    hazard_weight: float
    overrun_mean: float
    overrun_sd: float
    hurdle: float
    sure_pays: float
    sure_quality: float
    breach_times: float
    large_relief: float
    wait_cost: float
    wait_days: int
    persist_days: int
    dwell_days: int
    reappraise_days: int
    withdraw_share: float
    withdraw_days: int
    retarget_by: float
    surprise_share: float
    surprise_sd: float
    fleet_weight: float
    priors: Mapping[str, Prior] = field(hash=False)


def terms_of(policy: Policy) -> Terms:
    """The terms in force under a policy."""

    def real(key: str) -> float:
        return float(policy.number(key))

    def whole(key: str) -> int:
        return int(policy.number(key))

    return Terms(
        level_days=whole("level_days"),
        slope_days=whole("slope_days"),
        winsor=real("winsor_factor"),
        min_days=whole("min_days"),
        min_recent_days=whole("min_recent_days"),
        late_days=whole("late_days"),
        most_late_days=whole("most_late_days"),
        step_down=real("step_down"),
        slope_prior_sd=real("slope_prior_sd"),
        trend_days=real("trend_days"),
        volume_sd=real("volume_sd"),
        horizon_days=whole("horizon_days"),
        discount=real("discount_per_year"),
        hazard=real("hazard_per_year"),
        hazard_weight=real("hazard_weight"),
        overrun_mean=real("overrun_log_mean"),
        overrun_sd=real("overrun_log_sd"),
        hurdle=real("hurdle"),
        sure_pays=real("sure_pays"),
        sure_quality=real("sure_quality"),
        breach_times=real("breach_times"),
        large_relief=real("large_relief"),
        wait_cost=real("wait_cost"),
        wait_days=whole("wait_days"),
        persist_days=whole("persist_days"),
        dwell_days=whole("dwell_days"),
        reappraise_days=whole("reappraise_days"),
        withdraw_share=real("withdraw_share"),
        withdraw_days=whole("withdraw_days"),
        retarget_by=real("retarget_by"),
        surprise_share=real("surprise_share"),
        surprise_sd=real("surprise_sd"),
        fleet_weight=real("fleet_weight"),
        priors={
            option: Prior(real(f"prior_{_key(option)}_mean"), real(f"prior_{_key(option)}_sd")) for option in PRIORS
        },
    )


def _key(option: str) -> str:
    return option.rpartition(":")[2]
