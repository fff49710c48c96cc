"""The stateless judgement: gates, feasibility, money, evidence, in that order, on one frozen case.

It says what the facts say at one instant's prices, with any one figure replaced (`WhatIf`), so that flip points and
announced prices are found by asking it again.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from statistics import NormalDist
from typing import Literal

from strategy.alternatives import ALTERNATIVES
from strategy.case import AS_IT_IS, Case, WhatIf, rows_of, supposed
from strategy.cost import Plan, present_plan
from strategy.gates import GATE_OF, GateAnswer, answers
from strategy.kinds import Answer, Code, Gate, Outcome, Strategy
from strategy.matrix import MatrixRow
from strategy.money import saving
from strategy.need import RETRIEVAL, Need
from strategy.obstacles import SOLVABLE, evidence_of, misfits_of, obstacle
from strategy.policy import Policy
from strategy.pressed import WATCHED, Said, of_a_move, planned, pressed
from strategy.prospect import Prospect, Weighed
from strategy.workload import Workload
from strategy.worth import Asked

_QUESTIONS = {Code.NEEDS_EVAL, Code.NO_BASELINE}
_RIVALS = {None, *_QUESTIONS}


Calm = Literal["persist", "dwell", "kept"]
"""Why time changed what the facts alone say: it has not held for long enough, moved too lately, or is not gone yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the facts say: outcome and code, the prospect it is about, and the money of every plan.

    `rival` is the best cheap alternative that is as far as the chosen prospect, None where there is none. `need` is
    what quality or knowledge asks for where that decided, None where money did; `pressed`: they ask for something.
    `ripe` is the day on which time holds nothing back any more, if nothing moves; None where it does not.
    """

    outcome: Outcome
    code: Code | None
    chosen: Prospect | None
    present: Plan | None
    prospects: tuple[Prospect, ...]
    plans: tuple[Plan, ...]
    load: Workload
    rival: Prospect | None = None
    calm: Calm | None = None
    ripe: date | None = None
    need: Need | None = None
    pressed: bool = False


def find(case: Case, what_if: WhatIf = AS_IT_IS, known: dict[Plan, Weighed] | None = None) -> Finding:
    """Judge one case, with one figure replaced where `what_if` says so.

    `known` keeps the money of plans between cases of one feature that differ in nothing but the task's answers.
    """
    case = supposed(case, what_if)
    present = present_plan(case.snapshot.feature, case.load, case.policy)
    plans = tuple(repriced(plan, what_if) if plan.option == what_if.option else plan for plan in case.plans["base"])
    prospects: tuple[Prospect, ...] = ()
    if present is not None:
        found = (_prospect(case, what_if, present, plan, {} if known is None else known) for plan in plans)
        prospects = tuple(prospect for prospect in found if prospect is not None)
    decided = pressed(case.needs, _decide(case, present, prospects), prospects)
    said = planned(case.snapshot.feature, decided.said, mentioned=is_mentioned(case, present, case.load.calls_per_day))
    rivals = [each for each in prospects if each.is_alternative and each.worth and each.code in _RIVALS]
    return Finding(
        outcome=said.outcome,
        code=said.code,
        chosen=said.chosen,
        present=present,
        prospects=prospects,
        plans=plans,
        load=case.load,
        rival=max(rivals, key=lambda each: (each.code is None, each.npv, each.plan.option), default=None),
        need=decided.need,
        pressed=bool(case.needs),
    )


def is_mentioned(case: Case, present: Plan | None, calls_per_day: Decimal) -> bool:
    """Whether what is spent at so many calls is as much as a saving must be to be worth a mention."""
    return present is not None and present.monthly(calls_per_day) >= case.outlook.least_month


def asked_of(case: Case, option: str) -> Asked | None:
    """The money of moving to an option in a case as it is; None where its cost or today's cannot be told."""
    present = present_plan(case.snapshot.feature, case.load, case.policy)
    plan = next((each for each in case.plans["base"] if each.option == option), None)
    return None if present is None or plan is None else case.outlook.asked(present, plan, case.load.calls_per_day)


