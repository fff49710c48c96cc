"""Flip points: how far one input must move, everything else as it is, before the outcome changes.

Each is found by asking the stateless judgement again and bisecting on a whole-number grid (one call, one dollar, a
ten-thousandth of a price or score), so that at the point the outcome differs and one step short of it does not.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from strategy.case import Case, WhatIf
from strategy.core import Finding, find, is_settled
from strategy.kinds import Code, Outcome, Strategy
from strategy.prospect import Prospect
from strategy.switches import switches
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
    """The nearest flip below and above today's value, for each input that bears on the outcome.

    They are those of today's facts alone: where time holds something back or on, what it already says is no flip.
    """
    if finding.code is Code.COLD_START or finding.present is None:
        return ()
    found: list[FlipPoint] = []
    today = find(case)
    for lever in _levers(case, focus_of(finding)):
        asked = _Outcomes(case, today, lever)
        for path in (_down(lever), _up(lever)):
            at = _nearest(asked, today.outcome, lever, path)
            if at is not None and at.outcome is not finding.outcome:
                found.append(at)
    return tuple(found)


def focus_of(finding: Finding) -> Prospect | None:
    """The way whose figures are moved: the one that is meant, else the one worth most."""
    return finding.chosen or max(finding.prospects, key=lambda p: (p.npv, p.plan.option), default=None)


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


def _up(lever: _Lever) -> list[int]:
    """Grid points from today's value outwards, each half as far again as the last."""
    at = int((lever.now / lever.step).to_integral_value(ROUND_CEILING))
    end = int(lever.end / lever.step)
    path = []
    while at < end:
        path.append(at)
        at = max(at + 1, at * 3 // 2)
    return [*path, end]


def _down(lever: _Lever) -> list[int]:
    at = int((lever.now / lever.step).to_integral_value(ROUND_FLOOR))
    path = []
    while at > 0:
        path.append(at)
        at = min(at - 1, at * 2 // 3)
    return [*path, 0]


class _Outcomes:
    """The outcome at any grid point of a lever; what no switch tells apart is judged once, and `today` not again."""

    def __init__(self, case: Case, today: Finding, lever: _Lever) -> None:
        self._case, self._lever = case, lever
        self._switches = switches(case, today, lever.ask)
        self._known: dict[Hashable, Outcome] = {}
        # A score that is put in its place counts by shares; today's counts by its own items.
        if self._switches is not None and lever.name != "score" and is_settled(today):
            self._known[tuple(switch.at(lever.now) for switch in self._switches)] = today.outcome

    def at(self, point: int) -> Outcome:
        value = point * self._lever.step
        turns = point if self._switches is None else tuple(switch.at(value) for switch in self._switches)
        if turns not in self._known:
            finding = find(self._case, self._lever.ask(value))
            if not is_settled(finding):
                return finding.outcome
            self._known[turns] = finding.outcome
        return self._known[turns]

    def stays(self, one: int, other: int) -> bool:
        """Whether it is known without looking that all points between two have the outcome of the first."""
        if self._switches is None:
            return False
        ends = one * self._lever.step, other * self._lever.step
        if not all([switch.stays(*ends) for switch in self._switches]):  # noqa: C419 (each is to learn its span)
            return False
        self.at(one)
        return tuple(switch.at(ends[0]) for switch in self._switches) in self._known


def _nearest(asked: _Outcomes, outcome: Outcome, lever: _Lever, path: Sequence[int]) -> FlipPoint | None:
    """The first point outwards where the outcome differs, by bisecting between it and the one before."""
    first = 0 if asked.at(path[0]) is not outcome else _first(asked, outcome, path, 0, len(path) - 1)
    if first is None:
        return None
    other, same = path[first], path[max(0, first - 1)]
    while abs(other - same) > 1:
        middle = (same + other) // 2
        same, other = (middle, other) if asked.at(middle) is outcome else (same, middle)
    return FlipPoint(input=lever.name, now=lever.now, at=other * lever.step, outcome=asked.at(other))


def _first(asked: _Outcomes, outcome: Outcome, path: Sequence[int], start: int, end: int) -> int | None:
    """Where on the path the outcome first differs, from a start where it does not; None where nowhere up to the end."""
    if start == end or asked.stays(path[start], path[end]):
        return None
    if end - start == 1:
        return None if asked.at(path[end]) is outcome else end
    middle = (start + end) // 2
    found = _first(asked, outcome, path, start, middle)
    return _first(asked, outcome, path, middle, end) if found is None else found
