"""Which features' present quality moved in the week: scores are compared only with scores of the same making."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from db.queries.reports import FeatureThen
from reports.facts import WeekFacts
from reports.lines import one_line
from reports.value import Drift
from strategy.facts import Score
from strategy.money import ZERO

# Where nothing is known of a score's noise: a hundredth of its scale, or of the score before.
_HUNDREDTH = Decimal("0.01")
_ONE = ZERO + 1
# Two standard errors of the difference: one harmless move in twenty is told, no more.
_ERRORS_SQUARED = Decimal(4)


def drifts(facts: WeekFacts) -> tuple[Drift, ...]:
    """The scores of the week that say something new, the worst first."""
    order = ("below_floor", "worse", "new_evaluator", "better")
    found = [drift for feature in facts.features for drift in _of(feature, facts)]
    return tuple(sorted(found, key=lambda drift: (order.index(drift.kind), drift.feature, drift.metric)))


def _of(feature: FeatureThen, facts: WeekFacts) -> Iterator[Drift]:
    present = feature.strategy.partition(":")[0]
    mine = [
        score
        for score in facts.scores
        if score.feature == feature.slug and (score.strategy or present).partition(":")[0] == present
    ]
    new = {_making(score): score for score in mine if score.at >= facts.week.start}
    old = {_making(score): score for score in mine if score.at < facts.week.start}
    metrics = {score.metric for score in old.values()}
    for making, score in new.items():
        before = old.get(making)
        kind = _kind(score, before, feature.floor, known=score.metric in metrics)
        if kind is not None:
            yield Drift(
                feature=feature.slug,
                name=one_line(feature.name or feature.slug),
                owner=one_line(feature.owner) if feature.owner else None,
                kind=kind,
                metric=one_line(score.metric),
                at=score.at,
                score=score.score,
                before=before.score if before else None,
                floor=feature.floor,
                evaluator=_evaluator(score),
            )


def _making(score: Score) -> tuple[object, ...]:
    """What two scores must share to be compared."""
    return (
        score.metric, score.strategy, score.evaluator, score.evaluator_version,
        score.scale_min, score.scale_max, score.higher_is_better,
    )  # fmt: skip # columns side by side


def _kind(score: Score, before: Score | None, floor: Decimal | None, *, known: bool) -> str | None:
    if floor is not None and (score.score < floor if score.higher_is_better else score.score > floor):
        return "below_floor"
    if before is None:
        return "new_evaluator" if known else None
    moved = score.score - before.score
    if moved * moved <= _noise_squared((before, score)):
        return None
    return "better" if (moved > 0) == score.higher_is_better else "worse"


def _noise_squared(pair: Sequence[Score]) -> Decimal:
    """The square of the largest difference that is nobody's news."""
    shares = all(ZERO <= score.score <= _ONE and score.n for score in pair)
    if shares:
        errors = (score.score * (_ONE - score.score) / Decimal(score.n or 1) for score in pair)
        return _ERRORS_SQUARED * sum(errors, ZERO)
    low, high = pair[0].scale_min, pair[0].scale_max
    size = high - low if low is not None and high is not None else abs(pair[0].score)
    return (size * _HUNDREDTH) ** 2


def _evaluator(score: Score) -> str | None:
    named = " ".join(part for part in (score.evaluator, score.evaluator_version) if part)
    return one_line(named) or None
