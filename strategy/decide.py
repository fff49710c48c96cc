"""The stateless half of the decision procedure: each option tested on evidence, chance and worth (steps 3 to 7).

What it found is held against time by `strategy.calm`, which alone says that a move is due.
"""

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal

from strategy.forecast import Forecast
from strategy.npv import Ahead, Option, Stakes, Worth, ahead_of, worth_of
from strategy.terms import Terms

BASELINE = "prompt"
"""What every option's quality is measured against, and what the gain of the present one is counted from."""

_MOST_RISK, _LEAST_RISK = 0.5, 1e-6
_STANDARD = NormalDist()
_DRAWS = tuple(_STANDARD.inv_cdf((k + 0.5) / 9) for k in range(9))

Hindrance = Literal["no_baseline", "needs_eval", "worth"]
"""What keeps an option from qualifying: no paired eval at all, not enough evidence, or not worth its one-off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One feature at one instant: what it runs on, what it could run on, and which of those have a paired eval."""

    present: Option
    options: tuple[Option, ...]
    proven: frozenset[str]
    forecast: Forecast
    stakes: Stakes
    weight: float = 0.0
    """The feature's spend as a multiple of the fleet's mean; 0 where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One option's tests: `passes` them all, or still `holds` at half their thresholds; `npv` and `one_off` in USD.

    `merit` is what options are ranked by: the expected gain less what a chance of breaking the margin takes off it. It
    is below zero where that chance is more than this share of all there is to gain may take (`sure_quality`).
    """

    name: str
    npv: float
    merit: float = 0.0
    one_off: float
    positive: float
    sure: float
    passes: bool
    holds: bool
    hindrance: Hindrance | None

    @property
    def confidence(self) -> float:
        """The chance that it pays times the chance that it is good enough."""
        return self.positive * self.sure


def appraise(situation: Situation, terms: Terms) -> tuple[Weighed, ...]:
    """Every option but the present one, tested; the best first. Empty where the feature is cold or has no calls.

    Without calls nothing is saved and nothing is kept up: a feature that ended is not moved back to a cheaper upkeep.
    """
    if situation.forecast.is_cold(terms) or situation.forecast.level <= 0:
        return ()
    ahead = ahead_of(situation.forecast, terms)
    found = {
        option: worth_of(situation.present, option, ahead, situation.stakes, terms)
        for option in situation.options
        if option.name != situation.present.name
    }
    best = max((worth.mean for option, worth in found.items() if option.name in situation.proven), default=0.0)
    most = max(0.0, best) + _gained(situation, ahead, terms)
    tested = [_tested(situation, option, worth, most, terms) for option, worth in found.items()]
    return tuple(sorted(tested, key=lambda each: (-each.merit, each.name)))


def _gained(situation: Situation, ahead: Ahead, terms: Terms) -> float:
    """What the present option is worth against the baseline that it replaced, in USD, its one-off being spent."""
    start = next((option for option in situation.options if option.name == BASELINE), situation.present)
    if start.name == situation.present.name:
        return 0.0
    running = replace(situation.present, one_off_usd=0.0, lead_days=0)
    return max(0.0, worth_of(start, running, ahead, situation.stakes, terms).mean)


def _tested(situation: Situation, option: Option, worth: Worth, most: float, terms: Terms) -> Weighed:
    """One option's tests; `most` is all there is to gain in USD, from the baseline on, by which risk is rationed."""
    sure = option.belief.at_least(-situation.stakes.margin)
    proven = option.name in situation.proven

    def stands(share: float) -> bool:
        return (
            worth.positive >= terms.sure_pays * share
            and worth.mean >= terms.hurdle * share * worth.one_off
            and worth.mean > 0
        )

    risk = min(_MOST_RISK, (1.0 - terms.sure_quality) * (1.0 + terms.large_relief * situation.weight))
    price = most / max(risk, _LEAST_RISK)
    merit = worth.mean - price * (1.0 - sure)
    evident = merit >= (1.0 - terms.wait_cost) * _later(option, worth.mean, price, situation.stakes.margin)
    return Weighed(
        name=option.name,
        npv=worth.mean,
        merit=merit,
        one_off=worth.one_off,
        positive=worth.positive,
        sure=sure,
        passes=proven and evident and stands(1.0),
        holds=proven and sure >= terms.sure_quality * terms.withdraw_share and stands(terms.withdraw_share),
        hindrance="worth" if not stands(1.0) else "no_baseline" if not proven else None if evident else "needs_eval",
    )


def _later(option: Option, npv: float, price: float, margin: float) -> float:
    """The merit to be expected once the next eval is known, where no move is made if that is below nothing."""
    before, noise = option.belief.sd, option.next_noise
    if noise is None or before <= 0:
        return 0.0
    told = before**2 / math.sqrt(before**2 + noise)
    left = math.sqrt(before**2 * noise / (before**2 + noise))
    found = (_STANDARD.cdf((option.belief.mean + told * draw + margin) / left) for draw in _DRAWS)
    return sum(max(0.0, npv - price * (1.0 - sure)) for sure in found) / len(_DRAWS)
