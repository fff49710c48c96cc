"""What came out of the calls of features, where their senders say so."""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import OutputShape


def shapes_of(session: Session, features: Collection[str], first_day: int, last_day: int) -> dict[str, Counter[str]]:
    """The calls of each feature by shape, from one day (since 1970) to another, both included."""
    days = OutputShape.day >= first_day, OutputShape.day <= last_day, OutputShape.feature.in_(features)
    sums = select(OutputShape.feature, OutputShape.shape, func.sum(OutputShape.calls)).where(*days)
    found: dict[str, Counter[str]] = {}
    for feature, shape, calls in session.execute(sums.group_by(OutputShape.feature, OutputShape.shape)):
        if calls:
            found.setdefault(feature, Counter())[shape] = int(calls)
    return found
