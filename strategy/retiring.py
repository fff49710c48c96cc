"""Announced ends of models: which of them hit a feature, and what its traffic costs once they have come.

A model that carries a real share of the traffic forces the feature when it ends; a vendor's fine-tune ends with its
base at the latest. From that day on the calls are counted on the model that the vendor names in its place; where none
is named, or it has no price, nothing is known of what they would cost.
"""

from dataclasses import replace
from datetime import date, timedelta

from strategy.cost import base_of, retirement_of
from strategy.facts import Retirement, Snapshot, TokenMix
from strategy.kinds import Strategy
from strategy.policy import Policy


def forcing(snapshot: Snapshot, policy: Policy) -> tuple[Retirement, ...]:
    """The retirements within the notice of models that carry a real share of the traffic, soonest first."""
    least = policy.number("main_model_share") * sum(mix.calls for mix in snapshot.usage.mix)
    carried: dict[str, int] = {}
    for mix in snapshot.usage.mix:
        if mix.model is not None:
            carried[mix.model] = carried.get(mix.model, 0) + mix.calls
    models = [] if _has_left(snapshot, policy) else [model for model, calls in carried.items() if calls >= least]
    if not models and snapshot.feature.model is not None:
        models = [snapshot.feature.model]
    last = snapshot.as_of.date() + timedelta(days=int(policy.number("notice_days")))
    known = [r for model in models if (r := end_of(snapshot, model)) and r.on <= last]
    return tuple(sorted(known, key=lambda r: (r.on, r.model)))


def _has_left(snapshot: Snapshot, policy: Policy) -> bool:
    """Whether the models of its traffic are those of the strategy it left lately: what came after prompts none."""
    if snapshot.moved is None or snapshot.feature.strategy in {Strategy.HYBRID, Strategy.PROMPT}:
        return False
    return (snapshot.as_of.date() - snapshot.moved).days < policy.number("dwell_days")


def lasting(snapshot: Snapshot, model: str, policy: Policy) -> str:
    """What is still to be built on in place of a model: itself, or where it ends within the notice its successor."""
    end = end_of(snapshot, model)
    if end is None or end.on > snapshot.as_of.date() + timedelta(days=int(policy.number("notice_days"))):
        return model
    return f"{end.replacement or 'a model that lasts'} ({model} stops answering on {end.on})"


def end_of(snapshot: Snapshot, model: str) -> Retirement | None:
    """The soonest day on which a model, or the base it was tuned from, stops answering; None where none is known."""
    known = [r for name in (model, base_of(model)) if (r := retirement_of(snapshot.retirements, name))]
    return min(known, key=lambda r: (r.on, r.model != model), default=None)


def once_ended(snapshot: Snapshot, on: date) -> Snapshot:
    """The snapshot with the traffic of what has ended by a day on what the vendors name in its place."""
    own = snapshot.feature.model
    return replace(
        snapshot,
        feature=replace(snapshot.feature, model=None if own is None else _then(snapshot, own, on)),
        usage=replace(snapshot.usage, mix=tuple(_carried(snapshot, mix, on) for mix in snapshot.usage.mix)),
    )


def _carried(snapshot: Snapshot, mix: TokenMix, on: date) -> TokenMix:
    return mix if mix.model is None else replace(mix, model=_then(snapshot, mix.model, on))


def _then(snapshot: Snapshot, model: str, on: date) -> str | None:
    end = end_of(snapshot, model)
    return model if end is None or on < end.on else end.replacement
