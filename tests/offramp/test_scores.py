"""What is kept of evals can be listed whole: nothing that a file told is lost, and no score is out of sight."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from db.session import transaction
from db.store.evaluations import add_evaluations
from offramp.actions.load import load_file
from offramp.actions.register import register
from offramp.actions.scores import list_scores, without_feature
from offramp.cli.context import shared
from offramp.cli.main import app
from strategy.spans import Evaluation

_AT = datetime(2026, 11, 20, tzinfo=UTC)
_ROWS: list[dict[str, object]] = [
    {"feature": "triage", "metric": "accuracy", "score": 0.91, "n": 400, "timestamp": "2026-11-01T00:00:00Z",
     "strategy": "embed", "evaluator": "judge", "evaluator_version": "2", "run_id": "r1", "scale_min": 0,
     "scale_max": 1, "both_ok": 350, "base_only": 4, "cand_only": 14, "both_bad": 32},
    {"feature": "triage", "metric": "harm", "score": 1.25, "timestamp": "2026-11-08T00:00:00Z", "scale_min": 1,
     "scale_max": 5, "higher_is_better": False},
    {"feature": "chat", "metric": "tone", "score": "0.3333333333", "timestamp": "2026-11-02T00:00:00Z"},
]  # fmt: skip # a table
_PAIRED = ("both_ok", "base_only", "cand_only", "both_bad")
_BARE = {"n": None, "strategy": None, "evaluator": None, "evaluator_version": None, "source": "file",
         **dict.fromkeys(_PAIRED)}  # fmt: skip # a table
_CHAT = {"feature": "chat", "registered": False, "metric": "tone", "score": "0.3333333333",
         "at": "2026-11-02T00:00:00Z", "scale_min": None, "scale_max": None,
         "higher_is_better": True}  # fmt: skip # a table
_HARM = {"feature": "triage", "registered": True, "metric": "harm", "score": "1.25", "at": "2026-11-08T00:00:00Z",
         "scale_min": "1", "scale_max": "5", "higher_is_better": False}  # fmt: skip # a table


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Scores of a registered feature and of one that nobody registered."""
    path = tmp_path / "evals.jsonl"
    path.write_text("\n".join(map(json.dumps, _ROWS)), encoding="utf-8")
    return path


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """A database of the command line's own."""
    yield f"sqlite:///{tmp_path / 'a.db'}"
    shared.db = None


def _without(document: dict[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in document.items() if name not in names}


def test_each_score_is_told_whole(engine: Engine, file: Path) -> None:
    """Scale, direction, items, evaluator and version as the file has them; what it does not say is null."""
    register(engine, [{"slug": "triage"}], at=_AT, by="test")
    load_file(engine, file, at=_AT)
    chat, accuracy, harm = (row.document() for row in list_scores(engine))
    assert _without(chat, "run_id") == _BARE | _CHAT
    assert _without(harm, "run_id") == _BARE | _HARM
    said = {**_ROWS[0], "score": "0.91", "scale_min": "0", "scale_max": "1"}
    added = {"registered": True, "at": said.pop("timestamp"), "higher_is_better": True, "source": "file"}
    assert accuracy == said | added


def test_a_feature_and_a_time_narrow_the_list(engine: Engine, file: Path) -> None:
    """The start is inclusive, the end exclusive."""
    load_file(engine, file, at=_AT)
    first, second = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 8, tzinfo=UTC)
    for told, metrics in (
        (list_scores(engine, "triage"), ["accuracy", "harm"]),
        (list_scores(engine, "triage", start=first, end=second), ["accuracy"]),
        (list_scores(engine, start=second), ["harm"]),
        (list_scores(engine, "nobody"), []),
    ):
        assert [row.score.metric for row in told] == metrics


def test_scores_that_belong_to_no_feature_are_counted(engine: Engine) -> None:
    """They are in no list, because nothing can be judged by them, and so they are told beside it."""
    one = Evaluation("tone", "judge", "1", Decimal("0.5"), _AT)
    with transaction(engine) as session:
        add_evaluations(session, [(None, one, 1), (None, one, 1), ("triage", one, 1)])
    assert (without_feature(engine), [row.score.feature for row in list_scores(engine)]) == (2, ["triage"])


def test_the_command_lists_them(database: str, file: Path) -> None:
    """A table or JSON; a name that nobody registered is told so, and one that nobody knows is no error."""

    def run(*words: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(app, ["--db", database, *words], env={"COLUMNS": "200"})
        return done.exit_code, done.stdout, done.stderr

    run("migrate")
    code, out, err = run("scores")
    assert (code, out) == (0, "")
    assert "no scores here: `offramp load FILE`" in err
    assert run("scores", "--json")[1].strip() == "[]"
    run("load", str(file))
    _, out, _ = run("scores")
    shown = [" ".join(line.split()) for line in out.splitlines() if "2026" in line]
    assert shown[0].startswith("chat (not registered) 2026-11-02 tone 0.333333 unknown unknown the present one unknown")
    assert "harm 1.25 1 to 5, lower is better unknown the present one" in shown[2]
    code, _, err = run("scores", "nobody")
    assert code == 0
    assert "no feature 'nobody' is registered or in any traffic" in err
