"""Puts notices of new alerts and quarantined prices into the outbox: once for each recipient that asked for them."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from db.queries.alerts import Alert, alerts
from db.queries.outbox import waiting_notices
from db.queries.proposals import Proposal, proposals
from db.session import Engine, Session, reading, transaction
from db.store.outbox import RESEND, NewDelivery, enqueue, withdraw
from offramp.actions.send_report import message_id
from reports.channels import Channel, Channels, Kind
from reports.lines import one_line
from reports.notices import Notice, written
from reports.words import day, monthly, strategy
from strategy.bands import disagreement
from strategy.caveats import caveats
from strategy.lifecycle import State
from strategy.shown import exact

# Older news is no notice: a new channel is not told of everything that ever happened.
_NEWS = timedelta(days=3)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def enqueue_notices(engine: Engine, channels: Channels, at: datetime) -> int:
    """Put what is new into the outbox; how many messages were not in it yet. Quiet hours and digests set their time."""
    wanted = {kind for channel in channels.channels for kind in channel.send} - {Kind.WEEKLY}
    if not wanted:
        return 0
    with reading(engine) as session:
        news = [each for each in (*_alerts(session, at), *_prices(session, at)) if each[0].kind in wanted]
    made = [row for channel in channels.channels for row in _rows(channel, news, at)]
    if not made:
        return 0
    with transaction(engine) as session:
        return len(enqueue(session, made, at))


def withdraw_stale(engine: Engine, at: datetime) -> int:
    """Take back what waits for the morning, a digest or another try and is no longer so; how many messages were.

    An alert that was closed, claimed or dismissed meanwhile, and a price that was decided, are no news any more.
    """
    with reading(engine) as session:
        waiting = waiting_notices(session, [kind for kind in Kind if kind is not Kind.WEEKLY])
        true = {f"alert {alert.id}" for alert in alerts(session, states=(State.ACTIVE,))} | {
            f"price {proposal.id}" for proposal in proposals(session, statuses=("quarantined",))
        }
    stale = [message for message, about in waiting if about not in true]
    if not stale:
        return 0
    with transaction(engine) as session:
        return withdraw(session, stale, at, "no longer so when it was to be sent")


_News = tuple[Notice, str, str | None]


def _alerts(session: Session, at: datetime) -> Iterator[_News]:
    for alert in alerts(session, states=(State.ACTIVE,)):
        if alert.opened_at > at - _NEWS:
            yield _alert(alert, at), f"alert {alert.id}", alert.owner


def _alert(alert: Alert, at: datetime) -> Notice:
    name = one_line(alert.name or alert.feature)
    document = json.loads(alert.document)
    reasons = [one_line(str(reason)) for reason in document.get("reasons") or ()]
    bands = disagreement(document.get("bands") or {})
    facts = [f"owner {one_line(alert.owner)}" if alert.owner else "no owner"]
    if alert.due_by is not None:
        why = f", for {one_line(alert.due_by_reason).rstrip('.')}" if alert.due_by_reason else ""
        facts.append(f"due by {day(alert.due_by, at.year)}{why}")
    return Notice(
        kind=Kind.NEW_ALERT,
        title=f"{name} should now move to {strategy(alert.target)}, {monthly(alert.saving_usd_month)}",
        lines=(
            *reasons[:1],
            *caveats(reasons),
            one_line(alert.cause),
            *([bands] if bands else []),
            " · ".join(facts),
        ),
        page=f"feature?feature={alert.feature}",
    )


def _prices(session: Session, at: datetime) -> Iterator[_News]:
    for proposal in proposals(session, statuses=("quarantined",)):
        if proposal.found_at > at - _NEWS:
            yield _price(proposal), f"price {proposal.id}", None


def _price(proposal: Proposal) -> Notice:
    old = "none" if proposal.old is None else f"${exact(proposal.old)}"
    new = "none" if proposal.new is None else f"${exact(proposal.new)}"
    what = f"{one_line(proposal.model)}, {proposal.kind.replace('_', ' ')}"
    return Notice(
        kind=Kind.QUARANTINED_PRICE,
        title=f"Price in quarantine: {what} {old} → {new} per million tokens",
        lines=(one_line(proposal.why), "The book keeps the old price until somebody accepts or rejects it."),
        page="prices",
    )


def _rows(channel: Channel, news: Sequence[_News], at: datetime) -> Iterator[NewDelivery]:
    for notice, about, owner in news:
        if notice.kind not in channel.send or (channel.owner is not None and owner not in {None, channel.owner}):
            continue
        for recipient in channel.recipients:
            yield NewDelivery(
                id=message_id(notice.kind, about, channel.name, recipient),
                kind=notice.kind,
                about=about,
                channel=channel.name,
                recipient=recipient,
                payload=written(notice),
                if_unsure=channel.if_unsure or RESEND,
                not_before=not_before(channel, at),
            )


def not_before(channel: Channel, at: datetime) -> datetime:
    """When a notice of now may go out: at the end of its digest's span, and not in quiet hours."""
    if channel.digest:
        at = _EPOCH + -(-(at - _EPOCH) // channel.digest) * channel.digest
    return at if channel.quiet is None else channel.quiet.next_loud(at)
