"""The command line keeps its contract: output, exit codes, and errors with their cure."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from offramp.cli.context import shared
from offramp.cli.main import app

Run = Callable[..., Result]

FEATURES = "features:\n  - slug: triage\n    owner: care\n    task: {determinism: no}\n"
CALLS = (
    "timestamp,feature,provider,model,calls,input_tokens,output_tokens\n"
    "2026-11-19T10:00:00Z,triage,openai,gpt-6-luna,1000,1000000,0\n"
    "2026-11-19T11:00:00Z,triage,openai,no-such-model,1,10,1\n"
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command on a database of its own, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str, text: str | None = None) -> Result:
        return CliRunner().invoke(app, ["--db", f"sqlite:///{tmp_path / 'a.db'}", *words], input=text)

    yield call
    shared.db = None


def test_register_load_usage_review_explain_alerts(run: Run, tmp_path: Path) -> None:
    """The loop from the command line, in JSON all the way."""
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    done = run("register", "-", "--json", text=FEATURES)
    assert (done.exit_code, json.loads(done.stdout)[0]["change"]) == (0, "created")
    loaded = run("load", "calls.csv", "--json")
    assert loaded.exit_code == 0
    assert json.loads(loaded.stdout)[0]["accepted"] == 2
    table = json.loads(run("usage", "--json", "--by", "model").stdout)
    costs = {row["model"]: row["cost_usd"] for row in table["rows"]}
    assert costs == {"gpt-6-luna": "0.1", "no-such-model": None}
    assert table["total"]["unpriced_calls"] == 1
    (verdict,) = json.loads(run("review", "--as-of", "2026-11-21", "--json").stdout)
    assert (verdict["feature"], verdict["verdict"], verdict["code"]) == ("triage", "watch", "cold_start")
    explained = json.loads(run("explain", "triage", "--json").stdout)
    assert explained["snapshot"] == verdict["snapshot"]
    assert json.loads(run("alerts", "--json").stdout) == []
    (line,) = json.loads(run("features", "--json").stdout)
    assert (line["slug"], line["owner"], line["verdict"]) == ("triage", "care", "watch")
    report = run("report", "--week", "2026-W47", "--format", "json")
    assert report.exit_code == 0
    assert json.loads(report.stdout)


def test_a_feature_that_nobody_knows_is_no_feature_without_calls(run: Run, tmp_path: Path) -> None:
    """A slip of the pen is told, with the name that was meant; a known feature is not."""
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    run("register", "-", text=FEATURES)
    run("load", "calls.csv")
    slip = run("usage", "--feature", "triagge", "--json")
    assert json.loads(slip.stdout)["rows"] == []
    assert "no feature 'triagge' is registered or in any traffic; did you mean triage?" in slip.stderr
    assert "no feature" not in run("usage", "--feature", "triage").stderr
    assert "see `offramp features`" in run("usage", "--feature", "else").stderr


def test_the_same_in_words(run: Run, tmp_path: Path) -> None:
    """A person reads the same figures, unknown is said and never zero."""
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    assert "triage created" in run("register", "-", text=FEATURES).stdout
    assert "triage unchanged" in run("register", "-", text=FEATURES).stdout
    assert "2 rows of calls loaded" in run("load", "calls.csv").stdout
    usage = run("usage", "--by", "model").stdout
    assert "$0.10" in usage
    assert "unknown" in usage
    assert "triage: watch (cold_start)" in run("review", "--as-of", "2026-11-21").stdout
    assert "gate specifiable" in run("explain", "triage").stdout
    assert "No alerts" in run("alerts").stdout
    assert "care" in run("features").stdout
    assert "slug: triage" in run("features", "triage").stdout
    assert run("features", "--export", "csv").stdout.startswith("slug,")
    assert "nothing saved" in run("review", "--explain").stderr
    for form in ("text", "md", "html"):
        assert run("report", "--week", "2026-W47", "--format", form).exit_code == 0


def test_rejected_rows_end_with_3_and_stand_in_a_file(run: Run, tmp_path: Path) -> None:
    """What is right is loaded; what is wrong is named in a file beside."""
    (tmp_path / "calls.csv").write_text(CALLS + "soon,triage,openai,m,1,1,1\n", encoding="utf-8")
    done = run("load", "calls.csv")
    assert done.exit_code == 3
    assert "1 rejected" in done.stdout
    assert "row 3, timestamp" in done.stderr
    assert (
        (tmp_path / "calls.csv.rejected.csv")
        .read_text(encoding="utf-8")
        .startswith("rejected_row,rejected_field,reason,cure,timestamp,feature")
    )


def test_a_rejected_row_runs_nothing_in_a_spreadsheet(run: Run, tmp_path: Path) -> None:
    """A cell that begins as a formula does is quoted; a number below zero stays one."""
    row = "soon,triage,+cmd,@m,-1,1,1\n"
    (tmp_path / "calls.csv").write_text(CALLS + row, encoding="utf-8")
    assert run("load", "calls.csv").exit_code == 3
    with (tmp_path / "calls.csv.rejected.csv").open(newline="", encoding="utf-8") as told:
        (found,) = csv.DictReader(told)
    assert (found["provider"], found["model"], found["calls"]) == ("'+cmd", "'@m", "-1")


def test_a_price_in_force_and_none(run: Run) -> None:
    """The price of a time; exit 3 where no price is in force, and no zero."""
    before = json.loads(run("prices", "openai/gpt-5.6-luna", "--at", "2026-07-29", "--json").stdout)
    found = {line["kind"]: line["usd_per_mtok"] for line in before["prices"] if not line["tier_min_input_tokens"]}
    assert (found["input"], found["output"]) == ("1.00", "6.00")
    assert "0.20" in run("prices", "openai/gpt-5.6-luna").stdout
    missing = run("prices", "openai/gpt-99", "--json")
    assert missing.exit_code == 3
    assert json.loads(missing.stdout)["prices"] == []
    assert run("prices", "openai/gpt-99").exit_code == 3


@pytest.mark.parametrize(
    ("words", "error", "cure"),
    [
        (("register", "missing.yaml"), "missing.yaml", "readable YAML"),
        (("load", "missing.csv"), "missing.csv", ""),
        (("load", "x.csv", "--set", "model"), "'model' is not COLUMN=VALUE", "--set model=x"),
        (("usage", "--from", "soon"), "'soon' is not a date", "2026-11-21"),
        (("review", "--feature", "nobody"), "no feature 'nobody'", "offramp features"),
        (("explain", "nobody"), "no verdict for 'nobody'", "offramp review"),
        (("alerts", "--state", "asleep"), "no state 'asleep'", "active"),
        (("features", "nobody"), "no feature 'nobody'", "offramp features"),
    ],
)
def test_bad_input_ends_with_2_and_a_cure(run: Run, words: tuple[str, ...], error: str, cure: str) -> None:
    """Nothing is written, the sentence says what is wrong and what to do."""
    assert run("migrate").exit_code == 0
    done = run(*words)
    assert done.exit_code == 2
    said = " ".join(done.stderr.split())
    assert error in said
    assert cure in said


def test_errors_are_json_where_json_was_asked_for(run: Run) -> None:
    """Every wrong field is in the document, in design's shape."""
    done = run("register", "-", "--json", text="features: [{slug: A b, owner: 3}]")
    assert done.exit_code == 2
    document = json.loads(done.stdout)
    assert set(document) >= {"error", "row", "field", "cure"}
    assert [item["field"] for item in document["errors"]] == ["slug", "owner"]


