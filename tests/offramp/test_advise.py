"""`offramp advise`: profiles in, verdicts out, no database; wrong input names row, field and cure."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from offramp.cli.main import app

FEATURES = """
features:
  - slug: triage
    strategy: prompt
    task: {determinism: no, input_space: open, output_space: label, labelled_examples: 1200, tried: [prompt]}
    quality: {metric: accuracy, floor: 0.9, margin: 0.02}
    exit_note: At 50,000 calls a day; then a classifier.
  - slug: dates
    task: {determinism: yes, input_space: structured}
"""


def run(text: str, *words: str) -> Result:
    """The command on a text at standard input."""
    return CliRunner().invoke(app, ["advise", "-", *words], input=text)


def answers(text: str, *words: str) -> list[tuple[Any, ...]]:
    """Id, strategy, verdict and code of each answer."""
    done = run(text, "--json", *words)
    assert done.exit_code == 0, done.output
    return [(each["id"], each["strategy"], each["verdict"], each["code"]) for each in json.loads(done.stdout)]


def problems(text: str) -> list[tuple[Any, ...]]:
    """Row, field, error and cure of each problem; the exit code is 2."""
    done = run(text, "--json")
    assert done.exit_code == 2, done.output
    document = json.loads(done.stdout)
    return [(each["row"], each["field"], each["error"], each["cure"]) for each in document.get("errors", [document])]


def test_features_profiles_and_lines() -> None:
    """A feature file, a YAML profile, a list, JSONL with and without ids: all are read."""
    assert answers(FEATURES) == [("triage", "embed", "due", None), ("dates", "code", "due", None)]
    assert answers("determinism: yes\ninput_space: enumerable\n") == [("row 1", "code", "due", None)]
    assert answers("- {id: a, determinism: yes}\n- {profile: {volume: low}}\n") == [
        ("a", "code", "due", None),
        ("row 2", "prompt", "stay", None),
    ]
    lines = '{"id": 7, "profile": {"needs_citation": true}, "expect": {"strategy": "no one reads this"}}\n\n{}\n'
    assert answers(lines) == [("7", "hybrid:rag", "due", None), ("row 3", "prompt", "stay", None)]
    assert answers("profiles:\n  - {id: b, volume: low}\n") == [("b", "prompt", "stay", None)]
    assert answers('[{"volume": "high"}]') == [("row 1", "distill", "due", None)]
    assert answers('\ufeff{"task": {"private_data": true}, "slug": "a"}') == [("a", "hybrid:rag", "due", None)]


def test_a_profiles_own_policy_wins_over_the_option() -> None:
    """The option decides for those that name none."""
    lines = '{"calls_per_day": 300000}\n{"calls_per_day": 300000, "policy": "seed001"}\n'
    assert [answer[1:3] for answer in answers(lines)] == [("distill", "due"), ("prompt", "stay")]
    assert [answer[1:3] for answer in answers(lines, "--policy", "seed002")] == [
        ("prompt", "watch"),
        ("prompt", "stay"),
    ]


def test_an_advice_in_words() -> None:
    """A person reads the answer, the argument, the gates and what was not said."""
    done = run('{"id": "spam", "output_space": "label", "labelled_examples": 900}\n{}\n')
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "spam: due — embed"
    assert "  Train a classifier on embeddings; it runs on prompt now, or would by default." in lines
    assert "  gate classification: yes — the output is one of a known set, and there are 900 labelled examples" in lines
    assert "  not said: error_cost: What does a wrong answer cost? (if high: due code)" in lines
    assert "row 2: stay — prompt" in lines


def test_no_database_is_touched(tmp_path: Path) -> None:
    """The command neither makes nor opens a database."""
    path = tmp_path / "none.db"
    done = CliRunner().invoke(app, ["--db", f"sqlite:///{path}", "advise", "-", "--json"], input="{}")
    assert done.exit_code == 0
    assert not path.exists()


def test_unknown_names_are_named_with_the_nearest() -> None:
    """A slip of the pen is no silent default."""
    assert problems('{"determinizm": "yes"}\n{"volume": "low"}\n') == [
        (1, "determinizm", "is not a known name", "did you mean determinism?")
    ]
    ((_, field, _, cure),) = problems('{"zzz": 1}')
    assert (field, cure[:13]) == ("zzz", "names in use:")


@pytest.mark.parametrize(
    ("name", "value", "cure"),
    [
        ("determinism", "perhaps", "use one of: yes, mostly, partially, no"),
        ("labelled_examples", -1, "use a whole number of examples, 0 or more"),
        ("validated", "maybe", "use true or false"),
        ("volume", "huge", "use one of: low, medium, high"),
        ("policy", "seed009", "use one of: breakeven, seed000, seed001, seed002, seed003"),
        ("calls_per_day", "many", "use a number, 0 or more"),
        ("calls_per_day", True, "use a number, 0 or more"),
        ("calls_per_day", float("nan"), "use a number, 0 or more"),
        ("teacher_score", 900, "use a score from 0 to 1, such as 0.9, or a percentage, such as 90"),
        ("teacher_score", "good", "use a score from 0 to 1, such as 0.9, or a percentage, such as 90"),
        ("migration_cost", [2000, 200], "use a list of the low and the high figure, such as [200, 2000]"),
        ("migration_cost", [1, 2, 3], "use a list of the low and the high figure, such as [200, 2000]"),
        ("cost_per_year", 5, "write USD a year by strategy, such as {prompt: 92325, embed: 9179}"),
        ("cost_per_year", {"magic": 5}, "write USD a year by strategy, such as {prompt: 92325, embed: 9179}"),
        (
            "current",
            "magic",
            "use one of: code, embed, distill, hybrid, prompt; a variant may follow a colon, such as hybrid:rag",
        ),
        (
            "candidate",
            "distill:",
            "use one of: code, embed, distill, hybrid, prompt; a variant may follow a colon, such as hybrid:rag",
        ),
    ],
)
def test_a_wrong_value_names_row_field_and_cure(name: str, value: object, cure: str) -> None:
    """Each kind of value says what would be right."""
    ((row, field, error, told),) = problems("{}\n" + json.dumps({"id": "a", "profile": {name: value}}))
    assert (row, field, told) == (2, name, cure)
    assert error


def test_every_wrong_row_is_named_at_once() -> None:
    """Nothing is judged where anything is wrong, and all of it is said."""
    found = problems('{"volume": "x"}\n{"id": 1, "profile": 4}\n[]\n{"slug": "A b"}\n')
    assert [(row, field) for row, field, _, _ in found] == [(1, "volume"), (2, "profile"), (3, None), (4, "slug")]


@pytest.mark.parametrize(
    ("text", "row", "error"),
    [
        ("", None, "the input is empty"),
        ("  \n\n", None, "the input is empty"),
        ("[]", None, "the input holds no profile"),
        ("features: []", None, "the input holds no profile"),
        ('{"a": 1}\n{"b": \n', 2, "is not JSON"),
        ("a: [1\nb: }", 2, "is neither JSON nor YAML"),
        ("just words", None, "the input holds no profile"),
        ("features: 3", None, "the input holds no profile"),
    ],
)
def test_unreadable_input_says_so(text: str, row: int | None, error: str) -> None:
    """Empty, broken or shapeless input is told with the shape that is wanted."""
    assert [(each[0], each[2]) for each in problems(text)] == [(row, error)]
    done = run(text)
    assert (done.exit_code, done.stdout) == (2, "")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A path that leads nowhere exits 2."""
    done = CliRunner().invoke(app, ["advise", str(tmp_path / "none.jsonl")])
    assert done.exit_code == 2


def test_percentages_words_and_single_figures_are_understood() -> None:
    """79.3 is 0.793, "yes" is true, one figure is a range of itself."""
    lines = (
        '{"teacher_score": 79.3, "required_score": 0.9, "calls_per_month": 5000000, "baseline_eval": "yes"}\n'
        '{"teacher_score": 93, "required_score": 90, "calls_per_month": 5000000}\n'
        '{"migration_cost": 2000, "calls_per_day": 500000, "candidate": "distill:haiku"}\n'
    )
    assert [answer[1:] for answer in answers(lines)] == [
        ("distill", "blocked", "teacher"),
        ("distill", "due", None),
        ("distill", "due", None),
    ]