def gate_answers(case: Case, finding: Finding) -> tuple[GateAnswer, ...]:
    """The five answers, the third with what the money says of distilling."""
    return answers(case.snapshot.feature.task, _distilling_pays(case, finding), case.policy)


def task_rows(case: Case, finding: Finding) -> tuple[MatrixRow, ...]:
    """The eight rows of the matrix."""
    return rows_of(case.snapshot, case.volume, finding.present, case.policy)


def repriced(plan: Plan, what_if: WhatIf) -> Plan:
    """The plan at another price and one-off."""
    factor = what_if.target_price
    return replace(
        plan,
        usd_per_call=plan.usd_per_call * factor,
        gpu_usd_month=plan.gpu_usd_month * factor,
        one_off_usd=plan.one_off_usd if what_if.one_off_usd is None else what_if.one_off_usd,
    )


def _distilling_pays(case: Case, finding: Finding) -> Answer:
    """Whether a student pays at this volume: by its plan, or (where one serves) because going back does not pay."""
    by_strategy = {plan.strategy: plan for plan in finding.plans}
    distilled = case.snapshot.feature.strategy is Strategy.DISTILL
    other = by_strategy.get(Strategy.PROMPT if distilled else Strategy.DISTILL)
    if finding.present is None or other is None:
        return Answer.UNKNOWN
    moves = case.outlook.asked(finding.present, other, finding.load.calls_per_day).is_worth()
    return Answer.YES if moves is not distilled else Answer.NO


def _weighed(case: Case, present: Plan, plan: Plan) -> Weighed:
    """What a plan is worth at today's volume, and soon."""
    calls, outlook = case.load.calls_per_day, case.outlook
    asked = outlook.asked(present, plan, calls)
    worth = asked.is_worth()
    return Weighed(
        month_usd=asked.month,
        saving_usd_month=saving(present.monthly(calls), plan.monthly(calls)),
        npv=asked.mean(),
        worth=worth,
        soon_worth=worth or any(outlook.is_worth(present, plan, more) for more in soon_volumes(case, calls)),
    )


def _prospect(case: Case, what_if: WhatIf, present: Plan, plan: Plan, known: dict[Plan, Weighed]) -> Prospect | None:
    """What speaks for a plan; None where a gate or a hard cell of the matrix rules its strategy out."""
    gate, misfits = case.asked[GATE_OF[plan.strategy]], misfits_of(case, plan)
    closed = gate.answer is Answer.NO and gate.code is None and gate.gate is not Gate.PROMPT
    if plan.option not in ALTERNATIVES and (
        (closed and plan.option != RETRIEVAL) or any(name not in SOLVABLE for name in misfits)
    ):
        return None
    evidence = evidence_of(case, what_if, plan)
    weighed = known.get(plan) or known.setdefault(plan, _weighed(case, present, plan))
    return Prospect(
        plan=plan,
        month_usd=weighed.month_usd,
        saving_usd_month=weighed.saving_usd_month,
        npv=weighed.npv,
        worth=weighed.worth,
        soon_worth=weighed.soon_worth,
        evidence=evidence,
        code=obstacle(case, plan, evidence),
        asks=() if plan.option in ALTERNATIVES or plan.option == RETRIEVAL else gate.asks,
    )


def soon_volumes(case: Case, calls: Decimal) -> tuple[Decimal, ...]:
    """The volumes at which to look ahead of `calls`: just beyond reach, and where the trend leads within a quarter."""
    growth, policy = case.volume.growth, case.policy
    if growth is not None and growth < policy.number("falling_below"):
        return ()
    near = calls / policy.number("approaching_from")
    if growth is None:
        return (near,)
    windows = policy.number("approaching_days") / policy.number("level_days")
    return near, calls * _power(growth, windows)


@lru_cache(maxsize=1024)
def _power(growth: Decimal, windows: Decimal) -> Decimal:
    # A Decimal power is slow, and finding flip points asks for the same one a hundred times.
    return growth**windows


