"""What was known of prices on a day gone by: a price counts from when the book learnt it, not from when it is valid."""

from datetime import datetime, timedelta

from strategy.facts import Price, Snapshot

_DAY = timedelta(days=1)


def prices_known(snapshot: Snapshot, at: datetime) -> tuple[Price, ...]:
    """The price lines of a snapshot as the book knew them by the end of the day of `at`, like any judgement of it."""
    was: dict[str, tuple[Price, ...]] = {}
    for each in sorted(snapshot.formerly, key=lambda each: each.until, reverse=True):
        if each.until > at + _DAY:
            was[each.model] = each.lines
    kept = tuple(line for line in snapshot.prices if line.model not in was)
    return kept + tuple(line for lines in was.values() for line in lines) if was else snapshot.prices
