"""Counting what came out of calls, by feature, day and shape."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy.orm import Session

from db.store.names import todays_names
from db.store.upsert import add_plain
from db.store.usage import Attributed, hour_of
from db.tables import NOBODY, OutputShape

KEYS = ("feature", "day", "shape")


def add_shapes(session: Session, counted: Iterable[Attributed], left: Iterable[Attributed] = ()) -> None:
    """Add the shapes of calls that count to their feature's day, and take out those that count there no more."""
    sums: Counter[tuple[str, int, str]] = Counter()
    for sign, found in ((1, counted), (-1, left)):
        for feature, call in found:
            if call.shape is not None:
                sums[feature or NOBODY, hour_of(call.at) // 24, call.shape] += sign
    if not sums:
        return
    names = todays_names(session)
    by_name: Counter[tuple[str, int, str]] = Counter()
    for (feature, day, shape), calls in sums.items():
        by_name[names.get(feature, feature), day, shape] += calls
    add_plain(session, OutputShape, KEYS, ("calls",), {key: (calls,) for key, calls in by_name.items() if calls})
