"""What each strategy costs a month and once: a plan per strategy, from cited constants, prices and the owner's figures.

A plan is linear in calls, but for whole GPUs: own weights are served by max(1, ceil(load / capacity)) machines that are
paid day and night. An owner's `monthly_usd` replaces serving, upkeep and retraining together, `usd_per_call` what a
call costs, `engineer_days` and `one_off_usd` the two parts of the one-off; each falls back to its constant alone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, Decimal

from strategy.alternatives import CHEAPER, TUNED, cheaper_unit, siblings, tuned_share
from strategy.facts import Retirement, Snapshot, TokenMix
from strategy.kinds import Strategy
from strategy.ladder import LLM
from strategy.money import DAYS_PER_MONTH, ZERO
from strategy.need import RETRIEVAL, wants_retrieval
from strategy.policy import Level, Policy
from strategy.prices import mix_cost
from strategy.profile import CostOverride, Feature
from strategy.workload import Workload

_MONTHS = Decimal(12)
_SECONDS = Decimal(3600)
_STRATEGIES = {strategy.value: strategy for strategy in Strategy}
_OPPOSITE: dict[Level, Level] = {"low": "high", "base": "base", "high": "low"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A way to serve the feature. `option` is the strategy, with a variant where one is meant."""

    option: str
    usd_per_call: Decimal
    fixed_usd_month: Decimal
    one_off_usd: Decimal = ZERO
    gpu_usd_month: Decimal = ZERO
    gpu_calls_month: Decimal = Decimal(1)

    @property
    def strategy(self) -> Strategy:
        """The strategy without its variant."""
        return _STRATEGIES[self.option.partition(":")[0]]

    def monthly(self, calls_per_day: Decimal) -> Decimal:
        """USD a month of 30 days at so many calls a day.

        >>> Plan(option="embed", usd_per_call=Decimal("0.001"), fixed_usd_month=Decimal(5)).monthly(Decimal(100))
        Decimal('8.000')
        """
        return self.usd_per_call * calls_per_day * DAYS_PER_MONTH + self.standing(calls_per_day)

    def standing(self, calls_per_day: Decimal) -> Decimal:
        """The part of a month that is paid whether a call comes or not: upkeep, and whole machines for so many."""
        if not self.gpu_usd_month:
            return self.fixed_usd_month
        machines = (calls_per_day * DAYS_PER_MONTH / self.gpu_calls_month).to_integral_value(ROUND_CEILING)
        return self.fixed_usd_month + max(Decimal(1), machines) * self.gpu_usd_month


def models_needed(feature: Feature, policy: Policy, carried: Iterable[str] = ()) -> tuple[str, ...]:
    """The models, by their price-book ids, whose prices a snapshot of this feature must hold.

    Those `carried` by its traffic, its own with what they were tuned from, those that candidates would use, and the
    cheaper siblings of what it runs on.
    """
    named = {policy.text(key) for key in ("embed_model", "prompt_model", "hosted_model", "hosted_base")}
    own = {*carried, *([feature.model] if feature.model else [])}
    bases = {base for model in own if (base := base_of(model)) is not None}
    return tuple(sorted(named | own | bases | siblings(own, policy)))


def base_of(model: str) -> str | None:
    """The model that a vendor's fine-tune was tuned from; None where it is none.

    >>> base_of("openai/ft:gpt-4o-mini"), base_of("openai/gpt-4o-mini")
    ('openai/gpt-4o-mini', None)
    """
    vendor, _, name = model.partition("/ft:")
    return f"{vendor}/{name}" if name else None


def present_plan(feature: Feature, load: Workload, policy: Policy, level: Level = "base") -> Plan | None:
    """What the feature runs on today: as its traffic is priced, else (without a priced model) as constants say."""
    own = _override(feature, feature.strategy)
    unit = load.usd_per_call if own.usd_per_call is None else own.usd_per_call
    if unit is not None:
        return Plan(option=feature.strategy, usd_per_call=unit, fixed_usd_month=own.monthly_usd or ZERO)
    if feature.strategy in {Strategy.PROMPT, Strategy.HYBRID}:
        return None
    plan = _modelled(feature, feature.strategy, load, policy, level)
    return None if plan is None else replace(plan, option=feature.strategy, one_off_usd=ZERO)


