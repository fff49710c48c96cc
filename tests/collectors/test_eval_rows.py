"""One row of eval results: what each column takes, and the cure for what it does not."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from collectors.eval_rows import parse_score
from collectors.occurrences import Occurrences
from collectors.rejected import Rejected
from strategy.facts import Score

ROW: dict[str, object] = {
    "feature": "triage",
    "metric": "accuracy",
    "score": "0.93",
    "timestamp": "2026-11-21T10:00:00Z",
}


def parsed(changes: dict[str, object]) -> Score | Rejected:
    """The row with these changes, read as row 3."""
    return parse_score({**ROW, **changes}, 3, Occurrences(), source="file")


def score(changes: dict[str, object]) -> Score:
    """The score of a row that is taken."""
    found = parsed(changes)
    assert isinstance(found, Score), found
    return found


def test_a_full_row_becomes_a_score() -> None:
    """Every column of the contract arrives in its field."""
    found = score(
        {
            "n": "500",
            "strategy": "distill:own",
            "evaluator": "exact_match",
            "evaluator_version": 2,
            "run_id": "r1",
            "scale_min": 0,
            "scale_max": "1",
            "higher_is_better": "TRUE",
        }
    )
    assert found == Score(
        key=found.key,
        feature="triage",
        metric="accuracy",
        score=Decimal("0.93"),
        n=500,
        at=datetime(2026, 11, 21, 10, tzinfo=UTC),
        strategy="distill:own",
        evaluator="exact_match",
        evaluator_version="2",
        run_id="r1",
        scale_min=Decimal(0),
        scale_max=Decimal(1),
        higher_is_better=True,
        source="file",
    )


def test_what_is_left_out_is_unknown() -> None:
    """The contract's five columns suffice."""
    found = score({})
    assert (found.n, found.strategy, found.evaluator, found.scale_max, found.higher_is_better) == (
        None,
        None,
        None,
        None,
        True,
    )


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"feature": ""}, "feature", "is missing"),
        ({"metric": None}, "metric", "is missing"),
        ({"score": ""}, "score", "is missing"),
        ({"score": "NaN"}, "score", "is 'NaN'"),
        ({"score": "93%"}, "score", "is a text of 3 characters"),
        ({"score": float("inf")}, "score", "is 'inf'"),
        ({"score": "1e30"}, "score", "is 1E+30"),
        ({"score": True}, "score", "is 'True'"),
        ({"timestamp": "yesterday"}, "timestamp", "is 'yesterday'"),
        ({"n": "0"}, "n", "is 0"),
        ({"n": "2.5"}, "n", "is '2.5'"),
        ({"strategy": "finetune"}, "strategy", "is not a strategy"),
        ({"scale_min": 1, "scale_max": 0}, "scale_min", "is 1, not below scale_max 0"),
        ({"scale_min": 1, "scale_max": 5}, "score", "is 0.93, outside its scale"),
        ({"higher_is_better": "maybe"}, "higher_is_better", "is 'maybe'"),
    ],
)
def test_a_wrong_field_is_named_with_its_cure(changes: dict[str, object], field: str, error: str) -> None:
    """Row, field, what is wrong, and a sentence that helps."""
    found = parsed(changes)
    assert isinstance(found, Rejected)
    assert (found.row, found.field, found.error) == (3, field, error)
    assert len(found.cure) > 15


@pytest.mark.parametrize(
    "changes",
    [{"score": 0.94}, {"n": 5}, {"evaluator": "x"}, {"evaluator_version": "x"}, {"run_id": "x"}, {"strategy": "code"}],
)
def test_any_field_makes_another_score(changes: dict[str, object]) -> None:
    """Scores of another evaluator, version or run never fall together."""
    assert score(changes).key != score({}).key


def test_the_same_score_again_is_the_same() -> None:
    """0.930 and 0.93 are one score."""
    assert score({"score": "0.930"}).key == score({"score": 0.93}).key


PAIRED = {"both_ok": 800, "base_only": 20, "cand_only": 30, "both_bad": 150}


def test_counts_of_the_same_items_tell_n() -> None:
    """All four counts arrive, and make the number of items where that is left out."""
    found = score({"strategy": "embed", **PAIRED})
    assert (found.both_ok, found.base_only, found.cand_only, found.both_bad, found.n) == (800, 20, 30, 150, 1000)


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({**PAIRED, "cand_only": None}, "cand_only", "is missing"),
        ({**PAIRED, "n": 999}, "n", "is 999, but the four counts make 1000"),
        (dict.fromkeys(PAIRED, 0), "n", "is 0"),
    ],
)
def test_counts_that_do_not_add_up_are_refused(changes: dict[str, object], field: str, error: str) -> None:
    """All or none, and their sum is n."""
    found = parsed(changes)
    assert isinstance(found, Rejected)
    assert (found.field, found.error) == (field, error)
