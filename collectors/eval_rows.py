"""One row of eval results (docs/collect.md) to a Score, or a Rejected that names row, field and cure."""

from datetime import datetime
from decimal import Decimal

from collectors.keys import row_key
from collectors.names import FEATURE_LENGTH
from collectors.occurrences import Occurrences
from collectors.rejected import Rejected
from collectors.row_values import Row, WrongField, flag_cell, number_cell, text_cell, time_cell, whole_cell
from strategy.facts import Score
from strategy.kinds import Strategy

EVAL_COLUMNS = (
    "feature",
    "metric",
    "score",
    "n",
    "timestamp",
    "strategy",
    "evaluator",
    "evaluator_version",
    "run_id",
    "scale_min",
    "scale_max",
    "higher_is_better",
    "both_ok",
    "base_only",
    "cand_only",
    "both_bad",
)
_COUNTS = EVAL_COLUMNS[-4:]
_NAME_LENGTH = 200
_MOST_RESULTS = 10**9
_MOST_SCORE = Decimal(10**9)


def parse_score(
    row: Row, number: int, occurrences: Occurrences, *, source: str, newest: datetime | None = None
) -> Score | Rejected:
    """The score in row `number`; `newest` is the latest acceptable time."""
    try:
        return _score(row, occurrences, source, newest)
    except WrongField as wrong:
        return Rejected(number, wrong.field, wrong.error, wrong.cure)


def _score(row: Row, occurrences: Occurrences, source: str, newest: datetime | None) -> Score:
    feature = _needed(row, "feature", FEATURE_LENGTH, "name the feature that was scored, or use --set feature=NAME")
    metric = _needed(row, "metric", _NAME_LENGTH, "name what was measured, such as accuracy")
    at = time_cell(row, "timestamp", newest)
    score, low, high = _scaled(row)
    counts = _counts(row)
    results = whole_cell(row, "n", _MOST_RESULTS)
    if counts is not None and results not in {None, sum(counts)}:
        raise WrongField(
            "n", f"is {results}, but the four counts make {sum(counts)}", "leave n out, or correct a count"
        )
    results = sum(counts) if counts is not None and results is None else results
    if results == 0:
        raise WrongField("n", "is 0", "write how many examples were scored, or leave it empty where it is unknown")
    strategy = _strategy(row)
    names = {name: text_cell(row, name, _NAME_LENGTH) for name in ("evaluator", "evaluator_version", "run_id")}
    higher = flag_cell(row, "higher_is_better", default=True)
    numbers = [None if value is None else f"{value.normalize():f}" for value in (score, low, high)]
    # A result that holds no time of its own is the same one when its file is copied.
    when = "" if row.get("undated") is True else at.isoformat()
    identity = (feature, metric, when, *numbers, results, strategy, *names.values(), higher, *(counts or ()))
    return Score(
        key=row_key("score", (*identity, occurrences.seen_before(row_key("score", identity)))),
        feature=feature,
        metric=metric,
        score=score,
        n=results,
        at=at,
        strategy=strategy,
        evaluator=names["evaluator"],
        evaluator_version=names["evaluator_version"],
        run_id=names["run_id"],
        scale_min=low,
        scale_max=high,
        higher_is_better=higher,
        source=source,
        **dict(zip(_COUNTS, counts or (), strict=False)),
    )


def _counts(row: Row) -> tuple[int, ...] | None:
    """Baseline and candidate scored on the same items: on how many both, one or neither was right; all or none."""
    counts = {name: whole_cell(row, name, _MOST_RESULTS) for name in _COUNTS}
    known = [count for count in counts.values() if count is not None]
    if not known:
        return None
    lacking = [name for name, count in counts.items() if count is None]
    if lacking:
        raise WrongField(lacking[0], "is missing", f"give all of {', '.join(_COUNTS)}, or none")
    return tuple(known)


def _needed(row: Row, field: str, most: int, cure: str) -> str:
    value = text_cell(row, field, most)
    if value is None:
        raise WrongField(field, "is missing", cure)
    return value


def _scaled(row: Row) -> tuple[Decimal, Decimal | None, Decimal | None]:
    score, low, high = (number_cell(row, field) for field in ("score", "scale_min", "scale_max"))
    if score is None:
        raise WrongField("score", "is missing", "write a plain number such as 0.93, with a point and no separators")
    if abs(score) > _MOST_SCORE:
        raise WrongField("score", f"is {score}", f"use a number within ±{_MOST_SCORE}")
    if low is not None and high is not None and low >= high:
        raise WrongField("scale_min", f"is {low}, not below scale_max {high}", "write the ends of the scale in order")
    if (low is not None and score < low) or (high is not None and score > high):
        raise WrongField("score", f"is {score}, outside its scale", "correct the score, scale_min or scale_max")
    return score, low, high


def _strategy(row: Row) -> str | None:
    value = text_cell(row, "strategy", _NAME_LENGTH)
    if value is not None and value.partition(":")[0] not in tuple(Strategy):
        cure = "use one of: " + ", ".join(Strategy) + " (a variant may follow a colon), or leave it empty"
        raise WrongField("strategy", "is not a strategy", cure)
    return value
