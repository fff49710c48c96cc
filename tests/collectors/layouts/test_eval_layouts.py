"""Results of eval tools: means of what was scored, with n, scale, evaluator and version; unfinished runs are none."""

import json
import os
import shutil
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from collectors.files import detect_kind, read_scores
from collectors.rejected import Rejected, SourceError
from strategy.facts import Score

PROMPTFOO = "samples/promptfoo/generated_0.123.1"
INSPECT = "samples/inspect_ai"


def scores_of(path: Path, **given: str) -> dict[tuple[str, str | None], Score]:
    """The scores of a file by metric and evaluator; no row is refused."""
    found = list(read_scores(path, set_columns=given))
    assert detect_kind(path) == "evals"
    assert [item for item in found if isinstance(item, Rejected)] == []
    return {(item.metric, item.evaluator): item for item in found if isinstance(item, Score)}


def refusals(path: Path) -> list[str]:
    """Field and error of each refused row."""
    return [f"{item.field} {item.error}" for item in read_scores(path) if isinstance(item, Rejected)]


@pytest.mark.parametrize("name", ["results.json", "results.jsonl"])
def test_promptfoos_sums_become_means(shared: Path, name: str) -> None:
    """`greeting` was asserted twice and `coverage` once; a failed assertion is no error."""
    found = {metric: score for (metric, _), score in scores_of(shared / PROMPTFOO / name).items()}
    assert {metric: (str(score.score), score.n) for metric, score in found.items()} == {
        "pass_rate": ("0.5", 2),
        "score": ("0.75", 2),
        "greeting": ("1", 2),
        "coverage": ("0", 1),
    }
    rate = found["pass_rate"]
    assert (rate.feature, rate.evaluator, str(rate.scale_max)) == ("ticket_summary", "promptfoo", "1")
    assert rate.evaluator_version == ("0.123.1" if name == "results.json" else None)


def test_next_weeks_run_is_another_one_though_its_file_is_called_the_same(shared: Path, tmp_path: Path) -> None:
    """Where a file holds no id of its run, its content is one: a copy is known, another run of one score is not."""
    text = (shared / PROMPTFOO / "results.jsonl").read_text()
    keys = []
    for place, content in (("week1", text), ("copy", text), ("week2", text.replace('"latencyMs":', '"latencyMs":9'))):
        path = tmp_path / place / "results.jsonl"
        path.parent.mkdir()
        path.write_text(content)
        keys.append({score.key for score in read_scores(path) if not isinstance(score, Rejected)})
    first, copy, second = keys
    assert (len(first), first == copy, first & second) == (4, True, set())


def rivals(shared: Path, labels: list[str]) -> dict[str, Any]:
    """A promptfoo result of two providers over the same tests."""
    document: dict[str, Any] = json.loads((shared / PROMPTFOO / "results.json").read_text())
    rows = document["results"]["results"]
    document["results"]["results"] = [
        row | {"provider": {"id": f"p{number}", "label": label}} for number, label in enumerate(labels) for row in rows
    ]
    return document


def test_promptfoo_says_by_its_labels_which_strategy_was_scored(shared: Path, tmp_path: Path) -> None:
    """Two providers without such a label are not taken for one strategy."""
    path = tmp_path / "r.json"
    path.write_text(json.dumps(rivals(shared, ["embed", "prompt"])))
    found = [item for item in read_scores(path) if isinstance(item, Score) and item.metric == "pass_rate"]
    assert [(item.strategy, item.n) for item in found] == [("embed", 2), ("prompt", 2)]
    path.write_text(json.dumps(rivals(shared, ["fast", "slow"])))
    assert refusals(path) == ["strategy is not named, and 2 providers or prompts were scored for one feature"] * 2


def test_promptfoo_pairs_two_providers_on_the_same_tests(shared: Path, tmp_path: Path) -> None:
    """Against the one labelled prompt, metric by metric; other tests, or a test run twice, pair nothing."""
    document = rivals(shared, ["prompt", "embed"])
    rows = document["results"]["results"]
    (first, second) = (row | {"success": False, "testIdx": 1} if row["testIdx"] else row for row in rows[2:])
    made = [row | {"success": number < 2} for number, row in enumerate(rows[:2])]
    for number, row in enumerate([*made, first | {"success": True, "testIdx": 0}, second]):
        rows[number] = row
    path = tmp_path / "r.json"

    def paired() -> list[tuple[int | None, ...]]:
        path.write_text(json.dumps(document))
        found = [item for item in read_scores(path) if isinstance(item, Score) and item.metric == "pass_rate"]
        return [(s.both_ok, s.base_only, s.cand_only, s.both_bad) for s in found]

    assert paired() == [(None,) * 4, (1, 1, 0, 0)]
    rows[3] = rows[3] | {"testIdx": 7}
    assert paired() == [(None,) * 4] * 2
    rows[3] = rows[3] | {"testIdx": 0}
    assert paired() == [(None,) * 4] * 2


