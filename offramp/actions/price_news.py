"""What happened to prices and models as people ask for it: each event with the features and the verdicts it moved."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.queries.price_events import StoredEvent, price_events
from db.queries.verdicts import Flip, flips
from db.session import Engine, Session, reading
from offramp.actions.price_events import reach, speaks_of
from strategy.policy import Policy

SHOWN = timedelta(days=182)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceNews:
    """One event: the features whose models it is about, and the changes of verdict that it caused."""

    event: StoredEvent
    features: tuple[str, ...]
    flips: tuple[Flip, ...]


def price_news(engine: Engine, policy: Policy, at: datetime) -> tuple[PriceNews, ...]:
    """The events of the last half year that touch or moved a feature, newest first."""
    with reading(engine) as session:
        touching = reach(session, policy, at)
        moved = flips(session, start=at - SHOWN)
        told = [
            PriceNews(
                event=event,
                features=tuple(touching.touched(event.kind, event.model)),
                flips=tuple(flip for flip in moved if flip.from_verdict is not None and _caused(event, flip)),
            )
            for event in price_events(session)
            if event.at >= at - SHOWN
        ]
    return tuple(news for news in reversed(told) if news.features or news.flips)


def _caused(event: StoredEvent, flip: Flip) -> bool:
    """Whether the flip names this event, or, where it names none, speaks of its kind and model."""
    if flip.event_id is not None:
        return flip.event_id == event.id
    return speaks_of(flip.cause, flip.cause_detail, event)


def moved_since(session: Session, model: str, since: datetime) -> tuple[Flip, ...]:
    """The changes of verdict whose event about a model was stored since an instant."""
    events = [event for event in price_events(session) if event.model == model and event.recorded_at >= since]
    moved = flips(session, start=since - _DAY)
    return tuple(flip for flip in moved if any(_caused(event, flip) for event in events))
