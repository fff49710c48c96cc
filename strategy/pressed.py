"""What quality and knowledge make of what the money says, and what is still to be done where nothing is worth a move.

Like `strategy.advice.decide`: what code or an embedding can do is asked before any need; a rung that is a thing to do
first holds everything else; a move that is needed is due once its evidence passes, whatever it costs.
"""

from collections.abc import Iterable
from typing import NamedTuple

from strategy.kinds import Code, Outcome, Strategy
from strategy.ladder import LLM, is_overbuilt
from strategy.need import Need
from strategy.profile import Feature
from strategy.prospect import Prospect

WATCHED = frozenset({Code.NEEDS_EVAL, Code.UNMEASURED, Code.EXHAUST_PROMPT})
"""What is watched; what else stands in the way of a move blocks it."""

_BEFORE = {Strategy.CODE, Strategy.EMBED}


class Said(NamedTuple):
    """Outcome, code, and the prospect it is about."""

    outcome: Outcome
    code: Code | None
    chosen: Prospect | None


class Pressed(NamedTuple):
    """What is said, and the need that said it; None where money did."""

    said: Said
    need: Need | None


def of_a_move(move: Prospect) -> Said:
    """What is said of the move that is chosen."""
    outcome = Outcome.DUE if move.code is None else Outcome.WATCH if move.code in WATCHED else Outcome.BLOCKED
    return Said(outcome, move.code, move)


def pressed(needs: tuple[Need, ...], by_money: Said, prospects: Iterable[Prospect]) -> Pressed:
    """What is said once the needs are asked; what the money says where none of them speaks up."""
    chosen = by_money.chosen
    if chosen is not None and chosen.worth and chosen.plan.strategy in _BEFORE:
        return Pressed(by_money, None)
    held = Pressed(by_money, None)
    for need in needs:
        if need.measured and not is_idle(by_money):
            continue
        ways = [each for each in prospects if need.leads_to(each.plan.option)]
        best = max(ways, key=lambda each: (each.code is None, each.npv, each.plan.option), default=None)
        if need.code is not None and (need.option is None or best is not None):
            first = Said(Outcome.WATCH, need.code, best)
            if need.option is None or is_idle(by_money):
                return held if held.need is not None else Pressed(first, need)
        elif best is not None and best.code is None:
            return Pressed(of_a_move(best), need)
        elif best is not None and held.need is None and by_money.outcome is not Outcome.DUE:
            held = Pressed(of_a_move(best), need)
    return held


def is_idle(said: Said) -> bool:
    """Whether the money asks for nothing today."""
    return said.outcome is Outcome.STAY or said.code is Code.APPROACHING


def planned(feature: Feature, said: Said, *, mentioned: bool) -> Said:
    """What is still to be done where the money asks for nothing; `mentioned`: the spend is worth a word.

    Seed 001: shorten a chain of prompts for a simple task. Seed 000: "When you write a prompt, also write a note".
    """
    if not is_idle(said):
        return said
    if feature.strategy in LLM and is_overbuilt(feature.task):
        return Said(Outcome.WATCH, Code.SHORTEN, None)
    if feature.strategy is Strategy.PROMPT and feature.exit_note is None and mentioned:
        return Said(Outcome.WATCH, Code.NO_PLAN, said.chosen)
    return said
