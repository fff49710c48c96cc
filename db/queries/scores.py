"""The eval scores of features, oldest first."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import EvalScore
from strategy.facts import Score


def scores(session: Session, features: Collection[str], before: datetime | None = None) -> list[Score]:
    """Scores of the named features; with `before`, only those known up to that instant."""
    query = select(EvalScore).where(EvalScore.feature.in_(features)).order_by(EvalScore.at, EvalScore.id)
    if before is not None:
        query = query.where(EvalScore.at < before)
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
