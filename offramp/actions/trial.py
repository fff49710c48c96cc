"""What the judge would say of a feature as it is being described: before it is saved, and without writing anything.

Of a task without traffic it advises, as `offramp advise` does. Where there are facts it judges them again with the
changed profile: the stored snapshot of a registered feature, or facts frozen now for one that only traffic names.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from db.queries.prices import price_lines, retirements_of
from db.queries.verdicts import snapshot_of, verdict_of
from db.session import Engine, reading
from offramp.actions.failure import Problem
from offramp.actions.snapshots import snapshots_of
from strategy.advice import advice_document, advise, read_described
from strategy.cost import models_needed
from strategy.facts import Snapshot
from strategy.judge import judge
from strategy.parse import feature_document, parse_feature
from strategy.policy import Policy
from strategy.profile import Feature
from strategy.snapshot import dumps, loads
from strategy.verdict import document

_VOICE = "breakeven"
_DAY = timedelta(days=1)
_UNNAMED = "described"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a trial judges: frozen facts as text, and the verdict document that stands now, where there is one."""

    snapshot: str
    stands: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What would be said: a verdict document with whether facts were behind it, or every wrong field.

    `profile` is the document as it would be stored.
    """

    profile: Mapping[str, Any] | None = None
    verdict: Mapping[str, Any] | None = None
    measured: bool = False
    problems: tuple[Problem, ...] = ()


def trial_facts(engine: Engine, slug: str, policy: Policy, as_of: datetime) -> Facts | None:
    """The facts to judge a changed profile by; None where nothing was judged yet and traffic names no such feature."""
    with reading(engine) as session:
        stored = verdict_of(session, slug)
        text = None if stored is None else snapshot_of(session, stored.snapshot_sha)
        if stored is not None and text is not None:
            return Facts(snapshot=text, stands=json.loads(stored.document))
        (found,) = snapshots_of(session, [Feature(slug=slug)], policy, as_of)
    return Facts(snapshot=dumps(found), stands=None) if found.usage.days else None


def most_used_model(facts: Facts) -> str | None:
    """The model that carries most of the traffic in these facts; None where none has a known name."""
    calls: dict[str, int] = {}
    for mix in loads(facts.snapshot).usage.mix:
        if mix.model is not None:
            calls[mix.model] = calls.get(mix.model, 0) + mix.calls
    return max(sorted(calls), key=lambda model: calls[model], default=None)


def tried(engine: Engine, profile: Mapping[str, Any], facts: Facts | None, policy: Policy, *, as_of: datetime) -> Trial:
    """The verdict on a feature document as it is now; a slug that is still missing is no fault yet."""
    named = {**profile, "slug": profile.get("slug") or _UNNAMED}
    feature, errors = parse_feature(named)
    if feature is None:
        return Trial(problems=tuple(Problem(error=each.error, field=each.field, cure=each.cure) for each in errors))
    stored = feature_document(feature)
    if facts is None:
        return Trial(profile=stored, verdict=_advised(named, policy, as_of))
    snapshot = _with_prices(engine, _changed(loads(facts.snapshot), feature), policy)
    return Trial(profile=stored, verdict=document(judge(snapshot, policy)), measured=True)


def _advised(profile: Mapping[str, Any], policy: Policy, as_of: datetime) -> Mapping[str, Any]:
    described, errors = read_described(profile)
    if described is None:
        message = f"a profile that parses as a feature describes a task: {errors[0].field} {errors[0].error}"
        raise ValueError(message)
    return advice_document(advise(described, policy, id=str(profile["slug"]), voice=_VOICE, as_of=as_of))


def _changed(snapshot: Snapshot, feature: Feature) -> Snapshot:
    """The facts with another profile; the day of a move is today where the strategy is new."""
    before = snapshot.before
    moved = snapshot.as_of.date() if before is not None and before.now != feature.strategy else snapshot.moved
    return replace(snapshot, feature=feature, moved=moved)


def _with_prices(engine: Engine, snapshot: Snapshot, policy: Policy) -> Snapshot:
    """The facts with the prices of models that the changed profile asks for and the old one did not."""
    carried = {mix.model for mix in snapshot.usage.mix if mix.model}
    needed = set(models_needed(snapshot.feature, policy, carried)) - {line.model for line in snapshot.prices}
    if not needed:
        return snapshot
    at, known_by = snapshot.as_of, snapshot.as_of + _DAY
    with reading(engine) as session:
        lines = price_lines(session, sorted(needed), known_by=known_by, at=at)
        ends = retirements_of(session, sorted(needed), known_by=known_by, at=at)
    have = {each.model for each in snapshot.retirements}
    return replace(
        snapshot,
        prices=(*snapshot.prices, *lines),
        retirements=(*snapshot.retirements, *(each for each in ends if each.model not in have)),
    )
