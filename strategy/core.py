"""The stateless judgement: gates, feasibility, money, evidence, in that order, on one frozen case.

It says what the facts say at one instant's prices, with any one figure replaced (`WhatIf`), so that flip points and
announced prices are found by asking it again.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from strategy.cost import Plan, present_plan, target_plans
from strategy.facts import Snapshot
from strategy.gates import GATE_OF, GateAnswer, answers
from strategy.kinds import Answer, Code, Gate, Outcome, Property, Strategy
from strategy.matrix import MatrixRow, Measured, matrix_rows, ruled_out
from strategy.money import DAYS_PER_MONTH, saving
from strategy.payback import is_worth
from strategy.policy import Policy
from strategy.quality import Evidence, evidence_for
from strategy.volume import Volume
from strategy.workload import Workload

_SOLVABLE = {Property.DATA: Code.DATA, Property.TIME_TO_PRODUCTION: Code.DEADLINE}
_WATCHED = {Code.NEEDS_EVAL, Code.UNMEASURED}
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """One figure put in place of a fact. Multipliers are of today's figure; `score` is the target's share.

    `one_off_usd`, `target_price` and `score` hold for the plan named by `option`.
    """

    option: str | None = None
    calls_per_day: Decimal | None = None
    present_price: Decimal = _ONE
    target_price: Decimal = _ONE
    one_off_usd: Decimal | None = None
    score: Decimal | None = None
    code_share: Decimal | None = None


AS_IT_IS = WhatIf()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What one judgement works on."""

    snapshot: Snapshot
    policy: Policy
    volume: Volume
    load: Workload


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
    """What the facts say: outcome and code, the prospect it is about, and the whole working."""

    outcome: Outcome
    code: Code | None
    chosen: Prospect | None
    present: Plan | None
    prospects: tuple[Prospect, ...]
    plans: tuple[Plan, ...]
    gates: tuple[GateAnswer, ...]
    rows: tuple[MatrixRow, ...]
    load: Workload


def find(case: Case, what_if: WhatIf = AS_IT_IS) -> Finding:
    """Judge one case, with one figure replaced where `what_if` says so."""
    case = _supposed(case, what_if)
    present, plans = _plans(case, what_if)
    gates = answers(case.snapshot.feature.task, _distilling_pays(case, present, plans), case.policy)
    rows = _rows(case, present)
    prospects = () if present is None else tuple(
        prospect for plan in plans if (prospect := _prospect(case, what_if, present, plan, rows)) is not None
    )
    outcome, code, chosen = _decide(case, present, prospects)
    return Finding(
        outcome=outcome,
        code=code,
        chosen=chosen,
        present=present,
        prospects=prospects,
        plans=plans,
        gates=gates,
        rows=rows,
        load=case.load,
    )


def _supposed(case: Case, what_if: WhatIf) -> Case:
    """The case with the replaced figures that other figures hang on."""
    load, snapshot = case.load, case.snapshot
    if what_if.calls_per_day is not None:
        load = replace(load, calls_per_day=what_if.calls_per_day)
    if what_if.present_price != 1 and load.usd_per_call is not None:
        load = replace(load, usd_per_call=load.usd_per_call * what_if.present_price)
    if what_if.code_share is not None:
        task = replace(snapshot.feature.task, code_share=what_if.code_share)
        snapshot = replace(snapshot, feature=replace(snapshot.feature, task=task))
    return replace(case, load=load, snapshot=snapshot)


def _plans(case: Case, what_if: WhatIf) -> tuple[Plan | None, tuple[Plan, ...]]:
    present = present_plan(case.snapshot.feature, case.load, case.policy)
    plans = target_plans(case.snapshot, case.load, case.policy)
    return present, tuple(_repriced(plan, what_if) if plan.option == what_if.option else plan for plan in plans)


def _repriced(plan: Plan, what_if: WhatIf) -> Plan:
    factor = what_if.target_price
    return replace(
        plan,
        usd_per_call=plan.usd_per_call * factor,
        gpu_usd_month=plan.gpu_usd_month * factor,
        one_off_usd=plan.one_off_usd if what_if.one_off_usd is None else what_if.one_off_usd,
    )


def _distilling_pays(case: Case, present: Plan | None, plans: tuple[Plan, ...]) -> Answer:
    """Whether a student pays at this volume: by its plan, or (where one serves) because going back does not pay."""
    by_strategy = {plan.strategy: plan for plan in plans}
    distilled = case.snapshot.feature.strategy is Strategy.DISTILL
    other = by_strategy.get(Strategy.PROMPT if distilled else Strategy.DISTILL)
    if present is None or other is None:
        return Answer.UNKNOWN
    moves = is_worth(present, other, case.load.calls_per_day, case.policy)
    return Answer.YES if moves is not distilled else Answer.NO


def _rows(case: Case, present: Plan | None) -> tuple[MatrixRow, ...]:
    calls = case.load.calls_per_day
    feature = case.snapshot.feature
    per_call = None
    if present is not None and calls > 0:
        per_call = present.monthly(calls) / (calls * DAYS_PER_MONTH)
    measured = Measured(
        now=feature.strategy,
        latency_p95_ms=case.snapshot.usage.latency_p95_ms,
        calls_per_day=None if case.volume.calls_per_day is None else calls,
        usd_per_call=per_call,
    )
    return matrix_rows(feature.task, measured, case.policy)


def _prospect(
    case: Case, what_if: WhatIf, present: Plan, plan: Plan, rows: tuple[MatrixRow, ...]
) -> Prospect | None:
    """What speaks for a plan; None where a gate or a hard cell of the matrix rules its strategy out."""
    policy, calls = case.policy, case.load.calls_per_day
    # The gate is asked as if the money were settled, for the money is asked below.
    gate = next(
        answer
        for answer in answers(case.snapshot.feature.task, Answer.YES, policy)
        if answer.gate is GATE_OF[plan.strategy]
    )
    misfits = ruled_out(rows, plan.strategy, policy)
    closed = gate.answer is Answer.NO and gate.code is None and gate.gate is not Gate.PROMPT
    if closed or any(name not in _SOLVABLE for name in misfits):
        return None
    evidence = evidence_for(case.snapshot, plan.option, policy, what_if.score if plan.option == what_if.option else None)
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
    return near, calls * growth**windows


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
    return min((p for p in prospects if p.net_usd >= least), key=lambda p: (order.index(p.plan.strategy), p.plan.option))
