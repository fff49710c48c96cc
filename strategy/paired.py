"""Paired evals: baseline and candidate on the same items, tested for non-inferiority (decision research, section 5).

Tango's score test (1998) holds its size where Wald's does not (0.044-0.051 against up to 0.091). The belief used to
weigh a move is a normal posterior with a small share set aside for surprises, so that an option that is plainly worse
than its kind is not pulled towards its kind.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

from strategy.terms import Prior, Terms

_POWER, _SIZE = 0.80, 0.05
_STANDARD = NormalDist()


@dataclass(frozen=True, slots=True)
class Paired:
    """Pooled counts of items on which both were right, only the baseline, only the candidate, or neither."""

    both_ok: int = 0
    base_only: int = 0
    cand_only: int = 0
    both_bad: int = 0

    @property
    def n(self) -> int:
        """How many items were scored by both."""
        return self.both_ok + self.base_only + self.cand_only + self.both_bad

    def plus(self, other: "Paired") -> "Paired":
        """Both evals' items together."""
        return Paired(
            self.both_ok + other.both_ok,
            self.base_only + other.base_only,
            self.cand_only + other.cand_only,
            self.both_bad + other.both_bad,
        )

    def difference(self) -> tuple[float, float]:
        """The candidate's advantage as a share, and its variance; half an item is added to each kind of discord."""
        n = self.n + 1
        discord = (self.base_only + self.cand_only + 1) / n
        advantage = (self.cand_only - self.base_only) / n
        return advantage, (discord - advantage**2) / n


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of an option's quality less the baseline's: a mixture of normals (weight, mean, sd)."""

    parts: tuple[tuple[float, float, float], ...] = ((1.0, 0.0, 0.0),)

    @property
    def mean(self) -> float:
        """The expected difference."""
        return sum(weight * mean for weight, mean, _ in self.parts)

    @property
    def sd(self) -> float:
        """The standard deviation of the mixture."""
        middle = self.mean
        return math.sqrt(sum(weight * (sd**2 + (mean - middle) ** 2) for weight, mean, sd in self.parts))

    def at_least(self, least: float) -> float:
        """The chance that the difference is no less than this."""
        return sum(weight * _above(mean, sd, least) for weight, mean, sd in self.parts)


AS_TODAY = Belief()
"""The baseline itself: no difference, surely."""


def _above(mean: float, sd: float, least: float) -> float:
    return float(mean >= least) if sd <= 0 else _STANDARD.cdf((mean - least) / sd)


def belief_of(paired: Paired | None, prior: Prior, terms: Terms) -> Belief:
    """The posterior of the difference after these counts; without any, the prior."""
    kinds = ((1.0 - terms.surprise_share, prior.sd), (terms.surprise_share, max(prior.sd, terms.surprise_sd)))
    if paired is None:
        return Belief(tuple((weight, prior.mean, sd) for weight, sd in kinds))
    seen, noise = paired.difference()
    parts = []
    for weight, sd in kinds:
        total = sd**2 + noise
        likely = weight * math.exp(-((seen - prior.mean) ** 2) / (2 * total)) / math.sqrt(total)
        parts.append((likely, prior.mean + sd**2 / total * (seen - prior.mean), math.sqrt(sd**2 * noise / total)))
    whole = sum(likely for likely, _, _ in parts)
    return Belief(tuple((likely / whole, mean, sd) for likely, mean, sd in parts))


def tango(paired: Paired, margin: float) -> float:
    """The score statistic against "the candidate is worse by the margin or more"; 1.645 proves it at 95 %.

    >>> round(tango(Paired(800, 50, 50, 100), 0.02), 2)
    1.97
    """
    n, up, down, worse = paired.n, paired.cand_only, paired.base_only, -margin
    a, c = 2.0 * n, -down * worse * (1.0 - worse)
    b = -up - down + (2.0 * n - up + down) * worse
    least = (math.sqrt(max(0.0, b * b - 4.0 * a * c)) - b) / (2.0 * a)
    spread = n * (2.0 * least + worse * (1.0 - worse))
    return (up - down - n * worse) / math.sqrt(spread) if spread > 0 else 0.0


def items_to_prove(margin: float, discord: float, advantage: float = 0.0) -> int | None:
    """The paired items that prove non-inferiority at one-sided 95 % with 80 % power; None where none would.

    >>> items_to_prove(0.02, 0.10), items_to_prove(0.02, 0.10, 0.01), items_to_prove(0.02, 0.10, -0.02)
    (1546, 686, None)
    """
    room = margin + advantage
    if room <= 0:
        return None
    z = _STANDARD.inv_cdf(1 - _SIZE) + _STANDARD.inv_cdf(_POWER)
    return max(1, round(z**2 * (discord - advantage**2) / room**2))