def test_an_unreachable_database_ends_with_1() -> None:
    """The kind of failure is told, without the password."""
    url = "postgresql://someone:secret@127.0.0.1:1/none?connect_timeout=1"
    done = CliRunner().invoke(app, ["--db", url, "features"])
    shared.db = None
    assert done.exit_code == 1
    assert "secret" not in done.stdout + done.stderr
    assert "check --db" in done.stderr


def test_migrate_and_version(run: Run) -> None:
    """Migrating tells from what to what; the version is the package's."""
    assert "schema none → 0001" in run("migrate").stdout
    assert "schema 0001 → 0001" in run("migrate").stdout
    assert run("--version").exit_code == 0


def test_a_taken_port_is_refused_before_any_work(run: Run) -> None:
    """The port is checked before the demo is built."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("demo", "--port", str(taken.getsockname()[1]))
    assert done.exit_code == 2
    assert "is in use" in done.stderr


def test_which_source_counts_is_said_on_the_command_line(run: Run, tmp_path: Path) -> None:
    """It is part of the feature's document; a source that never spoke is refused with those that did."""
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    run("register", "-", text=FEATURES)
    run("load", "calls.csv")
    done = run("features", "record", "triage", "file", "--measure", "usage", "--json")
    assert json.loads(done.stdout) == {"slug": "triage", "change": "updated", "fields": ["record.usage"]}
    assert "record:\n    usage: file\n" in run("features", "triage").stdout
    refused = run("features", "record", "triage", "pull:proxy")
    assert (refused.exit_code, "use one of file, all, default" in refused.output) == (2, True)
    assert "triage: the sources of record are now as you said" in run("features", "record", "triage", "default").stdout
    assert "record" not in run("features", "triage").stdout


def test_registering_names_the_file_the_place_and_a_model_without_price(run: Run, tmp_path: Path) -> None:
    """A misplaced field is told where it belongs; a model that nobody prices is a warning."""
    (tmp_path / "mine.yaml").write_text("features:\n  - {slug: triage, error_cost: high}\n", encoding="utf-8")
    refused = run("register", "mine.yaml")
    assert refused.exit_code == 2
    assert "in mine.yaml:" in refused.stderr
    assert "error_cost: is not a known field; write it indented below `task:`" in refused.stderr
    taken = run("register", "-", text="features:\n  - {slug: triage, model: gpt-6-lunar}\n")
    assert taken.exit_code == 0
    assert "warning: the price book has no gpt-6-lunar" in taken.stderr
    assert "openai/gpt-6-luna" in taken.stderr


def test_a_feature_is_renamed_on_the_command_line(run: Run, tmp_path: Path) -> None:
    """A dry run counts, the real one moves, again it changes nothing; merging and rules go the same way."""
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    run("load", "calls.csv")
    assert "1 only in traffic: `offramp features triage` suggests a registration" in run("features").stdout
    assert (
        "1,001 calls in 2 hourly rows and 0 scores would move"
        in run("features", "rename", "triage", "t", "--dry-run").stdout
    )
    assert "triage is t: 1,001 calls" in run("features", "rename", "triage", "t").stdout
    (again,) = json.loads(run("features", "rename", "triage", "t", "--json").stdout)
    assert again == {"from": "triage", "to": "t", "change": "unchanged", "calls": 0, "rows": 0, "scores": 0}
    run("register", "-", text="features:\n  - slug: all\n    match: [{attribute: service.name, equals: t}]\n")
    assert "t → all: 1,001 calls" in run("features", "rematch", "--dry-run").stdout
    assert "t is part of all" in run("features", "merge", "t", "all").stdout
    assert "No discovered name" in run("features", "rematch").stdout
    assert [line["slug"] for line in json.loads(run("features", "--json").stdout)] == ["all"]
