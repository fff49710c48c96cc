"""Judges again what price events touch: exactly those features, once for each event, however often it is replayed."""

from dataclasses import dataclass
from datetime import datetime

from db.queries.price_events import StoredEvent, price_events
from db.session import Engine, reading, transaction
from db.store.price_events import mark_judged
from offramp.actions.price_events import note_events, reach
from offramp.actions.review import Reviewed, review_noted
from offramp.actions.usage import midnight
from strategy.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """What handling the waiting events did: the events, and each feature that was judged again because of one."""

    events: tuple[StoredEvent, ...]
    reviewed: tuple[Reviewed, ...]


def rejudge(engine: Engine, policy: Policy, at: datetime) -> Rejudged:
    """Note what happened, judge again the features it touches, and mark the events as judged."""
    with reading(engine) as session:
        touching = reach(session, policy, at)
    note_events(engine, policy, at, touching)
    with reading(engine) as session:
        events = price_events(session, waiting=True)
        slugs = {slug for each in events for slug in touching.touched(each.kind, each.model)}
    if not events:
        return Rejudged(events=(), reviewed=())
    done = review_noted(engine, policy, as_of=midnight(at.date()), now=at, slugs=slugs)
    with transaction(engine) as session:
        mark_judged(session, [each.id for each in events], at)
    return Rejudged(events=tuple(events), reviewed=tuple(done))
