"""Reading the outbox: what waits, and what became of what was told."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.tables import DeliveryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one recipient, as its row stands."""

    id: str
    kind: str
    about: str
    channel: str
    recipient: str
    payload: str
    if_unsure: str
    state: str
    attempts: int
    unsure: int
    next_at: datetime
    created_at: datetime
    done_at: datetime | None
    detail: str


def due_deliveries(session: Session, at: datetime, limit: int = 100) -> list[str]:
    """The ids of the messages whose time has come, the longest waiting first."""
    query = select(DeliveryRow.id).where(DeliveryRow.state == "pending", DeliveryRow.next_at <= at)
    return list(session.scalars(query.order_by(DeliveryRow.next_at, DeliveryRow.id).limit(limit)))


def waiting_notices(session: Session, kinds: Collection[str]) -> list[tuple[str, str]]:
    """What waits of these kinds: the message's id and what it is about."""
    query = select(DeliveryRow.id, DeliveryRow.about).where(DeliveryRow.state == "pending", DeliveryRow.kind.in_(kinds))
    return [(row.id, row.about) for row in session.execute(query.order_by(DeliveryRow.id))]


def delivery_of(session: Session, delivery: str) -> Delivery | None:
    """One message by its id."""
    return next(iter(_deliveries(session, select(DeliveryRow).where(DeliveryRow.id == delivery))), None)


def deliveries(
    session: Session, *, kind: str | None = None, about: str | None = None, limit: int = 200
) -> list[Delivery]:
    """Messages, the newest first, of one kind and about one thing where these are given."""
    query = select(DeliveryRow).order_by(DeliveryRow.created_at.desc(), DeliveryRow.channel, DeliveryRow.recipient)
    if kind is not None:
        query = query.where(DeliveryRow.kind == kind)
    if about is not None:
        query = query.where(DeliveryRow.about == about)
    return _deliveries(session, query.limit(limit))


def delivery_counts(session: Session) -> dict[str, int]:
    """How many messages are in each state."""
    query = select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)
    return {state: int(number) for state, number in session.execute(query)}


def last_of_channels(session: Session) -> dict[str, Delivery]:
    """The newest message of each channel that ever had one."""
    rank = func.row_number().over(
        partition_by=DeliveryRow.channel, order_by=(DeliveryRow.created_at.desc(), DeliveryRow.id)
    )
    ranked = select(DeliveryRow.id, rank.label("place")).subquery()
    newest = select(ranked.c.id).where(ranked.c.place == 1)
    return {each.channel: each for each in _deliveries(session, select(DeliveryRow).where(DeliveryRow.id.in_(newest)))}


def _deliveries(session: Session, query: Select[DeliveryRow]) -> list[Delivery]:
    return [
        Delivery(
            id=row.id,
            kind=row.kind,
            about=row.about,
            channel=row.channel,
            recipient=row.recipient,
            payload=row.payload,
            if_unsure=row.if_unsure,
            state=row.state,
            attempts=row.attempts,
            unsure=row.unsure,
            next_at=row.next_at,
            created_at=row.created_at,
            done_at=row.done_at,
            detail=row.detail,
        )
        for row in session.scalars(query)
    ]
