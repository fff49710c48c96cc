"""Writing eval scores: appended, once per key."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy.orm import Session

from db.store.names import scores_under_todays_names
from db.store.turns import take_turn
from db.store.upsert import insert_new
from db.store.usage import Recorded
from db.tables import EvalScore
from strategy.facts import Score


def record_scores(session: Session, scores: Sequence[Score]) -> Recorded:
    """Append the scores that were never seen before, under the names of today."""
    take_turn(session)
    rows = {score.key: asdict(score) for score in scores_under_todays_names(session, scores)}
    new = insert_new(session, EvalScore, list(rows.values()), "key")
    return Recorded(accepted=len(new), duplicates=len(scores) - len(new))
