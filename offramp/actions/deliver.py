"""Sends what waits in the outbox: each message once, failures again later, an unknown end as the message's row says."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from db.queries.outbox import Delivery, delivery_of, due_deliveries
from db.session import Engine, reading, transaction
from db.store.outbox import (
    RESEND,
    Held,
    LostDelivery,
    claim_delivery,
    finish_delivery,
    hand_over,
    settle_abandoned,
    try_again,
)
from offramp.actions.scrub import error_words
from reports.answer import Answer, Fate
from reports.channels import Channel, Channels, Kind
from reports.mail import send_mail
from reports.message import Message, email, weekly_message
from reports.notices import notices_message, read
from reports.push import push
from reports.stored import loads

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 8
_FIRST_PAUSE, _LONGEST_PAUSE, _STEEPNESS = timedelta(minutes=1), timedelta(hours=6), 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What the messages of one delivery run became."""

    sent: int = 0
    again: int = 0
    failed: int = 0
    uncertain: int = 0

    def words(self) -> str:
        """In one line."""
        parts = [
            (self.sent, "sent"),
            (self.again, "to be tried again"),
            (self.failed, "failed"),
            (self.uncertain, "uncertain"),
        ]
        return ", ".join(f"{number} {what}" for number, what in parts if number) or "nothing to send"


def deliver(engine: Engine, channels: Channels, now: Callable[[], datetime], *, lease: timedelta = LEASE) -> Sending:
    """Send every message whose time has come; what is not taken stays in the outbox with its reason."""
    with transaction(engine) as session:
        settle_abandoned(session, now(), 2 * lease)
    with reading(engine) as session:
        found = [delivery_of(session, each) for each in due_deliveries(session, now())]
    ends: Counter[str] = Counter()
    waiting = sorted((each for each in found if each is not None), key=_together)
    for _, batch in groupby(waiting, key=_together):
        ends.update(_Run(engine, channels, now, lease).send(list(batch)))
    return Sending(sent=ends["sent"], again=ends["pending"], failed=ends["failed"], uncertain=ends["uncertain"])


def _together(delivery: Delivery) -> tuple[str, ...]:
    """Letters are sent one by one; the notices that wait for one recipient go together."""
    alone = delivery.id if delivery.kind == Kind.WEEKLY else ""
    return delivery.channel, delivery.recipient, alone


@dataclass(frozen=True, slots=True)
class _Run:
    """One run over the outbox."""

    engine: Engine
    channels: Channels
    now: Callable[[], datetime]
    lease: timedelta

    def send(self, batch: Sequence[Delivery]) -> list[str]:
        """Send a batch as one message; the state that each of its rows ended in."""
        with transaction(self.engine) as session:
            claims = [(each, claim_delivery(session, each.id, at=self.now(), lease=self.lease)) for each in batch]
        held = {each: claim for each, claim in claims if claim is not None}
        if not held:
            return []
        try:
            answer = self._answer(list(held), tuple(held.values()))
        except LostDelivery:
            return []
        except Exception as failure:  # noqa: BLE001 (a message that cannot be made or sent must not hold up the others)
            answer = Answer(Fate.REFUSED, error_words(failure))
        return self._record(held, answer)

    def _answer(self, batch: Sequence[Delivery], held: Sequence[Held]) -> Answer:
        channel = self.channels.named(batch[0].channel)
        if channel is None:
            return Answer(Fate.REJECTED, f"there is no channel {batch[0].channel} any more")

        def handing_over() -> None:
            with transaction(self.engine) as session:
                for claim in held:
                    hand_over(session, claim, at=self.now(), lease=self.lease)

        first, message = batch[0], made(batch, self.channels.link)
        facts = {"id": first.id, "kind": first.kind, "about": first.about}
        return tell(
            self.channels, channel, first.recipient, message, facts=facts, at=first.created_at, hand_over=handing_over
        )

    def _record(self, held: dict[Delivery, Held], answer: Answer) -> list[str]:
        ends = []
        with transaction(self.engine) as session:
            for delivery, claim in held.items():
                state = _state(delivery, claim, answer)
                if state == "pending":
                    unsure = answer.fate is Fate.UNKNOWN
                    when = self.now() + pause(claim.attempt)
                    try_again(session, claim, not_before=when, detail=answer.words, unsure=unsure)
                else:
                    finish_delivery(session, claim, at=self.now(), state=state, detail=answer.words)
                ends.append(state)
        return ends


def _state(delivery: Delivery, claim: Held, answer: Answer) -> str:
    match answer.fate:
        case Fate.TAKEN:
            return "sent"
        case Fate.REJECTED:
            return "failed"
        case Fate.UNKNOWN if delivery.if_unsure != RESEND:
            return "uncertain"
        case _:
            return "pending" if claim.attempt < MOST_ATTEMPTS else "failed"


def pause(attempt: int) -> timedelta:
    """How long to wait after the attempt of this number.

    >>> [str(pause(number)) for number in (1, 2, 3, 8)]
    ['0:01:00', '0:04:00', '0:16:00', '6:00:00']
    """
    return min(_FIRST_PAUSE * int(_STEEPNESS ** (attempt - 1)), _LONGEST_PAUSE)


def made(batch: Sequence[Delivery], link: str | None) -> Message:
    """The message that rows of the outbox make."""
    if batch[0].kind == Kind.WEEKLY:
        return weekly_message(loads(batch[0].payload), link)
    return notices_message([read(each.payload) for each in batch], link)


def tell(
    channels: Channels,
    channel: Channel,
    recipient: str,
    message: Message,
    *,
    facts: Mapping[str, str],
    at: datetime,
    hand_over: Callable[[], None],
) -> Answer:
    """Send one message to one recipient of a channel, now; `facts` are its id, its kind and what it is about."""
    if channel.via != "email":
        return push(channel, message.subject, message.short, key=facts["id"], extra=facts, hand_over=hand_over)
    if channels.smtp is None:
        return Answer(Fate.REJECTED, "there is no mail server any more")
    return send_mail(channels.smtp, email(message, channels.smtp.sender, recipient, key=facts["id"], at=at), hand_over)
