"""Keeps usage by the hour for a while and by the day for ever; no figure by day moves."""

from datetime import datetime, timedelta

from db.session import Engine, transaction
from db.store.fold import fold_day, hourly_day

# An hourly job works through years within a day, and no run of it takes long.
_AT_ONCE = 200


def fold(engine: Engine, at: datetime, keep: timedelta | None, most: int = _AT_ONCE) -> int:
    """Fold the days that ended more than `keep` ago (None: none), each in a transaction of its own; how many were."""
    if keep is None:
        return 0
    before = int((at - keep).timestamp()) // 86_400
    done, first = 0, 0
    while done < most:
        with transaction(engine) as session:
            day = hourly_day(session, first, before)
            if day is None:
                break
            done += fold_day(session, day)
            first = day + 1
    return done