def target_plans(snapshot: Snapshot, load: Workload, policy: Policy, level: Level = "base") -> tuple[Plan, ...]:
    """A plan for each other way whose cost can be told, in the order of the strategies; the alternatives come last.

    Own weights and a vendor's fine-tune are two plans.
    """
    feature = snapshot.feature
    plans: list[Plan | None] = []
    for strategy in Strategy:
        if strategy is not feature.strategy:
            plans.append(_modelled(feature, strategy, load, policy, level))
            if strategy is Strategy.DISTILL:
                plans.append(_hosted(snapshot, load, policy, level))
    if wants_retrieval(feature.task, feature.strategy):
        plans.append(_retrieval(feature, load, policy, level))
    if feature.strategy is Strategy.PROMPT and load.usd_per_call is not None:
        plans += [plan_at(load.usd_per_call) for plan_at in alternatives(snapshot, load, policy, level).values()]
    return tuple(plan for plan in plans if plan is not None)


def alternatives(
    snapshot: Snapshot, load: Workload, policy: Policy, level: Level = "base"
) -> Mapping[str, Callable[[Decimal], Plan | None]]:
    """Cheaper ways to prompt, by what a call costs today in USD: no upkeep, and days of work instead of weeks."""
    cheaper = cheaper_unit(load, snapshot.retirements, policy)
    share = tuned_share(load, snapshot.feature.task.latency_budget_ms, policy, level)
    day = policy.number("engineer_day_usd", level)

    def plan(option: str, unit: Decimal) -> Plan:
        days = policy.number(f"{option.partition(':')[2]}_engineer_days", level)
        return Plan(option=option, usd_per_call=unit, fixed_usd_month=ZERO, one_off_usd=days * day)

    return {
        CHEAPER: lambda usd: plan(CHEAPER, cheaper) if cheaper is not None and cheaper < usd else None,
        TUNED: lambda usd: None if share is None else plan(TUNED, usd * share),
    }


def riders(snapshot: Snapshot, load: Workload, policy: Policy) -> Mapping[str, Callable[[Decimal], Plan | None]]:
    """The ways whose cost hangs on what a call of today's prompt costs, each by that in USD."""
    feature = snapshot.feature
    if feature.strategy is not Strategy.PROMPT or load.usd_per_call is None:
        return {}

    def hybrid(usd: Decimal) -> Plan | None:
        return _modelled(feature, Strategy.HYBRID, replace(load, usd_per_call=usd), policy, "base")

    return {Strategy.HYBRID: hybrid, **alternatives(snapshot, load, policy)}


def _override(feature: Feature, strategy: Strategy) -> CostOverride:
    return dict(feature.costs).get(strategy, CostOverride())


def _modelled(feature: Feature, strategy: Strategy, load: Workload, policy: Policy, level: Level) -> Plan | None:
    """The plan of a strategy from constants, prices and the owner's figures; None where a part is not known."""
    own = _override(feature, strategy)
    unit = own.usd_per_call if own.usd_per_call is not None else _unit(feature, strategy, load, policy)
    if unit is None:
        return None
    plan = Plan(
        option=strategy,
        usd_per_call=unit,
        fixed_usd_month=_upkeep(strategy, policy, level) if own.monthly_usd is None else own.monthly_usd,
        one_off_usd=_one_off(own, strategy, policy, level),
    )
    if strategy is Strategy.DISTILL and own.monthly_usd is None:
        return _on_own_weights(plan, load, policy, level)
    return plan


def _unit(feature: Feature, strategy: Strategy, load: Workload, policy: Policy) -> Decimal | None:
    """USD a call costs beyond what is fixed."""
    match strategy:
        case Strategy.CODE | Strategy.DISTILL:
            return ZERO
        case Strategy.EMBED:
            return load.embedded_by(policy.text("embed_model"))
        case Strategy.HYBRID:
            share = feature.task.code_share
            prompted = load.usd_per_call if feature.strategy is Strategy.PROMPT else None
            return None if share is None or prompted is None else prompted * (1 - share)
        case _:
            return load.on_model(feature.model or policy.text("prompt_model")) if load.has_output() else None


