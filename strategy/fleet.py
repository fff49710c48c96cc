"""The fleet's own record: how well each option did against the prompt elsewhere, as a prior for the next feature.

Empirical Bayes (decision research, step 4): the constants' prior counts as so many features, the other features' paired
evals join it, and a feature never counts towards its own prior.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from strategy.terms import Prior, Terms

_OUTLIER = 3.0
_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Fleet:
    """By option and kind of task, each feature's measured difference and its variance (`Paired.difference`)."""

    seen: Mapping[tuple[str, str], Mapping[str, tuple[float, float]]] = field(default_factory=dict)

    def prior(self, option: str, kind: str, feature: str, terms: Terms) -> Prior:
        """What to expect of an option for a feature of this kind of task, from all others like it."""
        start = terms.priors[option]
        others = [found for name, found in self.seen.get((option, kind), {}).items() if name != feature]
        if not others:
            return start
        between = start.sd**2
        weight = terms.fleet_weight / between
        total = weight * start.mean
        for seen, noise in others:
            kept = 1.0 / (between + noise)
            weight, total = weight + kept, total + kept * seen
        mean = total / weight
        spread, count = terms.fleet_weight * between, terms.fleet_weight
        for seen, noise in others:
            room = between + noise
            share = (between / room) ** 2
            off = min((seen - mean) ** 2, _OUTLIER**2 * room)
            spread, count = spread + share * max(0.0, off - noise), count + share
        return Prior(mean, math.sqrt(spread / count + 1.0 / weight))


def hazard_of(ends: int, days: int, terms: Terms) -> float:
    """How often a feature ends, a year, by the fleet's own ends and days alive; the constant counts as some ends.

    Rounded to a hundredth: it moves seldom, and the common points with it.
    """
    if terms.hazard <= 0 or terms.hazard_weight <= 0:
        return terms.hazard
    return round((terms.hazard_weight + ends) / (terms.hazard_weight / terms.hazard + days / _YEAR), 2)
