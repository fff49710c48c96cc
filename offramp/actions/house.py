"""What is in force in this house: who is told what and when that last worked, and which features state own costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.queries.features import features
from db.queries.outbox import Delivery, last_of_channels
from db.session import Engine, reading
from reports.channels import Channel, Channels


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLine:
    """One channel without its secrets, and its newest message; None where it never had one."""

    name: str
    via: str
    kinds: tuple[str, ...]
    to: tuple[str, ...]
    owner: str | None
    last: Delivery | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCost:
    """A cost that a feature states for a strategy in place of the constants."""

    feature: str
    strategy: str
    cost: str
    value: str


def channel_lines(engine: Engine, channels: Channels) -> list[ChannelLine]:
    """The configured channels in their order; a push channel's URL is a secret and is left out."""
    with reading(engine) as session:
        last = last_of_channels(session)
    return [_line(channel, last.get(channel.name)) for channel in channels.channels]


def own_costs(engine: Engine) -> list[OwnCost]:
    """Every cost that a registered feature overrides, by feature and strategy."""
    with reading(engine) as session:
        heads = features(session)
    return [
        OwnCost(feature=head.slug, strategy=strategy, cost=cost, value=str(value))
        for head in heads
        for strategy, group in (head.document.get("costs") or {}).items()
        for cost, value in group.items()
        if value is not None
    ]


def _line(channel: Channel, last: Delivery | None) -> ChannelLine:
    to: Sequence[str] = channel.recipients if channel.via == "email" else ()
    return ChannelLine(
        name=channel.name,
        via=channel.via,
        kinds=tuple(sorted(channel.send)),
        to=tuple(to),
        owner=channel.owner,
        last=last,
    )
