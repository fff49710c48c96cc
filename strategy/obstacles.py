"""What stands in the way of a move besides money: what is missing, what is unanswered, what is unproven."""

from strategy.alternatives import ALTERNATIVES
from strategy.case import Case, WhatIf
from strategy.cost import Plan
from strategy.gates import GATE_OF, GateAnswer
from strategy.kinds import Answer, Code, Property, Strategy
from strategy.ladder import LLM, is_unexhausted
from strategy.need import RETRIEVAL
from strategy.quality import Evidence, evidence_for

SOLVABLE = {Property.DATA: Code.DATA, Property.TIME_TO_PRODUCTION: Code.DEADLINE}
"""The misfits that people can mend, each with the code that says so."""

_BEFORE_AN_EVAL = {None, Code.NEEDS_EVAL, Code.UNMEASURED}


def code_of(case: Case, what_if: WhatIf, plan: Plan) -> Code | None:
    """What stands in a plan's way besides money, with its score replaced where `what_if` says so."""
    return obstacle(case, plan, evidence_of(case, what_if, plan))


def evidence_of(case: Case, what_if: WhatIf, plan: Plan) -> Evidence:
    """The evidence for a plan, with its score replaced where `what_if` says so."""
    if what_if.score is not None and plan.option == what_if.option:
        return evidence_for(case.snapshot, plan.option, case.policy, what_if.score)
    return case.evidence[plan.option]


def misfits_of(case: Case, plan: Plan) -> tuple[Property, ...]:
    """The properties that rule a plan out; retrieval needs no labelled examples."""
    found = case.misfits[plan.strategy]
    return tuple(name for name in found if name is not Property.DATA) if plan.option == RETRIEVAL else found


def obstacle(case: Case, plan: Plan, evidence: Evidence) -> Code | None:
    """The first thing besides money that keeps a plan from being due; None where nothing does."""
    gate, misfits = case.asked[GATE_OF[plan.strategy]], misfits_of(case, plan)
    return _unless_unexhausted(case, plan, _standing_in_the_way(gate, misfits, evidence, plan))


def _standing_in_the_way(
    gate: GateAnswer, misfits: tuple[Property, ...], evidence: Evidence, plan: Plan
) -> Code | None:
    """The first thing that keeps a prospect from being due. A passed eval settles a gate that was only unanswered.

    An alternative passes no gate: the feature is a prompt already. Nor does retrieval, which wraps that prompt.
    """
    if plan.option in ALTERNATIVES:
        return evidence.code
    if misfits:
        return SOLVABLE[misfits[0]]
    if plan.option == RETRIEVAL:
        return evidence.code
    if gate.code is not None:
        return gate.code
    if gate.answer is Answer.UNKNOWN and gate.asks and not evidence.passes:
        return Code.UNMEASURED
    return evidence.code


def _unless_unexhausted(case: Case, plan: Plan, code: Code | None) -> Code | None:
    """Seed 003: "Always exhaust prompt engineering before fine-tuning", before a student is trained to be scored."""
    feature = case.snapshot.feature
    trains = plan.strategy is Strategy.DISTILL and feature.strategy in LLM and is_unexhausted(feature.task)
    return Code.EXHAUST_PROMPT if trains and code in _BEFORE_AN_EVAL else code
