"""What a finished migration is measured against, out of the snapshot that its promise was made on.

The snapshot was frozen when the alert was claimed (or, unclaimed, by the last review before it was finished): four
weeks of calls and cost, the tokens of these calls by model and request size, and every price. Costs beside the calls
(own GPUs, upkeep, an owner's `monthly_usd`) are those that the promise counted on, before and after: estimates.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from strategy.case import case_of
from strategy.cost import Plan, present_plan, target_plans
from strategy.facts import Score, Snapshot, TokenMix
from strategy.kinds import Strategy
from strategy.ledger import Baseline
from strategy.money import DAYS_PER_MONTH, ZERO
from strategy.policy import Policy
from strategy.prices import PriceBook, mix_cost
from strategy.quality import evidence_for, share_of

_ONE = Decimal(1)


def baseline_of(snapshot: Snapshot, running_usd_month: Decimal, policy: Policy) -> Baseline | None:
    """Calls and cost of the level window before the snapshot; None where too much of it has no price."""
    days = int(policy.number("level_days"))
    first = snapshot.as_of.date() - timedelta(days=days)
    used = [use for use in snapshot.usage.days if first <= use.day < snapshot.as_of.date()]
    calls, unpriced = sum(use.calls for use in used), sum(use.unpriced_calls for use in used)
    if unpriced > (1 - policy.number("priced_share")) * calls:
        return None
    usage = sum((use.cost_usd for use in used if use.cost_usd is not None), ZERO)
    seen = feature_calls(Decimal(calls), snapshot.feature.strategy, snapshot.feature.task.code_share)
    return Baseline(days=days, calls=seen or ZERO, usage_usd=usage, running_usd_month=running_usd_month)


def feature_calls(seen: Decimal, strategy: Strategy, code_share: Decimal | None) -> Decimal | None:
    """The feature's calls behind those that reach a model; None where none do, for code answers them all.

    Hybrid code answers the share that its owner declared.

    >>> feature_calls(Decimal(50), Strategy.HYBRID, Decimal("0.5"))
    Decimal('1.0E+2')
    """
    if strategy is Strategy.CODE:
        return None
    if strategy is Strategy.HYBRID and code_share is not None and code_share < _ONE:
        return seen / (_ONE - code_share)
    return seen


def baseline_at(snapshot: Snapshot, book: PriceBook, at: datetime) -> Decimal:
    """What the tokens of the baseline would have cost at the prices of another instant, USD.

    A model that is no longer sold keeps its last price; what had no price then has none now.
    """
    return sum((_cost(snapshot, mix, book, at) for mix in snapshot.usage.mix), ZERO)


def _cost(snapshot: Snapshot, mix: TokenMix, book: PriceBook, at: datetime) -> Decimal:
    then = mix_cost(PriceBook(snapshot.prices), mix, snapshot.as_of)
    if then is None:
        return ZERO
    now = mix_cost(book, mix, at)
    return then if now is None else now


def running_costs(snapshot: Snapshot, target: str, policy: Policy) -> tuple[Decimal, Decimal]:
    """USD a month beside the calls: of what the feature ran on, and of the target, as the promise counted them."""
    load = case_of(snapshot, policy, snapshot.as_of).load
    before = present_plan(snapshot.feature, load, policy)
    plans = {plan.option: plan for plan in target_plans(snapshot, load, policy)}
    return _beside(before, load.calls_per_day), _beside(plans.get(target), load.calls_per_day)


def _beside(plan: Plan | None, calls_per_day: Decimal) -> Decimal:
    if plan is None:
        return ZERO
    return plan.monthly(calls_per_day) - plan.usd_per_call * calls_per_day * DAYS_PER_MONTH


def falls_short(snapshot: Snapshot, target: str, score: Score, policy: Policy) -> Decimal | None:
    """The least acceptable share, where a score of the live target is below it; None where it holds.

    A score by the evaluator of the baseline must hold the floor and the margin; of another one only the floor is asked,
    for their scores do not compare.
    """
    evidence = evidence_for(snapshot, target, policy)
    reached, floor = share_of(score, score.score), snapshot.feature.quality.floor
    required = None if floor is None else share_of(score, floor)
    base = evidence.baseline
    if base is not None and _judged_by(base) == _judged_by(score):
        required = evidence.required
    if reached is None or required is None or reached >= required:
        return None
    return required


def _judged_by(score: Score) -> tuple[str | None, ...]:
    return score.metric, score.evaluator, score.evaluator_version
