"""Puts a week's letter into the outbox, once for each recipient and channel, and sends a test of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid5

from db.queries.outbox import delivery_of
from db.session import Engine, reading, transaction
from db.store.outbox import HOLD, NewDelivery, enqueue, send_again
from offramp.actions.actors import By, acting, may_write_all
from offramp.actions.deliver import tell
from offramp.actions.failure import BadInput, Problem
from offramp.actions.report import Slices
from reports.answer import Answer
from reports.channels import Channel, Channels, Kind
from reports.message import Message, weekly_message
from reports.stored import dumps
from reports.value import WeeklyReport

# Made once at random: the ids of messages are names in this space.
MESSAGES = UUID("6d2c1f64-1b0e-4b5c-9d0a-6d3e5a7f7c11")
_CURE = "OFFRAMP_CHANNELS names a file of channels; docs/channels.md shows one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The letter for one recipient: what would be sent, or is."""

    channel: Channel
    recipient: str
    message: Message
    delivery: NewDelivery


def message_id(kind: str, about: str, channel: str, recipient: str) -> str:
    """The one id of what is told about something to a recipient by a channel.

    >>> message_id("weekly", "2026-W47", "leads", "ana@example.org")
    '31de919f-0add-5022-8754-454824e38788'
    """
    return str(uuid5(MESSAGES, f"{kind}\n{about}\n{channel}\n{recipient}"))


def copies(channels: Channels, letters: Slices, at: datetime) -> list[Copy]:
    """The letter for every recipient of every channel that takes letters, narrowed where the channel has an owner.

    Raises:
        BadInput: no channel takes letters, or the week still runs.
    """
    report = letters(None)
    if not report.complete:
        problem = Problem(error=f"week {report.week} still runs", field="week", cure="send it when it is over")
        raise BadInput([problem])
    found = [
        _copy(channel, recipient, letters(channel.owner), channels.link, at)
        for channel in channels.channels
        if Kind.WEEKLY in channel.send
        for recipient in channel.recipients
    ]
    if not found:
        raise BadInput([Problem(error="no channel takes the weekly report", cure=_CURE)])
    return found


def _copy(channel: Channel, recipient: str, report: WeeklyReport, link: str | None, at: datetime) -> Copy:
    return Copy(
        channel=channel,
        recipient=recipient,
        message=weekly_message(report, link),
        delivery=NewDelivery(
            id=message_id(Kind.WEEKLY, report.week, channel.name, recipient),
            kind=Kind.WEEKLY,
            about=report.week,
            channel=channel.name,
            recipient=recipient,
            payload=dumps(report),
            if_unsure=channel.if_unsure or HOLD,
            not_before=at,
        ),
    )


def enqueue_report(engine: Engine, made: Sequence[Copy], at: datetime) -> int:
    """Put the copies into the outbox; how many were not in it before."""
    with transaction(engine) as session:
        return len(enqueue(session, [each.delivery for each in made], at))


def try_letter(engine: Engine, channels: Channels, report: WeeklyReport, to: str, *, by: By, at: datetime) -> Answer:
    """Send one letter as a test, as `send_test` does, for somebody who may.

    Raises:
        NotAllowed: only an admin may.
        BadInput: there is no such channel, or no mail server.
    """
    with acting(engine, by, "send a test", to, at):
        may_write_all(by, "send a test")
    return send_test(channels, report, to, at)


def repeat_message(engine: Engine, delivery: str, *, by: By, at: datetime) -> bool:
    """Have a failed or uncertain message sent again by the next delivery run; whether it was one.

    Raises:
        NotAllowed: only an admin may.
    """
    with acting(engine, by, "send a message again", delivery, at) as session:
        may_write_all(by, "send a message again")
        return send_again(session, delivery, at)


def send_test(channels: Channels, report: WeeklyReport, to: str, at: datetime) -> Answer:
    """Send one letter now, to an address or a channel by its name, past the outbox and marked as a test.

    Raises:
        BadInput: there is no such channel, or no mail server.
    """
    channel = channels.named(to)
    if channel is None and "@" in to and channels.smtp is not None:
        channel = Channel(name="test", via="email", send=frozenset(), recipients=(to,))
    if channel is None:
        what = "no mail server is configured" if "@" in to else f"there is no channel {to!r}"
        raise BadInput([Problem(error=what, field="--test", cure=_CURE)])
    letter = weekly_message(report, channels.link)
    message = Message(
        subject=f"[Test] {letter.subject}", text=letter.text, short=letter.short, html=letter.html, images=letter.images
    )
    key = message_id("test", at.isoformat(), channel.name, to)
    facts = {"id": key, "kind": "test", "about": report.week}
    return tell(channels, channel, channel.recipients[0], message, facts=facts, at=at, hand_over=lambda: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it stands with one copy: its state in the outbox, or `would send` where it is not in it."""

    channel: str
    recipient: str
    subject: str
    state: str
    detail: str

    def document(self) -> dict[str, str]:
        """As `offramp report --send --json` gives it."""
        return asdict(self)


def standing(engine: Engine, made: Sequence[Copy]) -> list[Standing]:
    """How it stands with each copy, in order."""
    with reading(engine) as session:
        rows = [delivery_of(session, each.delivery.id) for each in made]
    return [
        Standing(
            channel=each.channel.name,
            recipient=each.recipient,
            subject=each.message.subject,
            state=row.state if row else "would send",
            detail=row.detail if row else "",
        )
        for each, row in zip(made, rows, strict=True)
    ]
