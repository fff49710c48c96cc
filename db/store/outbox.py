"""Writing the outbox: a message is claimed with a fence, handed over once, and its end recorded.

Handing over is a write of its own, made just before the recipient's side could take the message. A process that dies
before it has told nobody anything, and the message is taken up again; one that dies after it leaves an unsure end, and
what happens then is the row's `if_unsure`: hold (a person decides) or resend.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, update
from sqlalchemy.orm import Session

from db.store.upsert import insert_new
from db.tables import DeliveryRow

HOLD, RESEND = "hold", "resend"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """One message to one recipient; the same `id` is never kept twice. `not_before` may lie ahead (quiet hours)."""

    id: str
    kind: str
    about: str
    channel: str
    recipient: str
    payload: str
    if_unsure: str
    not_before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The right to send one message, as long as nobody has taken it over; `attempt` counts from 1."""

    id: str
    fence: int
    attempt: int


class LostDelivery(Exception):  # noqa: N818 (the claim is lost, nothing is broken)
    """Another sender has taken the message over: stop before it is handed over."""


def enqueue(session: Session, messages: Sequence[NewDelivery], at: datetime) -> set[str]:
    """Put messages into the outbox; the ids of those that were not in it yet."""
    rows = [
        {
            "id": each.id,
            "kind": each.kind,
            "about": each.about,
            "channel": each.channel,
            "recipient": each.recipient,
            "payload": each.payload,
            "if_unsure": each.if_unsure,
            "next_at": each.not_before,
            "created_at": at,
        }
        for each in messages
    ]
    return insert_new(session, DeliveryRow, rows, "id")


def withdraw(session: Session, ids: Collection[str], at: datetime, detail: str) -> int:
    """End messages that wait and are no longer true, without sending them; how many were."""
    statement = (
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(ids), DeliveryRow.state == "pending")
        .values(state="withdrawn", done_at=at, detail=detail)
        .returning(DeliveryRow.id)
    )
    return len(session.scalars(statement).all())


def claim_delivery(session: Session, delivery: str, *, at: datetime, lease: timedelta) -> Held | None:
    """Claim a pending message whose time has come; None where somebody else has it or it is done."""
    statement = (
        update(DeliveryRow)
        .where(DeliveryRow.id == delivery, DeliveryRow.state == "pending", DeliveryRow.next_at <= at)
        .values(
            state="sending",
            fence=DeliveryRow.fence + 1,
            attempts=DeliveryRow.attempts + 1,
            lease_until=at + lease,
        )
        .returning(DeliveryRow.fence, DeliveryRow.attempts)
    )
    row = session.execute(statement).one_or_none()
    return None if row is None else Held(id=delivery, fence=row[0], attempt=row[1])


def hand_over(session: Session, held: Held, *, at: datetime, lease: timedelta) -> None:
    """Record that the recipient's side may have the message from now on.

    Raises:
        LostDelivery: another sender has it by now; do not hand it over.
    """
    _change(session, held, "sending", state="handed", lease_until=at + lease)


def finish_delivery(session: Session, held: Held, *, at: datetime, state: str, detail: str) -> None:
    """Record how sending ended: sent, uncertain or failed.

    Raises:
        LostDelivery: another sender has it by now.
    """
    unsure = DeliveryRow.unsure + (1 if state == "uncertain" else 0)
    _change(session, held, "sending", "handed", state=state, done_at=at, lease_until=None, detail=detail, unsure=unsure)


def try_again(session: Session, held: Held, *, not_before: datetime, detail: str, unsure: bool = False) -> None:
    """Give a message back to be sent later; `unsure` where it may have arrived already.

    Raises:
        LostDelivery: another sender has it by now.
    """
    count = DeliveryRow.unsure + (1 if unsure else 0)
    _change(
        session, held, "sending", "handed",
        state="pending", next_at=not_before, lease_until=None, detail=detail, unsure=count,
    )  # fmt: skip # columns side by side


def settle_abandoned(session: Session, at: datetime, longest: timedelta) -> int:
    """Settle the messages whose sender died or hangs; how many they were.

    What was not handed over is pending again. What was is resent or left uncertain, as its row says, and counted. A
    lease further ahead than `longest` was written by a clock that ran ahead, and counts as ended.
    """
    ended = or_(DeliveryRow.lease_until < at, DeliveryRow.lease_until > at + longest)
    handed = and_(DeliveryRow.state == "handed", ended)
    moves = (
        (
            and_(DeliveryRow.state == "sending", ended),
            {"state": "pending", "detail": "its sender ended before handing it over"},
        ),
        (
            and_(handed, DeliveryRow.if_unsure == RESEND),
            {"state": "pending", "unsure": DeliveryRow.unsure + 1, "detail": f"{_UNKNOWN}; sent again"},
        ),
        (
            handed,
            {"state": "uncertain", "unsure": DeliveryRow.unsure + 1, "done_at": at, "detail": _UNKNOWN},
        ),
    )
    settled = 0
    for where, values in moves:
        raised = {"fence": DeliveryRow.fence + 1, "lease_until": None, **values}
        settled += len(session.scalars(update(DeliveryRow).where(where).values(raised).returning(DeliveryRow.id)).all())
    return settled


_UNKNOWN = "its sender ended between handing it over and the answer: it may have arrived"


def send_again(session: Session, delivery: str, at: datetime) -> bool:
    """Make a failed or uncertain message pending again, because a person said so; whether it was one."""
    statement = (
        update(DeliveryRow)
        .where(DeliveryRow.id == delivery, DeliveryRow.state.in_(("failed", "uncertain")))
        .values(state="pending", attempts=0, next_at=at, done_at=None, detail="a person had it sent again")
        .returning(DeliveryRow.id)
    )
    return session.scalar(statement) is not None


def _change(session: Session, held: Held, *states: str, **values: object) -> None:
    mine = and_(DeliveryRow.id == held.id, DeliveryRow.fence == held.fence, DeliveryRow.state.in_(states))
    if session.scalar(update(DeliveryRow).where(mine).values(**values).returning(DeliveryRow.id)) is None:
        raise LostDelivery(held.id)
