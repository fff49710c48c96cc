"""Evidence: like is compared with like, by a bound and never by a mean."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from strategy.facts import Score
from strategy.kinds import Code
from strategy.profile import Quality
from strategy.quality import Evidence, evidence_for
from tests.strategy.made import FREE_TEXT, POLICY, feature, score, snapshot


def evidence(*scores: Score, option: str = "embed", **quality: str) -> Evidence:
    """The evidence for an option, from some scores."""
    wanted = Quality(metric="accuracy", **{name: Decimal(value) for name, value in quality.items()})
    return evidence_for(snapshot(feature(quality=wanted), scores=scores), option, POLICY)


@pytest.mark.parametrize(
    ("option", "code"),
    [("embed", Code.NO_BASELINE), ("distill:own", Code.NO_BASELINE), ("hybrid", Code.NO_BASELINE), ("code", None)],
)
def test_without_a_baseline_only_code_may_go(option: str, code: Code | None) -> None:
    """Code is proven by its tests; for all else somebody must know what good looked like."""
    assert evidence(score("embed", "0.99"), option=option).code is code


def test_95_of_100_does_not_pass_95_percent_and_9600_of_10000_does() -> None:
    """A mean is not a bound."""
    few = evidence(score("prompt", "0.94"), score("embed", "0.95", 100), floor="0.95")
    many = evidence(score("prompt", "0.94"), score("embed", "0.96", 10_000), floor="0.95")
    assert (few.code, few.passes, few.bound) == (Code.NEEDS_EVAL, False, Decimal("0.8977"))
    assert (many.code, many.passes, many.bound) == (None, True, Decimal("0.9566"))


def test_what_is_missing_is_an_eval_with_so_many_items() -> None:
    """No target score: enough items to prove the present one within the margin. Too few: more of them."""
    none = evidence(score("prompt", "0.92"))
    assert (none.code, none.items, none.passes) == (Code.NEEDS_EVAL, 704, None)
    uncounted = evidence(score("prompt", "0.92"), score("embed", "0.93", None))
    assert uncounted.code is Code.NEEDS_EVAL
    short = evidence(score("prompt", "0.92"), score("embed", "0.91", 300))
    assert (short.code, short.items) == (Code.NEEDS_EVAL, 2500)


def test_a_score_below_what_is_required_is_a_no() -> None:
    """0.85 is not within two points of 0.92."""
    assert evidence(score("prompt", "0.92"), score("embed", "0.85")).code is Code.QUALITY


def test_versions_and_evaluators_never_mix() -> None:
    """A target scored by another version has not been compared at all."""
    other = evidence(score("prompt", "0.92"), score("embed", "0.95", evaluator_version="3"))
    assert (other.code, other.candidate) == (Code.NEEDS_EVAL, None)
    older = score("prompt", "0.91", evaluator_version="3", at=datetime(2026, 6, 1, tzinfo=UTC))
    both = evidence(score("prompt", "0.92"), older, score("embed", "0.95", evaluator_version="3"))
    assert (both.code, both.baseline) == (None, older)


def test_scores_of_other_metrics_and_of_later_days_are_not_seen() -> None:
    """The declared metric only; nothing from the future."""
    later = score("prompt", "0.92", at=datetime(2027, 1, 1, tzinfo=UTC))
    assert evidence(later, score("prompt", "0.5", metric="bleu")).code is Code.NO_BASELINE


def test_a_scale_is_read_as_a_share_of_it() -> None:
    """Grades of 1 to 5 and errors that are better low are compared as shares; a bare 4.6 proves nothing."""
    one_to_five: dict[str, Any] = {"scale_min": Decimal(1), "scale_max": Decimal(5)}
    graded = evidence(score("prompt", "4.6", **one_to_five), score("embed", "4.6", **one_to_five), margin="0.2")
    assert (graded.required, graded.code) == (Decimal("0.85"), None)
    errors = evidence(
        score("prompt", "0.10", higher_is_better=False), score("embed", "0.08", higher_is_better=False), floor="0.15"
    )
    assert (errors.required, errors.code) == (Decimal("0.88"), None)
    assert evidence(score("prompt", "4.6"), score("embed", "4.6")).code is Code.NO_BASELINE
    assert evidence(score("prompt", "0.9"), score("embed", "4.6")).code is Code.NEEDS_EVAL


def test_a_margin_follows_from_what_an_error_costs() -> None:
    """Three points where errors are cheap, two at medium and where unknown."""
    scores = (score(None, "0.92"),)
    required = {
        cost: evidence_for(
            snapshot(feature(replace(FREE_TEXT, error_cost=cost)), scores=scores), "embed", POLICY
        ).required
        for cost in ("low", "medium", None)
    }
    assert required == {"low": Decimal("0.89"), "medium": Decimal("0.90"), None: Decimal("0.90")}


def test_a_student_needs_a_good_teacher() -> None:
    """Present answers below the floor are nothing to learn from; an embedding learns from labels instead."""
    weak = (score("prompt", "0.80"),)
    assert evidence(*weak, option="distill:own", floor="0.9").code is Code.TEACHER
    assert evidence(*weak, option="embed", floor="0.9").code is Code.NEEDS_EVAL


def test_hybrid_may_go_on_a_baseline_but_not_on_a_bad_score() -> None:
    """It keeps the same model; a score that exists still counts."""
    assert evidence(score("prompt", "0.92"), option="hybrid").code is None
    assert evidence(score("prompt", "0.92"), score("hybrid", "0.91", 300), option="hybrid").code is None
    assert evidence(score("prompt", "0.92"), score("hybrid", "0.80"), option="hybrid").code is Code.QUALITY
