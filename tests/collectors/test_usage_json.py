"""JSON arrays of calls and scores, as the HTTP interface takes them."""

import pytest

from collectors.rejected import Rejected, SourceError
from collectors.usage_json import calls_from_json, scores_from_json
from strategy.facts import Call, Score

CALL = {"timestamp": "2026-11-21T10:00:00Z", "model": "gpt-4o", "input_tokens": 5, "output_tokens": 1}
SCORE = {"timestamp": "2026-11-21T10:00:00Z", "feature": "triage", "metric": "accuracy", "score": 0.9}


def test_each_item_is_a_call_or_a_refusal() -> None:
    """In order, under the rules of the files; the source is the interface."""
    good, bad, again = calls_from_json([CALL, {**CALL, "input_tokens": 1.5}, CALL])
    assert isinstance(good, Call)
    assert (good.source, good.input_tokens) == ("api", 5)
    assert isinstance(bad, Rejected)
    assert (bad.row, bad.field) == (2, "input_tokens")
    assert isinstance(again, Call)
    assert again.key != good.key


def test_the_same_array_again_has_the_same_keys() -> None:
    """A retried POST changes no figure."""
    assert calls_from_json([CALL, CALL]) == calls_from_json([CALL, CALL])


def test_scores_come_the_same_way() -> None:
    """POST /api/evals."""
    good, bad = scores_from_json([SCORE, {**SCORE, "feature": None}])
    assert isinstance(good, Score)
    assert isinstance(bad, Rejected)
    assert (bad.row, bad.field, bad.error) == (2, "feature", "is missing")


@pytest.mark.parametrize("document", [None, {}, CALL, "x", [1], [CALL, None], [[CALL]]])
def test_anything_but_an_array_of_objects_is_an_error(document: object) -> None:
    """With an example of what would be right."""
    with pytest.raises(SourceError, match="not a JSON array of objects; send"):
        calls_from_json(document)


def test_a_very_long_array_is_refused() -> None:
    """It is to be sent in parts."""
    with pytest.raises(SourceError, match="more than 100000 rows; send it in parts"):
        scores_from_json([SCORE] * 100_001)
