"""All that the Prices page tells: the book's age, what happened, what is announced, what waits and what it would do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from db.queries.prices import PriceChange, price_changes, retirements_of
from db.queries.proposals import Proposal, decided_by_people
from db.session import Engine, reading
from offramp.actions.price_age import PriceAge, price_age
from offramp.actions.price_decisions import together
from offramp.actions.price_effect import effect_document, if_accepted, moved_by
from offramp.actions.price_events import reach
from offramp.actions.price_news import SHOWN, PriceNews, price_news
from offramp.actions.price_refresh import BY_ITSELF, waiting
from offramp.actions.usage import midnight
from strategy.facts import Retirement
from strategy.policy import Policy

AHEAD = timedelta(days=400)
# What a yes would do is judged for so many groups of proposals; the others are counted.
MOST_WEIGHED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What one list proposes for one model from one instant on, and what a yes would do.

    `then` is the document of a what-if, `moved` of the past figures that would be others.
    """

    proposals: tuple[Proposal, ...]
    then: Mapping[str, Any]
    moved: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOverview:
    """Half a year back and a year ahead, of the models that some feature uses, names or could move to.

    `waiting` holds the first of `undecided` groups, those of such models before the others.
    """

    age: PriceAge
    models: tuple[str, ...]
    news: tuple[PriceNews, ...]
    changes: tuple[PriceChange, ...]
    retirements: tuple[Retirement, ...]
    waiting: tuple[Waiting, ...]
    undecided: int
    decided: tuple[Proposal, ...]
    read_at: datetime


def price_overview(engine: Engine, policy: Policy, at: datetime) -> PriceOverview:
    """Read it all; writes nothing."""
    today = midnight(at.date())
    with reading(engine) as session:
        models = sorted(set[str]().union(*reach(session, policy, at).models.values()))
        waits = together(waiting(session))
        changes = price_changes(session, today - SHOWN, today + AHEAD, models)
        ends = retirements_of(session, models, at)
        decided = decided_by_people(session, BY_ITSELF)
        age = price_age(session, at)
    waits.sort(key=lambda group: (group[0].model not in models, group[0].id))
    return PriceOverview(
        age=age,
        models=tuple(models),
        news=price_news(engine, policy, at),
        changes=changes,
        retirements=tuple(item for item in ends if item.on >= today.date()),
        waiting=_weighed(engine, policy, waits[:MOST_WEIGHED], at),
        undecided=len(waits),
        decided=tuple(decided),
        read_at=at,
    )


def _weighed(engine: Engine, policy: Policy, groups: list[list[Proposal]], at: datetime) -> tuple[Waiting, ...]:
    if not groups:
        return ()
    effects = if_accepted(engine, policy, groups, as_of=midnight(at.date()))
    return tuple(
        Waiting(
            proposals=tuple(group),
            then=then.document(),
            moved=effect_document([moved for each in group for moved in moved_by(engine, each, at)]),
        )
        for group, then in zip(groups, effects, strict=True)
    )
