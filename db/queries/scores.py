"""The eval scores of features, oldest first."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import NOBODY, EvalScore, ScoreDay
from strategy.facts import Score


def scores(
    session: Session,
    features: Collection[str] | None,
    before: datetime | None = None,
    since: datetime | None = None,
) -> list[Score]:
    """Scores of the named features, or of all; with `before`, only those known up to that instant."""
    query = select(EvalScore).order_by(EvalScore.at, EvalScore.id)
    if features is not None:
        query = query.where(EvalScore.feature.in_(features))
    if before is not None:
        query = query.where(EvalScore.at < before)
    if since is not None:
        query = query.where(EvalScore.at >= since)
    return [
        Score(
            key=row.key,
            feature=row.feature,
            metric=row.metric,
            score=row.score,
            n=row.n,
            at=row.at,
            strategy=row.strategy,
            evaluator=row.evaluator,
            evaluator_version=row.evaluator_version,
            run_id=row.run_id,
            scale_min=row.scale_min,
            scale_max=row.scale_max,
            higher_is_better=row.higher_is_better,
            source=row.source,
            both_ok=row.both_ok,
            base_only=row.base_only,
            cand_only=row.cand_only,
            both_bad=row.both_bad,
        )
        for row in session.scalars(query)
    ]


def featureless_scores(session: Session) -> int:
    """How many scores of single answers belong to no feature: they are summed, and are no `Score` until one is told."""
    return session.scalar(select(func.sum(ScoreDay.n)).where(ScoreDay.feature == NOBODY)) or 0
