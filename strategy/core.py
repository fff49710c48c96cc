"""The stateless judgement: gates, feasibility, money, evidence, in that order, on one frozen case.

It says what the facts say at one instant's prices, with any one figure replaced (`WhatIf`), so that flip points and
announced prices are found by asking it again.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from strategy.case import AS_IT_IS, Case, WhatIf, rows_of, supposed
from strategy.cost import Plan, present_plan, target_plans
from strategy.gates import GATE_OF, GateAnswer, answers
from strategy.kinds import Answer, Code, Gate, Outcome, Property, Strategy
from strategy.matrix import MatrixRow
from strategy.money import DAYS_PER_MONTH, saving
from strategy.payback import is_worth
from strategy.policy import Policy
from strategy.quality import Evidence, evidence_for
from strategy.workload import Workload

_SOLVABLE = {Property.DATA: Code.DATA, Property.TIME_TO_PRODUCTION: Code.DEADLINE}
_WATCHED = {Code.NEEDS_EVAL, Code.UNMEASURED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """One strategy the feature could move to: what it costs and saves, and what stands in its way.

    `code` is None where nothing does; `asks` names the task fields an open gate waits for.
    """

    plan: Plan
    saving_usd_month: Decimal
    net_usd: Decimal
    worth: bool
    soon_worth: bool
    evidence: Evidence
    code: Code | None
    asks: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the gate itself is unanswered."""
        return self.code is Code.UNMEASURED


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the facts say: outcome and code, the prospect it is about, and the money of every plan."""

    outcome: Outcome
    code: Code | None
    chosen: Prospect | None
    present: Plan | None
    prospects: tuple[Prospect, ...]
    plans: tuple[Plan, ...]
    load: Workload


def find(case: Case, what_if: WhatIf = AS_IT_IS) -> Finding:
    """Judge one case, with one figure replaced where `what_if` says so."""
    case = supposed(case, what_if)
    present = present_plan(case.snapshot.feature, case.load, case.policy)
    plans = tuple(
        _repriced(plan, what_if) if plan.option == what_if.option else plan
        for plan in target_plans(case.snapshot, case.load, case.policy)
    )
    prospects: tuple[Prospect, ...] = ()
    if present is not None:
        found = (_prospect(case, what_if, present, plan) for plan in plans)
        prospects = tuple(prospect for prospect in found if prospect is not None)
    outcome, code, chosen = _decide(case, present, prospects)
    return Finding(
        outcome=outcome, code=code, chosen=chosen, present=present, prospects=prospects, plans=plans, load=case.load
    )


def gate_answers(case: Case, finding: Finding) -> tuple[GateAnswer, ...]:
    """The five answers, the third with what the money says of distilling."""
    return answers(case.snapshot.feature.task, _distilling_pays(case, finding), case.policy)


def task_rows(case: Case, finding: Finding) -> tuple[MatrixRow, ...]:
    """The eight rows of the matrix."""
    return rows_of(case.snapshot, case.volume, finding.present, case.policy)


def _repriced(plan: Plan, what_if: WhatIf) -> Plan:
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
    moves = is_worth(finding.present, other, finding.load.calls_per_day, case.policy)
    return Answer.YES if moves is not distilled else Answer.NO


def _prospect(case: Case, what_if: WhatIf, present: Plan, plan: Plan) -> Prospect | None:
    """What speaks for a plan; None where a gate or a hard cell of the matrix rules its strategy out."""
    policy, calls = case.policy, case.load.calls_per_day
    gate, misfits = case.asked[GATE_OF[plan.strategy]], case.misfits[plan.strategy]
    closed = gate.answer is Answer.NO and gate.code is None and gate.gate is not Gate.PROMPT
    if closed or any(name not in _SOLVABLE for name in misfits):
        return None
    evidence = case.evidence[plan.option]
    if what_if.score is not None and plan.option == what_if.option:
        evidence = evidence_for(case.snapshot, plan.option, policy, what_if.score)
    monthly = present.monthly(calls)
    months = policy.number("horizon_days") / DAYS_PER_MONTH
    spared = saving(monthly, plan.monthly(calls))
    return Prospect(
        plan=plan,
        saving_usd_month=spared,
        net_usd=spared * months - plan.one_off_usd,
        worth=is_worth(present, plan, calls, policy),
        soon_worth=any(is_worth(present, plan, more, policy) for more in _soon(case)),
        evidence=evidence,
        code=_standing_in_the_way(gate, misfits, evidence),
        asks=gate.asks,
    )


def _standing_in_the_way(gate: GateAnswer, misfits: tuple[Property, ...], evidence: Evidence) -> Code | None:
    """The first thing that keeps a prospect from being due. A passed eval settles a gate that was only unanswered."""
    if misfits:
        return _SOLVABLE[misfits[0]]
    if gate.code is not None:
        return gate.code
    if gate.answer is Answer.UNKNOWN and gate.asks and not evidence.passes:
        return Code.UNMEASURED
    return evidence.code


def _soon(case: Case) -> tuple[Decimal, ...]:
    """The volumes at which to look ahead: just beyond reach, and where the trend leads within a quarter."""
    calls, growth, policy = case.load.calls_per_day, case.volume.growth, case.policy
    if growth is not None and growth < 1:
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


def _decide(
    case: Case, present: Plan | None, prospects: tuple[Prospect, ...]
) -> tuple[Outcome, Code | None, Prospect | None]:
    if case.volume.is_cold(case.policy):
        return Outcome.WATCH, Code.COLD_START, None
    if present is None:
        return Outcome.WATCH, Code.UNMEASURED, None
    worthy = [prospect for prospect in prospects if prospect.worth]
    due = [prospect for prospect in worthy if prospect.code is None]
    if due:
        return Outcome.DUE, None, _best(due, case.policy)
    if worthy:
        chosen = _best([p for p in worthy if not p.is_open] or worthy, case.policy)
        return (Outcome.WATCH if chosen.code in _WATCHED else Outcome.BLOCKED), chosen.code, chosen
    soon = [prospect for prospect in prospects if prospect.soon_worth and not prospect.is_open]
    if soon:
        return Outcome.WATCH, Code.APPROACHING, _best(soon, case.policy)
    return Outcome.STAY, None, None


def _best(prospects: list[Prospect], policy: Policy) -> Prospect:
    """The largest net benefit, or the simplest strategy within a tenth of it (seed 000: default to the simplest)."""
    most = max(prospect.net_usd for prospect in prospects)
    least = most - abs(most) * policy.number("simpler_within")
    order = list(Strategy)
    return min(
        (p for p in prospects if p.net_usd >= least), key=lambda p: (order.index(p.plan.strategy), p.plan.option)
    )
