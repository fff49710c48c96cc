"""Reading the outbox: the newest message of each channel."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from db.queries.outbox import last_of_channels
from db.session import reading, transaction
from db.store.outbox import NewDelivery, enqueue

AT = datetime(2026, 11, 20, tzinfo=UTC)


def test_the_newest_message_of_each_channel(engine: Engine) -> None:
    """One of each channel that ever had one, whatever its recipients."""
    for hour, (name, channel) in enumerate((("a", "ops"), ("b", "ops"), ("c", "leads"))):
        at = AT + timedelta(hours=hour)
        row = NewDelivery(
            id=name,
            kind="weekly",
            about="2026-W46",
            channel=channel,
            recipient=name,
            payload="{}",
            if_unsure="hold",
            not_before=at,
        )
        with transaction(engine) as session:
            enqueue(session, [row], at)
    with reading(engine) as session:
        assert {channel: each.id for channel, each in last_of_channels(session).items()} == {"ops": "b", "leads": "c"}