def _upkeep(strategy: Strategy, policy: Policy, level: Level) -> Decimal:
    """Monitoring, and for a student retraining, in USD a month."""
    day = policy.number("engineer_day_usd", level)
    upkeep = policy.number(f"{strategy}_upkeep_days", level) * day
    if strategy is not Strategy.DISTILL:
        return upkeep
    training = policy.number("distill_one_off_usd", level) + policy.number("retraining_days", level) * day
    return upkeep + policy.number("retrainings_per_year", level) * training / _MONTHS


def _one_off(own: CostOverride, strategy: Strategy, policy: Policy, level: Level) -> Decimal:
    days = policy.number(f"{strategy}_engineer_days", level) if own.engineer_days is None else own.engineer_days
    rest = policy.number(f"{strategy}_one_off_usd", level) if own.one_off_usd is None else own.one_off_usd
    return days * policy.number("engineer_day_usd", level) + rest


def _on_own_weights(plan: Plan, load: Workload, policy: Policy, level: Level) -> Plan | None:
    """The plan with whole GPUs under it; None where the tokens of a call are not known."""
    if load.tokens_per_call is None:
        return None
    hours = policy.number("gpu_hours_per_month")
    tokens = policy.number("gpu_tokens_per_second", _OPPOSITE[level]) * _SECONDS * hours
    return replace(
        plan,
        option=f"{Strategy.DISTILL}:own",
        gpu_usd_month=policy.number("gpu_hour_usd", level) * hours,
        gpu_calls_month=tokens / load.tokens_per_call,
    )


def _hosted(snapshot: Snapshot, load: Workload, policy: Policy, level: Level) -> Plan | None:
    """A vendor's fine-tune, where new training is still taken and the base outlives the horizon.

    Not offered where the owner gave figures for distilling, for those are the owner's own plan.
    """
    own = _override(snapshot.feature, Strategy.DISTILL)
    unit = load.on_model(policy.text("hosted_model"))
    today = snapshot.as_of.date()
    base = retirement_of(snapshot.retirements, policy.text("hosted_base"))
    closed = today >= date.fromisoformat(policy.text("hosted_training_ends"))
    dies = base is not None and (base.on - today).days < policy.number("horizon_days")
    if unit is None or own != CostOverride() or closed or dies:
        return None
    return Plan(
        option=f"{Strategy.DISTILL}:hosted",
        usd_per_call=unit,
        fixed_usd_month=_upkeep(Strategy.DISTILL, policy, level),
        one_off_usd=_one_off(own, Strategy.DISTILL, policy, level),
    )


def _retrieval(feature: Feature, load: Workload, policy: Policy, level: Level) -> Plan | None:
    """The present prompt with what was found put into it: the request is embedded, and the found text is read too.

    Where a trained model answers today, the prompt is the one that going back to prompting would use.
    """
    own, found = _override(feature, Strategy.HYBRID), int(policy.number("retrieved_tokens", level))
    model = None if feature.strategy in LLM else feature.model or policy.text("prompt_model")

    def cost(mix: TokenMix, more: int = 0) -> Decimal | None:
        asked_of = replace(mix, model=mix.model if model is None else model)
        return mix_cost(load.book, replace(asked_of, input_tokens=mix.input_tokens + more * mix.calls), load.at)

    unit = load.usd_per_call if model is None else _unit(feature, Strategy.PROMPT, load, policy)
    asked, now = load.embedded_by(policy.text("embed_model")), load.mean(cost)
    read = load.mean(lambda mix: cost(mix, found))
    if unit is None or asked is None or read is None or not now:
        return None
    day = policy.number("engineer_day_usd", level)
    store = policy.number("retrieval_upkeep_days", level) * day + policy.number("retrieval_store_usd", level)
    days = policy.number("retrieval_engineer_days", level) if own.engineer_days is None else own.engineer_days
    return Plan(
        option=RETRIEVAL,
        usd_per_call=asked + unit * read / now if own.usd_per_call is None else own.usd_per_call,
        fixed_usd_month=store if own.monthly_usd is None else own.monthly_usd,
        one_off_usd=days * day + (own.one_off_usd or ZERO),
    )


def retirement_of(retirements: tuple[Retirement, ...], model: str | None) -> Retirement | None:
    """The soonest day named for a model, None where none is."""
    return min((r for r in retirements if r.model == model), key=lambda r: (r.on, r.source), default=None)
