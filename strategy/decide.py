"""The stateless half of the decision procedure: each option tested on evidence, chance and worth (steps 3 to 7).

What it found is held against time by `strategy.calm`, which alone says that a move is due.
"""

from dataclasses import dataclass, replace
from typing import Literal

from strategy.forecast import Forecast
from strategy.npv import Ahead, Option, Stakes, ahead_of, worth_of
from strategy.terms import Terms

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One option's tests: `passes` them all, or still `holds` at half their thresholds; `npv` and `one_off` in USD.

    `merit` is what options are ranked by: the expected gain less what a chance of breaking the margin takes off it.
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
    """Every option but the present one, tested; the most valuable first. Empty where the feature is cold."""
    if situation.forecast.is_cold(terms):
        return ()
    ahead = ahead_of(situation.forecast, terms)
    tested = [
        _tested(situation, option, ahead, terms)
        for option in situation.options
        if option.name != situation.present.name
    ]
    most = max((each.npv for each in tested if each.name in situation.proven), default=0.0)
    price = terms.breach_aversion * max(0.0, most)
    ranked = [replace(each, merit=each.npv - price * (1.0 - each.sure)) for each in tested]
    return tuple(sorted(ranked, key=lambda each: (-each.merit, each.name)))


def _tested(situation: Situation, option: Option, ahead: Ahead, terms: Terms) -> Weighed:
    worth = worth_of(situation.present, option, ahead, situation.stakes, terms)
    sure = option.belief.at_least(-situation.stakes.margin)
    proven = option.name in situation.proven

    def stands(share: float) -> bool:
        return (
            worth.positive >= terms.sure_pays * share
            and worth.mean >= terms.hurdle * share * worth.one_off
            and worth.mean > 0
        )

    evident = sure >= terms.sure_quality
    return Weighed(
        name=option.name,
        npv=worth.mean,
        one_off=worth.one_off,
        positive=worth.positive,
        sure=sure,
        passes=proven and evident and stands(1.0),
        holds=proven and sure >= terms.sure_quality * terms.withdraw_share and stands(terms.withdraw_share),
        hindrance="worth" if not stands(1.0) else "no_baseline" if not proven else None if evident else "needs_eval",
    )
