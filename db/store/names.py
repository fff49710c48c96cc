"""Whose a name is today: what was renamed or merged still comes under its former name, and counts for the new one.

Every way in asks here, in the transaction in which it writes; so whatever was told under either name adds up under one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from db.tables import NOBODY, FormerName
from strategy.facts import Call, CallSums, LatencySums, Score

_Counted = TypeVar("_Counted", Call, CallSums, LatencySums)

_TODAYS_NAMES = f"SELECT name, feature FROM {FormerName.__tablename__}"  # noqa: S608 (our own table)


def todays_names(session: Session) -> Mapping[str, str]:
    """The former names, each with the feature whose it is."""
    return dict(session.connection().exec_driver_sql(_TODAYS_NAMES).cursor.fetchall())


def under_todays_names(session: Session, counted: Sequence[_Counted]) -> Sequence[_Counted]:
    """The calls or sums, each with the feature whose its name is today."""
    names = todays_names(session)
    if not names:
        return counted
    return [each._replace(feature=new) if (new := names.get(each.feature or NOBODY)) else each for each in counted]


def scores_under_todays_names(session: Session, scores: Sequence[Score]) -> Sequence[Score]:
    """The scores, each with the feature whose its name is today."""
    names = todays_names(session)
    return [replace(score, feature=names.get(score.feature, score.feature)) for score in scores] if names else scores


def hand_over(session: Session, old: str, new: str, *, at: datetime, by: str) -> None:
    """From now on what comes as `old`, or as a name that was its own, is `new`'s, and `new` is its own name again."""
    session.execute(delete(FormerName).where(FormerName.name.in_((old, new))))
    session.execute(update(FormerName).where(FormerName.feature == old).values(feature=new))
    session.add(FormerName(name=old, feature=new, recorded_at=at, recorded_by=by))
    session.flush()
