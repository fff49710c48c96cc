"""`offramp replay DIR`: a folder in, verdicts.csv out; bad rows named; scored against a clairvoyant."""

import csv
import importlib
import json
import shutil
import subprocess
import sys
from functools import partial
from itertools import groupby
from pathlib import Path

import pytest

from collectors.replay_files import read_history
from offramp.actions.failure import BadInput
from offramp.actions.replay import replay_folder
from offramp.policy import load_policy

DATA = Path(__file__).parents[1] / "data" / "replay"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A history of four features: a busy one with an eval, a viral one, one without an eval, a young one."""
    return Path(shutil.copytree(DATA, tmp_path / "history"))


def offramp(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run([sys.executable, "-m", "offramp", *words], capture_output=True, text=True, check=False)


def turns(folder: Path) -> list[tuple[str, str, str, int]]:
    """Feature, verdict, target and the first day of each turn."""
    with (folder / "verdicts.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    found = groupby(rows, key=lambda row: (row["feature_id"], row["verdict"], row["target"]))
    return [(*key, int(next(group)["day"])) for key, group in found]


def verdicts(folder: Path) -> dict[str, dict[int, dict[str, object]]]:
    """The verdicts as the benchmark plays them back (its own reader leaves the file open)."""
    found: dict[str, dict[int, dict[str, object]]] = {}
    with (folder / "verdicts.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            words = {"verdict": row["verdict"], "target": row["target"] or None, "confidence": float(row["confidence"])}
            found.setdefault(row["feature_id"], {})[int(row["day"])] = words
    return found


def test_the_command_judges_a_folder(folder: Path) -> None:
    """The busy feature is due a week after its eval; gaps, late days, weekends and the viral day raise nothing."""
    done = offramp("replay", str(folder))
    assert done.returncode == 0, done.stderr
    assert turns(folder) == [
        ("faq", "WATCH", "", 0),
        ("faq", "STAY", "", 13),
        ("letters", "WATCH", "", 0),
        ("letters", "BLOCKED", "prompt_cheap", 13),
        ("tickets", "WATCH", "", 0),
        ("tickets", "BLOCKED", "embed", 13),
        ("tickets", "WATCH", "embed", 40),
        ("tickets", "DUE", "embed", 40 + int(load_policy().number("persist_days"))),
        ("young", "WATCH", "", 110),
    ]


def test_the_order_of_rows_does_not_matter(folder: Path, tmp_path: Path) -> None:
    """The same rows the other way round give the same bytes."""
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    for name in ("features.csv", "strategies.csv", "evals.csv", "pricebook.csv"):
        header, *rows = (other / name).read_text().splitlines()
        (other / name).write_text("\n".join([header, *reversed(rows)]) + "\n")
    for each in (folder, other):
        assert replay_folder(each, load_policy()) == 370
    assert (folder / "verdicts.csv").read_bytes() == (other / "verdicts.csv").read_bytes()


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("history.csv", "faq,1,1,150", "faq,1,1,many", "history.csv row 2: calls is not a number"),
        ("history.csv", "faq,1,1,150", "faq,1.5,1,150", "history.csv row 2: day is not a whole number"),
        ("history.csv", "faq,1,1,150", "faq,1", "history.csv row 2: row has 2 cells"),
        ("evals.csv", "faq,30,embed,1000", "faq,30,embed,999", "evals.csv row 2: n is not the sum of the four counts"),
        ("evals.csv", "faq,30,embed", "faq,30,magic", "evals.csv row 2: strategy is unknown"),
        ("features.csv", "faq,0,", ",0,", "features.csv row 2: feature_id is missing"),
        ("strategies.csv", "tickets,prompt,True", "tickets,prompt,maybe", "strategies.csv row 1: eligible is neither"),
        ("meta.json", "120", '"later"', "until is not a day"),
        ("meta.json", "shadow", "live", "mode is unknown"),
        ("meta.json", "{", "[", "meta.json is not JSON"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_written(
    folder: Path, file: str, old: str, new: str, words: str
) -> None:
    """File, row, field and a cure; no verdicts on half of a history."""
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(BadInput) as raised:
        replay_folder(folder, load_policy())
    (problem,) = raised.value.problems
    assert words in problem.error
    assert problem.cure
    assert not (folder / "verdicts.csv").exists()


def test_a_missing_file_is_bad_usage(folder: Path) -> None:
    """Exit code 2 with the file's name."""
    (folder / "evals.csv").unlink()
    done = offramp("replay", str(folder))
    assert done.returncode == 2
    assert "evals.csv does not exist" in done.stderr
    (folder / "meta.json").write_text("[]")
    with pytest.raises(BadInput, match="not a JSON object"):
        replay_folder(folder, load_policy())


def test_the_benchmark_is_met_without_looking_ahead(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small portfolio: most of the dollars, few breaches, and the same words on a past cut at any day."""
    monkeypatch.syspath_prepend(str(shared / "acceptance" / "judge"))
    sim, files, harness = (importlib.import_module(f"llmbench.{name}") for name in ("sim", "io", "harness"))
    features, book = sim.make_portfolio(0, 20, "boom")
    said = {}
    for name, until in (("whole", 730), ("cut", 300)):
        files.export(features, book, tmp_path / name, mode="acted", until=until)
        assert json.loads((tmp_path / name / "meta.json").read_text())["until"] == until
        assert read_history(tmp_path / name).acted
        replay_folder(tmp_path / name, load_policy())
        said[name] = verdicts(tmp_path / name)
    for feature, days in said["cut"].items():
        assert days == {day: words for day, words in said["whole"][feature].items() if day < 300}
    rows = harness.score(partial(files.Replay, said["whole"]), features, shadow=False)
    found = harness.summary(rows)
    assert found["capture"] > 0.8
    assert found["capture_feat"] > 0.5
    assert found["breach_100"] <= 10
    assert found["ungated_fy"] == 0
