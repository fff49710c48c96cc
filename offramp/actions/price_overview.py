"""All that the Prices page tells: the book's age, what happened, what is announced, what waits and what it would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from db.queries.prices import PriceChange, price_changes, retirements_of
from db.queries.proposals import Proposal, decided_by_people
from db.session import Engine, reading
from offramp.actions.price_age import PriceAge, price_age
from offramp.actions.price_decisions import together
from offramp.actions.price_effect import effect_document, if_accepted, moved_by
from offramp.actions.price_events import Reach, reach
from offramp.actions.price_news import SHOWN, PriceNews, price_news
from offramp.actions.price_refresh import BY_ITSELF, waiting
from offramp.actions.usage import midnight
from strategy.facts import Retirement
from strategy.policy import Policy

AHEAD = timedelta(days=400)
# So many groups of proposals are shown, the others are counted; what a yes would do is judged while those shown touch
# so many features, each some 8 ms twice: a page is no place to judge a fleet.
MOST_SHOWN, MOST_JUDGED = 10, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What one list proposes for one model from one instant on, and what a yes would do.

    `then` is the document of a what-if of the `touched` features, `moved` of the past figures that would be others;
    both are None where too many features are touched.
    """

    proposals: tuple[Proposal, ...]
    touched: int
    then: Mapping[str, Any] | None
    moved: Mapping[str, Any] | None


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
        touching = reach(session, policy, at)
        models = sorted(set[str]().union(*touching.models.values()))
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
        waiting=_weighed(engine, policy, [(group, _touched(touching, group)) for group in waits[:MOST_SHOWN]], at),
        undecided=len(waits),
        decided=tuple(decided),
        read_at=at,
    )


def _touched(touching: Reach, group: Sequence[Proposal]) -> set[str]:
    return {slug for each in group for slug in touching.touched(each.change, each.model)}


def _weighed(
    engine: Engine, policy: Policy, groups: Sequence[tuple[list[Proposal], set[str]]], at: datetime
) -> tuple[Waiting, ...]:
    found, left = [], MOST_JUDGED
    for group, touched in groups:
        then = moved = None
        if len(touched) <= left:
            left -= len(touched)
            (effect,) = if_accepted(engine, policy, [group], as_of=midnight(at.date()), touched=touched)
            then = effect.document()
            moved = effect_document([moved for each in group for moved in moved_by(engine, each, at)])
        found.append(Waiting(proposals=tuple(group), touched=len(touched), then=then, moved=moved))
    return tuple(found)
