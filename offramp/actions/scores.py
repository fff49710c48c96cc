"""The evaluation results that are kept, each as it was told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.queries.features import registered_slugs
from db.queries.scores import featureless_scores, scores
from db.session import Engine, reading
from strategy.facts import Score
from strategy.shown import exact, instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """A score, and whether its feature is registered: only then a verdict can rest on it."""

    score: Score
    registered: bool

    def document(self) -> dict[str, Any]:
        """For `scores --json`: the columns of evals, with where it is from."""
        score = self.score
        return {
            "feature": score.feature,
            "registered": self.registered,
            "metric": score.metric,
            "score": exact(score.score),
            "n": score.n,
            "at": instant(score.at),
            "strategy": score.strategy,
            "evaluator": score.evaluator,
            "evaluator_version": score.evaluator_version,
            "run_id": score.run_id,
            "scale_min": None if score.scale_min is None else exact(score.scale_min),
            "scale_max": None if score.scale_max is None else exact(score.scale_max),
            "higher_is_better": score.higher_is_better,
            "both_ok": score.both_ok,
            "base_only": score.base_only,
            "cand_only": score.cand_only,
            "both_bad": score.both_bad,
            "source": score.source,
        }


def list_scores(
    engine: Engine, feature: str | None = None, *, start: datetime | None = None, end: datetime | None = None
) -> list[ScoreRow]:
    """The scores of a feature or of all, from `start` on and before `end`, by feature and then the oldest first."""
    with reading(engine) as session:
        found = scores(session, None if feature is None else [feature], end, start)
        registered = registered_slugs(session)
    rows = [ScoreRow(score=score, registered=score.feature in registered) for score in found]
    return sorted(rows, key=lambda row: row.score.feature)


def without_feature(engine: Engine) -> int:
    """How many evaluations came in by OpenTelemetry or Langfuse's SDK whose feature nobody told."""
    with reading(engine) as session:
        return featureless_scores(session)
