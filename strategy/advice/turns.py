"""The calls a day at which an advice changes, up and down from the stated volume: found exactly, by asking again."""

from dataclasses import replace
from decimal import Decimal

from strategy.advice.decide import Decision, decide
from strategy.advice.stated import Stated, read
from strategy.kinds import Outcome
from strategy.verdict import FlipPoint

_MOST = 10**9


def turns(stated: Stated, decision: Decision) -> tuple[FlipPoint, ...]:
    """The nearest turn each way; none where the volume is not stated as a number."""
    calls = stated.volume.calls_per_day
    if calls is None:
        return ()
    now = int(calls)
    edges = sorted({int(start) for bands in stated.policy.bands.values() for _, start in bands} | {1, _MOST})
    up = [edge for edge in edges if edge > now]
    down = [edge - 1 for edge in reversed(edges) if 0 < edge <= now]
    found = [_nearest(stated, decision, now, way) for way in (down, up)]
    return tuple(
        FlipPoint(input="calls_per_day", now=Decimal(now), at=Decimal(at), outcome=outcome)
        for at, outcome in (each for each in found if each is not None)
    )


def _nearest(stated: Stated, decision: Decision, now: int, way: list[int]) -> tuple[int, Outcome] | None:
    """The first of these volumes at which the advice differs, then the very call at which it begins to."""
    same = now
    for edge in way:
        if _asked(stated, edge) != (decision.outcome, decision.strategy):
            return _between(stated, decision, same, edge)
        same = edge
    return None


def _between(stated: Stated, decision: Decision, same: int, other: int) -> tuple[int, Outcome]:
    while abs(other - same) > 1:
        middle = (same + other) // 2
        if _asked(stated, middle) == (decision.outcome, decision.strategy):
            same = middle
        else:
            other = middle
    return other, _asked(stated, other)[0]


def _asked(stated: Stated, calls: int) -> tuple[Outcome, str]:
    """The advice at another volume; yearly costs are kept per call."""
    described, before = stated.described, stated.volume.calls_per_day or Decimal(1)
    costs = (
        described.cost_per_year
        if not before
        else {option: usd * calls / before for option, usd in described.cost_per_year.items()}
    )
    other = replace(
        described,
        calls_per_day=Decimal(calls),
        calls_per_month=None,
        calls_per_year=None,
        total_calls=None,
        cost_per_year=costs,
    )
    decision = decide(read(other, stated.voice, stated.policy))
    return decision.outcome, decision.strategy