@pytest.mark.parametrize("name", ["ticket_summary.json", "ticket_summary.zstd.eval"])
def test_inspect_counts_samples_after_epochs(shared: Path, name: str) -> None:
    """3 samples in 2 epochs are n = 3; zstd archives are read, and two scorers are two evaluators."""
    found = scores_of(shared / INSPECT / "generated_0.3.285" / name)
    assert set(found) == {("accuracy", "match"), ("accuracy", "includes")}
    score = found["accuracy", "match"]
    assert (score.feature, score.n, score.evaluator_version) == ("ticket_summary", 3, "inspect_ai 0.3.285")
    assert (score.score, score.scale_max) == (Decimal("0.6666666666666666"), Decimal(1))
    assert score.at == datetime(2026, 11, 21, 23, 19, 38, tzinfo=UTC)


def test_older_inspect_archives_are_read(shared: Path) -> None:
    """Deflated ones, without `scored_samples`: the reductions tell how many there were."""
    assert [(str(s.score), s.n) for s in scores_of(shared / INSPECT / "log_formats.eval").values()] == [("0.0", 1)]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("2025-05-12T20-28-13-04-00_popularity.json", "status is cancelled, so its scores are no result"),
        ("2024-08-29T15-11-18+00-00_popularity_5EAmX6wjMFqea6WY7XHzZp.json", "status is error, so its scores"),
        ("2025-02-11T15-17-00-05-00_popularity_dPiJifoWeEQBrfWsAopzWr.eval", "but nothing was scored"),
    ],
)
def test_an_inspect_run_that_did_not_end_is_no_result(shared: Path, name: str, why: str) -> None:
    """Whatever scores stand in its log."""
    (found,) = refusals(shared / INSPECT / name)
    assert why in found


def test_an_archive_without_header_or_damaged_says_so(shared: Path, tmp_path: Path) -> None:
    """A log that is still written has no header; a cut one is no archive."""
    path = tmp_path / "running.eval"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_journal/start.json", "{}")
    assert "the log has no header" in refusals(path)[0]
    whole = (shared / INSPECT / "generated_0.3.285/ticket_summary.zstd.eval").read_bytes()
    (tmp_path / "cut.eval").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="not a readable eval archive"):
        detect_kind(tmp_path / "cut.eval")


def test_deepevals_file_is_dated_by_its_name(shared: Path, tmp_path: Path) -> None:
    """It holds no time; a copy under another name is the same result at another time."""
    name = "test_run_20261121_232053.json"
    path = Path(shutil.copy(shared / "samples/deepeval/generated_4.3.1" / name, tmp_path / name))
    (score,) = scores_of(path).values()
    assert (score.feature, score.metric, str(score.score), score.n) == ("ticket_summary", "Exact Match", "0.5", 2)
    assert score.at == datetime(2026, 11, 21, 23, 20, 53, tzinfo=UTC)
    os.utime(path, (0, 1_700_000_000))
    (again,) = scores_of(path).values()
    assert (again.at, again.key) == (datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), score.key)


def test_deepeval_keeps_its_judge_and_its_direction(shared: Path, tmp_path: Path) -> None:
    """A metric that is better when it is lower says so; the judge's model is part of the evaluator."""
    found = scores_of(shared / "samples/deepeval/test_run_sample.json", feature="cecl")
    assert [(metric, judge) for metric, judge in found] == [
        ("Answer Relevancy", "deepeval gpt-5.4"),
        ("Faithfulness", "deepeval gpt-5.4"),
    ]
    path = tmp_path / "test_run_20261101_000000.json"
    path.write_text(
        json.dumps(
            {
                "identifier": "x",
                "testCases": [],
                "metricsScores": [{"metric": "Toxicity", "scores": [0.1], "errors": 3}],
            }
        )
    )
    (score,) = scores_of(path).values()
    assert (score.higher_is_better, score.n) == (False, 1)


def test_ragas_means_leave_out_failed_judges(tmp_path: Path) -> None:
    """NaN and empty cells are not counted, text columns are no metrics."""
    path = tmp_path / "support-rag.csv"
    path.write_text(
        "user_input,response,retrieved_contexts,faithfulness,answer_relevancy\n"
        "what?,that,['a'],1.0,0.8\nwhy?,so,['b'],nan,0.6\nwho?,42,['c'],0.5,\n"
    )
    found = scores_of(path, timestamp="2026-11-01T00:00:00Z")
    assert {metric: (str(score.score), score.n) for (metric, _), score in found.items()} == {
        "faithfulness": ("0.75", 2),
        "answer_relevancy": ("0.7", 2),
    }
    assert {score.feature for score in found.values()} == {"support-rag"}
    assert {score.feature for score in scores_of(path, feature="rag").values()} == {"rag"}


