"""The half of the procedure that has a memory: persistence, dwell and hysteresis (step 8).

A fold of one frozen state per feature: what qualified since when, what is open, when the last move began. Days are
whole numbers from any common day. Decision research, section 7: with a 7-day hold a burst raises no alert.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from strategy.decide import Weighed
from strategy.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """What must be remembered: `since` when each option qualifies without a break, the open one, the last move.

    `failing` is the first of the days without a break on which the open option failed at its lower thresholds.
    """

    since: tuple[tuple[str, int], ...] = ()
    open: str | None = None
    opened: int | None = None
    failing: int | None = None
    moved: int | None = None


def step(calm: Calm, day: int, tested: Sequence[Weighed], terms: Terms) -> Calm:
    """The state after one more day on which these tests stand; an empty sequence is a day on which nothing holds."""
    before = dict(calm.since)
    since = {each.name: before.get(each.name, day) for each in tested if each.passes}
    settled = [each for each in tested if each.passes and day - since[each.name] >= terms.persist_days]
    now = next((each for each in tested if each.name == calm.open), None)
    failing = None if calm.open is None or (now is not None and now.holds) else _first(calm.failing, day)
    if calm.open is None or (failing is not None and day - failing >= terms.withdraw_days):
        found = _new(calm, day, tested, settled, terms) if calm.open is None else None
    else:
        young = calm.opened is not None and day - calm.opened < terms.dwell_days
        found = calm.open if now is None or failing is not None or young else _still_open(now, settled, terms)
    return replace(
        calm,
        since=tuple(sorted(since.items())),
        open=found,
        opened=None if found is None else calm.opened if found == calm.open else day,
        failing=None if found is None else failing,
    )


def _first(before: int | None, day: int) -> int:
    return day if before is None else before


def moved(day: int) -> Calm:
    """The state on the day a move begins: nothing is remembered but the day."""
    return Calm(moved=day)


def _new(calm: Calm, day: int, tested: Sequence[Weighed], settled: Sequence[Weighed], terms: Terms) -> str | None:
    """The best option that qualifies today, once it has held; a better one that has not yet held is waited for."""
    if calm.moved is not None and day - calm.moved < terms.dwell_days:
        return None
    best = next((each for each in tested if each.passes), None)
    return best.name if best is not None and best in settled else None


def _still_open(now: Weighed, settled: Sequence[Weighed], terms: Terms) -> str:
    """The open option, unless a settled newcomer beats it by the agreed lead on its worth, and its own one-off."""
    rival = next((each for each in settled if each.name != now.name), None)
    if rival is not None and rival.merit > now.merit + terms.retarget_by * abs(now.npv) + rival.one_off:
        return rival.name
    return now.name
