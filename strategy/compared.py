"""Two ways to compare target and present: scored on the same items, or apart. Shares from 0 to 1, rounded downwards."""

import math
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from statistics import NormalDist

from strategy.bound import lower_bound, tail
from strategy.paired import Paired, belief_of, tango
from strategy.policy import Policy
from strategy.terms import Prior, terms_of

_FOUR = Decimal("0.0001")
_TWO = Decimal("0.01")
_STEPS = 40
_HALF = 0.5
_STANDARD = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What was reached by both, the target's own lower bound, that of its advantage, and the chance it is good enough.

    `discord` is the share of items on which the two differ, None where they were scored apart.
    """

    present: Decimal
    reached: Decimal
    bound: Decimal
    gap: Decimal
    sure: Decimal
    discord: float | None = None
    paired_items: int | None = None


def apart(
    present: Decimal,
    present_n: int | None,
    reached: Decimal,
    n: int,
    margin: Decimal,
    floor: Decimal | None,
    policy: Policy,
) -> Compared:
    """Target and present scored on different items; a present whose number of items is unknown counts as a point."""
    confidence = float(policy.number("confidence"))
    hits = math.floor(reached * n)
    low = lower_bound(hits, n, confidence)
    below, above, noise = hits / n - low, 0.0, _variance(hits, n)
    if present_n:
        good = math.floor(present * present_n)
        above = 1.0 - lower_bound(present_n - good, present_n, confidence) - good / present_n
        noise += _variance(good, present_n)
    better = float(reached - present)
    sure = _STANDARD.cdf((better + float(margin)) / math.sqrt(noise))
    return Compared(
        present=present,
        reached=reached,
        bound=_down(low, _FOUR),
        gap=_down(better - math.hypot(below, above), _FOUR),
        sure=_down(min(sure, _above_floor(hits, n, floor)), _TWO),
    )


def together(
    runs: Paired, option: str, score: Decimal | None, margin: Decimal, floor: Decimal | None, policy: Policy
) -> Compared:
    """Target and present scored on the same items; `score` asks what if the target had reached that."""
    runs = runs if score is None else _with_hits(runs, math.floor(score * runs.n))
    hits, good, n = runs.both_ok + runs.cand_only, runs.both_ok + runs.base_only, runs.n
    confidence, terms = float(policy.number("confidence")), terms_of(policy)
    prior = terms.priors.get(option, terms.priors.get(option.partition(":")[0], Prior(0.0, terms.surprise_sd)))
    sure = belief_of(runs, prior, terms).at_least(-float(margin))
    return Compared(
        present=Decimal(good) / n,
        reached=Decimal(hits) / n,
        bound=_down(lower_bound(hits, n, confidence), _FOUR),
        gap=_down(_tango_bound(runs, _STANDARD.inv_cdf(confidence)), _FOUR),
        sure=_down(min(sure, _above_floor(hits, n, floor)), _TWO),
        discord=(runs.base_only + runs.cand_only) / n,
        paired_items=n,
    )


def _tango_bound(runs: Paired, z: float) -> float:
    """The least advantage that Tango's test does not reject: the bound of his score interval (1998)."""
    low, high = -1.0, (runs.cand_only - runs.base_only) / runs.n
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if tango(runs, -middle) >= z else (low, middle)
    return low


def _with_hits(runs: Paired, hits: int) -> Paired:
    """The counts with so many items right by the target, moved first where the two already differ."""
    more = hits - runs.both_ok - runs.cand_only
    if more >= 0:
        new = min(more, runs.both_bad)
        runs = replace(runs, cand_only=runs.cand_only + new, both_bad=runs.both_bad - new)
        return replace(runs, both_ok=runs.both_ok + more - new, base_only=runs.base_only - more + new)
    lost = min(-more, runs.cand_only)
    runs = replace(runs, cand_only=runs.cand_only - lost, both_bad=runs.both_bad + lost)
    return replace(runs, both_ok=runs.both_ok + more + lost, base_only=runs.base_only - more - lost)


def _variance(hits: int, n: int) -> float:
    share = (hits + _HALF) / (n + 1)
    return share * (1 - share) / n


def _above_floor(hits: int, n: int, floor: Decimal | None) -> float:
    return 1.0 if floor is None else 1.0 - tail(hits, n, float(floor))


def _down(value: float, step: Decimal) -> Decimal:
    return Decimal(value).quantize(step, ROUND_FLOOR)
