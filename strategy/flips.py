"""Flip points: how far one input must move, everything else as it is, before the outcome changes.

Each is found by asking the stateless judgement again and bisecting on a whole-number grid (one call, one dollar, a
ten-thousandth of a price or score), so that at the point the outcome differs and one step short of it does not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache

from strategy.case import Case, WhatIf
from strategy.core import Finding, Prospect, find
from strategy.kinds import Code, Outcome, Strategy
from strategy.verdict import FlipPoint

_FINE = Decimal("0.0001")
_FAR = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lever:
    """One input: its value today, the grid it moves on, its end, and the question it puts."""

    name: str
    now: Decimal
    step: Decimal
    end: Decimal
    ask: Callable[[Decimal], WhatIf]


def flip_points(case: Case, finding: Finding) -> tuple[FlipPoint, ...]:
    """The nearest flip below and above today's value, for each input that bears on the outcome."""
    if finding.code is Code.COLD_START or finding.present is None:
        return ()
    focus = finding.chosen or max(finding.prospects, key=lambda p: (p.npv, p.plan.option), default=None)
    found: list[FlipPoint] = []
    for lever in _levers(case, focus):
        asked = _asker(case, lever)
        for path in (_down(lever), _up(lever)):
            at = _nearest(asked, finding.outcome, lever, path)
            if at is not None:
                found.append(at)
    return tuple(found)


def _levers(case: Case, focus: Prospect | None) -> Iterator[_Lever]:
    calls = case.load.calls_per_day
    yield _Lever(
        name="calls_per_day",
        now=calls,
        step=Decimal(1),
        end=max(calls, Decimal(1)) * _FAR,
        ask=lambda value: WhatIf(calls_per_day=value),
    )
    if case.load.usd_per_call is not None:
        yield _multiple("present_price", lambda value: WhatIf(present_price=value))
    if focus is None:
        return
    option = focus.plan.option
    yield _multiple("target_price", lambda value: WhatIf(option=option, target_price=value))
    reached = focus.evidence.reached
    if reached is not None:
        yield _share("score", reached, lambda value: WhatIf(option=option, score=value))
    one_off = focus.plan.one_off_usd
    yield _Lever(
        name="one_off_usd",
        now=one_off,
        step=Decimal(1),
        end=max(one_off, Decimal(1)) * _FAR,
        ask=lambda value: WhatIf(option=option, one_off_usd=value),
    )
    share = case.snapshot.feature.task.code_share
    if focus.plan.strategy is Strategy.HYBRID and share is not None:
        yield _share("code_share", share, lambda value: WhatIf(code_share=value))


def _multiple(name: str, ask: Callable[[Decimal], WhatIf]) -> _Lever:
    return _Lever(name=name, now=Decimal(1), step=_FINE, end=Decimal(_FAR), ask=ask)


def _share(name: str, now: Decimal, ask: Callable[[Decimal], WhatIf]) -> _Lever:
    return _Lever(name=name, now=now, step=_FINE, end=Decimal(1), ask=ask)


def _up(lever: _Lever) -> Iterator[int]:
    """Grid points from today's value outwards, each half as far again as the last."""
    at = int((lever.now / lever.step).to_integral_value(ROUND_CEILING))
    end = int(lever.end / lever.step)
    while at < end:
        yield at
        at = max(at + 1, at * 3 // 2)
    yield end


def _down(lever: _Lever) -> Iterator[int]:
    at = int((lever.now / lever.step).to_integral_value(ROUND_FLOOR))
    while at > 0:
        yield at
        at = min(at - 1, at * 2 // 3)
    yield 0


def _asker(case: Case, lever: _Lever) -> Callable[[int], Outcome]:
    """The outcome at a grid point; a point that two walks share is judged once."""

    @cache
    def asked(point: int) -> Outcome:
        return find(case, lever.ask(point * lever.step)).outcome

    return asked


def _nearest(asked: Callable[[int], Outcome], outcome: Outcome, lever: _Lever, path: Iterator[int]) -> FlipPoint | None:
    """Walk outwards until the outcome differs, then bisect between the last two points."""
    same: int | None = None
    for point in path:
        if asked(point) is outcome:
            same = point
            continue
        other = point
        while same is not None and abs(other - same) > 1:
            middle = (same + other) // 2
            same, other = (middle, other) if asked(middle) is outcome else (same, middle)
        return FlipPoint(input=lever.name, now=lever.now, at=other * lever.step, outcome=asked(other))
    return None
