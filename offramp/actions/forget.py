"""Bounds the disk: forgets keys and spans that can no longer come again, an hour of them at a time."""

from datetime import datetime, timedelta

from db.session import Engine, transaction
from db.store.forget import forget_keys
from db.store.jobs import forget_slots
from db.store.metrics import forget_metrics
from db.store.spans import forget_spans

# What a receiver took while the database was away is counted later, under the keys of its own hour.
SLACK = timedelta(hours=48)
_PACKS_AT_ONCE = 50
# Without a late window a stream that fell silent is remembered for a month.
_NO_WINDOW = timedelta(days=28)
# What the job history can still show; five-minute jobs leave a hundred thousand rows a year.
_SLOTS_KEPT = timedelta(days=60)


def forget(engine: Engine, at: datetime, late_window: timedelta | None) -> int:
    """Forget, in small transactions, the spans of more than 15 minutes ago and the keys that the late window refuses.

    Job runs of more than 60 days ago go too, but for each job's last. A duplicate is recognised for the late window and
    48 hours; for ever where there is no window. How many keys went.
    """
    while _spans(engine, at) == _PACKS_AT_ONCE:
        pass
    with transaction(engine) as session:
        forget_slots(session, at - _SLOTS_KEPT)
        forget_metrics(session, int((at - (late_window or _NO_WINDOW) - SLACK).timestamp()) * 10**9)
    if late_window is None:
        return 0
    total = 0
    while (found := _keys(engine, at - late_window - SLACK)) > 0:
        total += found
    return total


def _spans(engine: Engine, at: datetime) -> int:
    with transaction(engine) as session:
        return forget_spans(session, at, _PACKS_AT_ONCE)


def _keys(engine: Engine, before: datetime) -> int:
    with transaction(engine) as session:
        return forget_keys(session, before)