def is_settled(finding: Finding) -> bool:
    """Whether the outcome hangs on which moves are worth it alone, and on no comparison of what they are worth.

    What quality or knowledge asks for gives way to the move that is chosen, which is such a comparison.
    """
    worthy = [prospect for prospect in finding.prospects if prospect.worth]
    moves = [prospect for prospect in worthy if not prospect.is_alternative]
    if finding.pressed:
        return False
    if any(move.code is None for move in moves):
        return True
    if any(prospect.code is None for prospect in worthy):
        return not any(move.code in _QUESTIONS for move in moves)
    held = [move for move in moves if not move.is_open] or moves
    return len({move.code in WATCHED for move in held}) <= 1


def _decide(case: Case, present: Plan | None, prospects: tuple[Prospect, ...]) -> Said:
    """What the money says."""
    if case.volume.is_cold(case.policy):
        return Said(Outcome.WATCH, Code.COLD_START, None)
    if present is None:
        return Said(Outcome.WATCH, Code.UNMEASURED, None)
    moves = [prospect for prospect in prospects if not prospect.is_alternative]
    ways = [prospect for prospect in prospects if prospect.is_alternative and prospect.worth]
    worthy = [move for move in moves if move.worth]
    chosen = _due(case, worthy, ways)
    if chosen is not None:
        return Said(Outcome.DUE, None, chosen)
    if worthy:
        return of_a_move(_best([p for p in worthy if not p.is_open] or worthy, case.policy))
    return _waiting(case, moves, ways)


def _waiting(case: Case, moves: list[Prospect], ways: list[Prospect]) -> Said:
    """What is said where no migration is worth it: an alternative to be scored, one that nears, or nothing."""
    asked = [way for way in ways if way.code in _QUESTIONS]
    if asked:
        return Said(Outcome.WATCH, Code.NEEDS_EVAL, max(asked, key=lambda way: way.npv))
    soon = [prospect for prospect in moves if prospect.soon_worth and not prospect.is_open]
    if soon:
        return Said(Outcome.WATCH, Code.APPROACHING, _best(soon, case.policy))
    return Said(Outcome.STAY, None, None)


def _due(case: Case, moves: list[Prospect], ways: list[Prospect]) -> Prospect | None:
    """The move to make now: the best migration that also beats the best cheap alternative, else that alternative.

    An alternative is held back where an eval of a migration is worth more (decision research, step 9): the gain if it
    passes, times the chance that it does, against the agreed share of what the alternative is worth.
    """
    ready = [move for move in moves if move.code is None]
    best = _best(ready, case.policy) if ready else None
    way = max((way for way in ways if way.code is None), key=lambda way: way.npv, default=None)
    if way is None or (best is not None and best.npv > way.npv):
        return best
    open_ = (move for move in moves if move.code in _QUESTIONS)
    gain = max((chance_of(case, move) * (move.npv - way.npv) for move in open_), default=0.0)
    return None if gain > float(case.policy.number("hold_back")) * way.npv and best is None else way


def chance_of(case: Case, move: Prospect) -> float:
    """How likely a move is to prove good enough, by its kind alone (seed 003's order of quality)."""
    prior = case.outlook.terms.priors.get(move.plan.strategy.value)
    margin = float(move.evidence.margin or case.policy.number("margin_medium"))
    return 1.0 if prior is None else NormalDist(prior.mean, prior.sd).cdf(prior.mean * 2 + margin)


def _best(prospects: list[Prospect], policy: Policy) -> Prospect:
    """The largest expected worth, or the simplest strategy within a tenth of it (seed 000: default to the simplest)."""
    most = max(prospect.npv for prospect in prospects)
    least = most - abs(most) * float(policy.number("simpler_within"))
    order = list(Strategy)
    return min(
        (p for p in prospects if p.npv >= least), key=lambda p: (order.index(p.plan.strategy), -p.npv, p.plan.option)
    )
