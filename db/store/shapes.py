"""Counting what came out of calls, by feature, day and shape."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy.orm import Session

from db.store.names import todays_names
from db.store.upsert import add_plain
from db.store.usage import Attributed, hour_of
from db.tables import NOBODY, OutputShape

KEYS = ("feature", "day", "shape")


def add_shapes(session: Session, found: Iterable[tuple[Attributed, int]]) -> None:
    """Add the shapes of calls to their feature's day (1) or take them out again (-1)."""
    shaped = [(feature, call, sign) for (feature, call), sign in found if call.shape is not None]
    if not shaped:
        return
    names = todays_names(session)
    sums: Counter[tuple[str, int, str | None]] = Counter()
    for feature, call, sign in shaped:
        name = names.get(feature or NOBODY, feature or NOBODY)
        sums[name, hour_of(call.at) // 24, call.shape] += sign
    add_plain(session, OutputShape, KEYS, ("calls",), {key: (calls,) for key, calls in sums.items() if calls})
