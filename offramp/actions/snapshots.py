"""Freezes the facts that a judgement of each feature may use: usage, scores, prices, retirements, the profile."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from db.queries.features import FeatureHead
from db.queries.prices import price_lines_with_news, retirements_of
from db.queries.scores import scores
from db.queries.usage import LatencyGroup, latency_groups
from db.queries.verdicts import Standing, standing
from db.session import Session
from offramp.actions.costing import CostedGroup, costed_groups, token_mix
from offramp.actions.usage import midnight, percentile
from strategy.cost import models_needed
from strategy.facts import Before, DayUse, Price, Score, Snapshot, TokenMix, Usage
from strategy.kinds import Code, Outcome, Strategy
from strategy.parse import parse_feature
from strategy.policy import Policy
from strategy.profile import Feature

# The level is read from four whole weeks, the slope from eight.
_LEVEL_DAYS = 28
_SLOPE_DAYS = 56
_EPOCH = date(1970, 1, 1)
# Features read together: few queries, and memory that does not grow with the fleet.
_AT_ONCE = 500


def snapshots(session: Session, heads: Sequence[FeatureHead], policy: Policy, as_of: datetime) -> list[Snapshot]:
    """One snapshot per registered feature, of what was known by the end of `as_of`'s day."""
    return snapshots_of(session, [stored_feature(head.document) for head in heads], policy, as_of)


def snapshots_of(session: Session, features: Sequence[Feature], policy: Policy, as_of: datetime) -> list[Snapshot]:
    """One snapshot per feature, registered or not, of what was known by the end of `as_of`'s day."""
    parts = (features[start : start + _AT_ONCE] for start in range(0, len(features), _AT_ONCE))
    return [snapshot for part in parts for snapshot in _frozen(session, part, policy, as_of)]


def _frozen(session: Session, features: Sequence[Feature], policy: Policy, as_of: datetime) -> list[Snapshot]:
    today = as_of.date()
    start = midnight(today - timedelta(days=_SLOPE_DAYS))
    slugs = [feature.slug for feature in features]
    traffic = _by_feature(costed_groups(session, start, midnight(today), by={"feature", "day"}, features=slugs))
    first_level_day = (today - _EPOCH).days - _LEVEL_DAYS
    last_day = first_level_day + _LEVEL_DAYS
    waits = _waits(latency_groups(session, first_level_day, last_day, by={"feature"}, features=slugs))
    found = _scores(scores(session, slugs, before=as_of + timedelta(days=1)))
    usages = {slug: _usage(traffic.get(slug, []), waits.get(slug, []), first_level_day) for slug in slugs}
    needed = {feature.slug: _models(feature, usages[feature.slug], policy) for feature in features}
    ends = retirements_of(session, _all_of(needed), known_by=as_of + timedelta(days=1), at=as_of)
    for models in needed.values():
        # What a vendor names in the place of a model that ends is priced from that day on.
        models |= {end.replacement for end in ends if end.model in models and end.replacement}
    known_by = as_of + timedelta(days=1)
    held = known_by - timedelta(days=int(policy.number("persist_days")))
    lines, former = price_lines_with_news(session, _all_of(needed), known_by=known_by, at=as_of, since=held)
    said = standing(session, slugs, before=as_of)
    constants = policy.frozen()
    return [
        Snapshot(
            feature=feature,
            before=_before(said.get(feature.slug)),
            moved=_moved(said.get(feature.slug), feature, today),
            usage=usages[feature.slug],
            scores=tuple(found.get(feature.slug, ())),
            prices=_of_models(lines, needed[feature.slug]),
            retirements=tuple(item for item in ends if item.model in needed[feature.slug]),
            constants=constants,
            as_of=as_of,
            formerly=tuple(each for each in former if each.model in needed[feature.slug]),
        )
        for feature in features
    ]


def stored_feature(document: Mapping[str, Any]) -> Feature:
    """The feature of a stored document, which was checked when it was written."""
    feature, errors = parse_feature(document)
    if feature is None:
        message = f"stored feature {document.get('slug')} does not parse: {errors[0].field} {errors[0].error}"
        raise ValueError(message)
    return feature