def test_openai_evals_give_their_final_report(tmp_path: Path) -> None:
    """Its n is the number of samples matched; a spread is no score; without a report there is no result."""
    path = tmp_path / "log.jsonl"
    rows: list[dict[str, Any]] = [
        {
            "spec": {
                "run_id": "r1",
                "eval_name": "triage.dev.v0",
                "base_eval": "triage",
                "created_at": "2026-11-01 10:00:00",
            }
        },
        {"run_id": "r1", "event_id": 0, "sample_id": "s.1", "type": "sampling", "data": {"prompt": "hello there"}},
        {"run_id": "r1", "event_id": 1, "sample_id": "s.1", "type": "match", "data": {"correct": True}},
        {"run_id": "r1", "event_id": 2, "sample_id": "s.2", "type": "match", "data": {"correct": False}},
        {"final_report": {"accuracy": 0.5, "boostrap_std": 0.3}, "run_id": "r1"},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    (score,) = scores_of(path).values()
    assert (score.feature, str(score.score), score.n, score.evaluator) == ("triage.dev.v0", "0.5", 2, "triage")
    assert score.at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    path.write_text("\n".join(json.dumps(row) for row in rows[:-1]))
    assert refusals(path) == ["final_report is missing: the run did not end"]


def test_a_cached_run_of_promptfoo_scores_the_same(shared: Path, tmp_path: Path) -> None:
    """Answers from its own cache cost nothing and were scored all the same: means and n are those of the first run."""
    document: dict[str, Any] = json.loads((shared / PROMPTFOO / "results.json").read_text())
    rows = document["results"]["results"]
    cached = {"cached": True, "tokenUsage": {"total": 99, "cached": 99, "numRequests": 0}}
    document["results"]["results"] = [
        row | {"cost": 0, "latencyMs": 29, "response": row["response"] | cached} for row in rows
    ]
    path = tmp_path / "again.json"
    path.write_text(json.dumps(document))
    first, again = (scores_of(found) for found in (shared / PROMPTFOO / "results.json", path))
    assert {key: (one.score, one.n) for key, one in again.items()} == {
        key: (one.score, one.n) for key, one in first.items()
    }


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("promptfoo/generated_0.123.1/results.json", {("promptfoo", "0.123.1", 0, 1, True, 2)}),
        ("promptfoo/generated_0.123.1/results.jsonl", {("promptfoo", None, 0, 1, True, 2)}),
        ("inspect_ai/generated_0.3.285/ticket_summary.zstd.eval", {("match", "inspect_ai 0.3.285", 0, 1, True, 3)}),
        ("deepeval/generated_4.3.1/test_run_20261121_232053.json", {("deepeval", None, 0, 1, True, 2)}),
        ("deepeval/test_run_sample.json", {("deepeval gpt-5.4", None, 0, 1, True, 3)}),
    ],
)
def test_evidence_says_who_scored_and_on_what_scale(shared: Path, name: str, told: set[tuple[object, ...]]) -> None:
    """Evaluator, its version as far as the file holds it, scale, direction and n come from the tool's own file."""
    found = scores_of(shared / "samples" / name, feature="ticket_summary").values()
    assert told <= {
        (one.evaluator, one.evaluator_version, one.scale_min, one.scale_max, one.higher_is_better, one.n)
        for one in found
    }


def test_a_generic_row_says_all_of_it_itself(tmp_path: Path) -> None:
    """Nothing is made up: without a scale there is none, without n it is unknown, and lower may be better."""
    path = tmp_path / "own.csv"
    path.write_text(
        "feature,metric,score,n,timestamp,evaluator,evaluator_version,scale_min,scale_max,higher_is_better\n"
        "bot,wer,2.5,40,2026-11-01T00:00:00Z,ours,7,1,5,false\nbot,bleu,31,,2026-11-01T00:00:00Z,,,,,\n"
    )
    found = {metric: one for (metric, _), one in scores_of(path).items()}
    wer, bleu = found["wer"], found["bleu"]
    assert (wer.evaluator, wer.evaluator_version) == ("ours", "7")
    assert (wer.scale_min, wer.scale_max) == (Decimal(1), Decimal(5))
    assert (wer.higher_is_better, wer.n) == (False, 40)
    assert (bleu.evaluator, bleu.scale_min, bleu.scale_max, bleu.higher_is_better, bleu.n) == (None,) * 3 + (True, None)
