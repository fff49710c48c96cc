"""One case before the judge: a snapshot read at an instant's prices, and the figures one may put in their place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from strategy.alternatives import ALTERNATIVES
from strategy.cost import Plan, target_plans
from strategy.facts import Snapshot
from strategy.forecast import forecast_of
from strategy.gates import GateAnswer, answers
from strategy.kinds import Answer, Gate, Property, Strategy
from strategy.matrix import MatrixRow, Measured, matrix_rows, ruled_out
from strategy.money import DAYS_PER_MONTH
from strategy.need import RETRIEVAL, Need, needs_of, wants_retrieval
from strategy.policy import Level, Policy
from strategy.prices import PriceBook
from strategy.profile import TaskProfile
from strategy.quality import Evidence, evidence_for, is_below_floor
from strategy.terms import terms_of
from strategy.volume import Volume, calls_by_day, volume_of
from strategy.workload import Workload, workload_of
from strategy.worth import Outlook, outlook_of

_OPTIONS = (*(strategy.value for strategy in Strategy), "distill:own", "distill:hosted", RETRIEVAL, *ALTERNATIVES)
_LEVELS: tuple[Level, ...] = ("low", "base", "high")
_ONE = Decimal(1)
_IN_THE_MATRIX = (
    "determinism",
    "input_space",
    "latency_budget_ms",
    "error_cost",
    "labelled_examples",
    "days_to_production",
)


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
    """What one judgement works on; `asked`, `misfits`, `evidence` and `needs` are what money and volume do not change.

    `plans` holds the other ways to serve it at each level of the estimates, `outlook` what lies ahead.
    """

    snapshot: Snapshot
    policy: Policy
    volume: Volume
    load: Workload
    asked: Mapping[Gate, GateAnswer]
    misfits: Mapping[Strategy, tuple[Property, ...]]
    evidence: Mapping[str, Evidence]
    needs: tuple[Need, ...]
    plans: Mapping[Level, tuple[Plan, ...]]
    outlook: Outlook


def case_of(snapshot: Snapshot, policy: Policy, at: datetime, of: Case | None = None) -> Case:
    """The case of a snapshot, at the prices in force at `at`; what money does not change is that `of` another case."""
    volume = volume_of(snapshot.usage, snapshot.as_of.date(), policy)
    load = workload_of(snapshot, volume, PriceBook(snapshot.prices), at, policy)
    task = snapshot.feature.task
    rows = () if of else rows_of(snapshot, volume, None, policy)
    evidence = of.evidence if of else {option: evidence_for(snapshot, option, policy) for option in _OPTIONS}
    plans = {level: target_plans(snapshot, load, policy, level) for level in _LEVELS}
    terms = terms_of(policy)
    forecast = forecast_of(calls_by_day(snapshot.usage, snapshot.as_of.date()), terms)
    return Case(
        snapshot=snapshot,
        policy=policy,
        volume=volume,
        load=load,
        asked=of.asked if of else _asked(task, policy),
        misfits=of.misfits if of else {strategy: ruled_out(rows, strategy, policy) for strategy in Strategy},
        evidence=evidence,
        needs=of.needs if of else needs_of(task, snapshot.feature.strategy, short=_is_short(snapshot, evidence)),
        plans=plans,
        outlook=outlook_of(forecast, plans, policy, terms),
    )


def _is_short(snapshot: Snapshot, evidence: Mapping[str, Evidence]) -> bool:
    """Whether today's answers were scored below the declared floor."""
    known = evidence[Strategy.CODE].baseline
    return known is not None and is_below_floor(snapshot, known)


def _asked(task: TaskProfile, policy: Policy) -> Mapping[Gate, GateAnswer]:
    """The gates asked as if the money were settled, for the money is asked on its own."""
    return {answer.gate: answer for answer in answers(task, Answer.YES, policy)}


def load_supposed(load: Workload, what_if: WhatIf) -> Workload:
    """The traffic with the replaced figures that are of it."""
    if what_if.calls_per_day is not None:
        load = replace(load, calls_per_day=what_if.calls_per_day)
    if what_if.present_price != 1 and load.usd_per_call is not None:
        load = replace(load, usd_per_call=load.usd_per_call * what_if.present_price)
    return load


def supposed(case: Case, what_if: WhatIf) -> Case:
    """The case with the replaced figures that others hang on; those of one option are left to the judgement."""
    load, snapshot = load_supposed(case.load, what_if), case.snapshot
    if what_if.code_share is not None:
        task = replace(snapshot.feature.task, code_share=what_if.code_share)
        snapshot = replace(snapshot, feature=replace(snapshot.feature, task=task))
        case = replace(case, asked=_asked(task, case.policy))
    if what_if.present_price != 1 or what_if.code_share is not None:
        case = replace(case, plans={"base": target_plans(snapshot, load, case.policy)})
    return replace(case, load=load, snapshot=snapshot)


def with_task(case: Case, task: TaskProfile) -> Case:
    """The case with other answers to the task's questions; volume, prices and outlook stay as they are."""
    before, policy, now = case.snapshot.feature.task, case.policy, case.snapshot.feature.strategy
    snapshot = replace(case.snapshot, feature=replace(case.snapshot.feature, task=task))
    misfits, evidence, plans = case.misfits, case.evidence, case.plans
    if any(getattr(task, name) != getattr(before, name) for name in _IN_THE_MATRIX):
        rows = rows_of(snapshot, case.volume, None, policy)
        misfits = {strategy: ruled_out(rows, strategy, policy) for strategy in Strategy}
    if snapshot.feature.quality.margin is None and _margin_of(task, policy) != _margin_of(before, policy):
        evidence = {option: evidence_for(snapshot, option, policy) for option in _OPTIONS}
    if task.code_share != before.code_share or wants_retrieval(task, now) is not wants_retrieval(before, now):
        plans = {"base": target_plans(snapshot, case.load, policy)}
    return replace(
        case,
        snapshot=snapshot,
        asked=_asked(task, policy),
        misfits=misfits,
        evidence=evidence,
        needs=needs_of(task, now, short=_is_short(snapshot, evidence)),
        plans=plans,
    )


def _margin_of(task: TaskProfile, policy: Policy) -> Decimal:
    return policy.number(f"margin_{task.error_cost or 'medium'}")


def rows_of(snapshot: Snapshot, volume: Volume, present: Plan | None, policy: Policy) -> tuple[MatrixRow, ...]:
    """The eight rows of the matrix for a snapshot; the cost of a call is left out where no plan is given."""
    calls = volume.calls_per_day
    per_call = present.monthly(calls) / (calls * DAYS_PER_MONTH) if present is not None and calls else None
    measured = Measured(
        now=snapshot.feature.strategy,
        latency_p95_ms=snapshot.usage.latency_p95_ms,
        calls_per_day=calls,
        usd_per_call=per_call,
    )
    return matrix_rows(snapshot.feature.task, measured, policy)
