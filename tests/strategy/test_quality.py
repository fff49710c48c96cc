"""Evidence: like is compared with like, by a bound and never by a mean."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategy.facts import Score
from strategy.kinds import Code
from strategy.paired import Paired, tango
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
    assert (none.code, none.items, none.passes) == (Code.NEEDS_EVAL, 1546, None)
    uncounted = evidence(score("prompt", "0.92"), score("embed", "0.93", None))
    assert uncounted.code is Code.NEEDS_EVAL
    short = evidence(score("prompt", "0.92"), score("embed", "0.91", 300))
    assert (short.code, short.items) == (Code.NEEDS_EVAL, 6176)


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


def paired(strategy: str, counts: tuple[int, int, int, int], **changes: object) -> Score:
    """An eval of a candidate on the items that the present was scored on."""
    names = dict(zip(("both_ok", "base_only", "cand_only", "both_bad"), counts, strict=True))
    right = Decimal(counts[0] + counts[2]) / max(1, sum(counts))
    return score(strategy, str(round(right, 4)), sum(counts), **names, **changes)


def test_the_same_items_prove_with_fewer_what_apart_they_do_not() -> None:
    """920 against 920 of 1,000 right: apart nothing is proven within two points, on the same items it is."""
    apart = evidence(score("prompt", "0.92", 1000), score("embed", "0.92", 1000))
    assert (apart.code, apart.gap, apart.paired_items) == (Code.NEEDS_EVAL, Decimal("-0.0208"), None)
    same = evidence(paired("embed", (900, 20, 20, 60)))
    assert (same.code, same.gap, same.paired_items, same.passes) == (None, Decimal("-0.0108"), 1000, True)
    assert (same.baseline is not None and same.baseline.score, same.reached) == (Decimal("0.92"), Decimal("0.92"))


def test_the_bound_of_a_paired_difference_is_tangos() -> None:
    """At the bound the score test is at its critical value."""
    found = evidence(paired("embed", (800, 50, 50, 100)), margin="0.05")
    assert found.gap is not None
    assert tango(Paired(800, 50, 50, 100), -float(found.gap)) == pytest.approx(1.645, abs=0.01)


def test_a_baseline_of_unknown_size_counts_as_it_stands() -> None:
    """Nothing is known of how far it strays; the target still answers for itself."""
    found = evidence(score("prompt", "0.92", None), score("embed", "0.93"))
    assert (found.passes, found.gap) == (True, Decimal("0.0030"))


def test_paired_runs_are_pooled_and_a_run_told_twice_counts_once() -> None:
    """Two runs of 500 say what one of 1,000 does; the same run again adds nothing, nor does another version."""
    half = (450, 10, 10, 30)
    one, two = paired("embed", half, run_id="a", key=b"a" * 16), paired("embed", half, run_id="b", key=b"b" * 16)
    again, other = (
        replace(two, key=b"c" * 16),
        replace(two, key=b"d" * 16, run_id="d", evaluator_version="9", at=one.at.replace(year=2025)),
    )
    pooled = evidence(one, two, again, other)
    assert (pooled.paired_items, pooled.gap) == (1000, evidence(paired("embed", (900, 20, 20, 60))).gap)


def test_a_floor_binds_also_on_the_same_items() -> None:
    """As good as a present that is below the floor is not enough; nor is one that lost too much."""
    low = evidence(paired("embed", (850, 20, 20, 110)), floor="0.95")
    assert low.code is Code.QUALITY
    lost = evidence(paired("embed", (800, 120, 10, 70)))
    assert (lost.code, lost.passes) == (Code.QUALITY, False)
    near = evidence(paired("embed", (450, 12, 10, 28)), margin="0.01")
    assert (near.code, near.items) == (Code.NEEDS_EVAL, 7554)
    empty = replace(paired("embed", (1, 0, 0, 0)), both_ok=0)
    assert evidence(score("prompt", "0.9"), replace(empty, n=None)).code is Code.NEEDS_EVAL


@given(reached=st.integers(0, 1000))
def test_a_supposed_score_is_monotone_on_the_same_items(reached: int) -> None:
    """A better supposed score never makes the evidence worse, and is what the counts then say."""
    of = snapshot(feature(), scores=(paired("embed", (800, 60, 40, 100)),))
    less, more = (
        evidence_for(of, "embed", POLICY, Decimal(points) / 1000) for points in (reached, min(1000, reached + 1))
    )
    assert less.reached == Decimal(reached) / 1000
    assert less.gap is not None
    assert more.gap is not None
    assert less.gap <= more.gap


def test_one_bad_score_of_the_present_does_not_lower_the_bar() -> None:
    """0.92, then 0.70: the bar stays until a second one confirms the fall."""
    good = score("prompt", "0.92", at=datetime(2026, 6, 1, tzinfo=UTC))
    bad = score("prompt", "0.70", at=datetime(2026, 6, 20, tzinfo=UTC))
    worse = score("prompt", "0.71", at=datetime(2026, 6, 25, tzinfo=UTC))
    assert evidence(good, bad, score("embed", "0.80")).code is Code.QUALITY
    assert evidence(good, bad, worse, score("embed", "0.80")).code is None


def test_an_alternative_is_no_baseline_and_the_baseline_no_alternative() -> None:
    """`prompt:cheaper_model` is a candidate of its own; a tuned prompt keeps its model, so a baseline will do."""
    scores = (score("prompt", "0.92"), score("prompt:cheaper_model", "0.70"))
    assert evidence(*scores, option="prompt:cheaper_model").code is Code.QUALITY
    assert evidence(scores[0], option="prompt:cheaper_model").code is Code.NEEDS_EVAL
    assert evidence(scores[1], option="embed").code is Code.NO_BASELINE
    assert evidence(scores[0], option="prompt:tuned").code is None
    assert evidence(option="prompt:tuned").code is Code.NO_BASELINE