def _before(said: Standing | None) -> Before | None:
    """What was said on a day before; judging a day again thus never sees its own verdict."""
    if said is None:
        return None
    return Before(
        outcome=Outcome(said.verdict),
        code=None if said.code is None else Code(said.code),
        target=said.target,
        now=Strategy(said.now),
        since=said.since.date(),
    )


def _moved(said: Standing | None, feature: Feature, today: date) -> date | None:
    """The day the present strategy was first seen: today where it is new, else that of the last flip that showed it."""
    if said is not None and said.now != feature.strategy:
        return today
    return None if said is None or said.moved is None else said.moved.date()


def _all_of(needed: Mapping[str, set[str]]) -> list[str]:
    return sorted(set().union(*needed.values()))


def _models(feature: Feature, usage: Usage, policy: Policy) -> set[str]:
    return set(models_needed(feature, policy, {mix.model for mix in usage.mix if mix.model}))


def _of_models(lines: Sequence[Price], models: set[str]) -> tuple[Price, ...]:
    return tuple(line for line in lines if line.model in models)


def _by_feature(groups: Sequence[CostedGroup]) -> dict[str, list[CostedGroup]]:
    found: dict[str, list[CostedGroup]] = {}
    for costed in groups:
        found.setdefault(costed.group.feature or "", []).append(costed)
    return found


def _waits(groups: Sequence[LatencyGroup]) -> dict[str, list[LatencyGroup]]:
    found: dict[str, list[LatencyGroup]] = {}
    for group in groups:
        found.setdefault(group.feature or "", []).append(group)
    return found


def _scores(all_scores: Sequence[Score]) -> dict[str, list[Score]]:
    found: dict[str, list[Score]] = {}
    for score in all_scores:
        found.setdefault(score.feature, []).append(score)
    return found


def _usage(groups: Sequence[CostedGroup], waits: Sequence[LatencyGroup], first_level_day: int) -> Usage:
    days: dict[int, list[CostedGroup]] = {}
    for costed in groups:
        days.setdefault(costed.group.day or 0, []).append(costed)
    recent = [costed for costed in groups if (costed.group.day or 0) >= first_level_day]
    return Usage(
        days=tuple(_day(day, days[day]) for day in sorted(days)),
        mix=_mixes(recent),
        latency_p50_ms=percentile(waits, 0.50),
        latency_p95_ms=percentile(waits, 0.95),
    )


def _day(day: int, groups: Sequence[CostedGroup]) -> DayUse:
    costs = [costed.cost_usd for costed in groups if costed.cost_usd is not None]
    return DayUse(
        day=_EPOCH + timedelta(days=day),
        calls=sum(costed.group.calls for costed in groups),
        errors=sum(costed.group.errors for costed in groups),
        cost_usd=sum(costs, Decimal(0)) if costs else None,
        unpriced_calls=sum(costed.unpriced_calls for costed in groups),
    )


def _mixes(groups: Sequence[CostedGroup]) -> tuple[TokenMix, ...]:
    found: dict[tuple[str, int, str], list[TokenMix]] = {}
    for costed in groups:
        mix = token_mix(costed.group)
        if mix.calls:
            found.setdefault((mix.model or "", mix.tier, mix.processing), []).append(mix)
    return tuple(_sum(found[key]) for key in sorted(found))


def _sum(mixes: Sequence[TokenMix]) -> TokenMix:
    return TokenMix(
        model=mixes[0].model,
        tier=mixes[0].tier,
        processing=mixes[0].processing,
        calls=sum(mix.calls for mix in mixes),
        input_tokens=sum(mix.input_tokens for mix in mixes),
        cached_input_tokens=sum(mix.cached_input_tokens for mix in mixes),
        cache_write_tokens=sum(mix.cache_write_tokens for mix in mixes),
        output_tokens=sum(mix.output_tokens for mix in mixes),
    )
