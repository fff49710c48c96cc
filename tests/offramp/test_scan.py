"""`offramp scan`: a call log in, a page and verdicts out; nobody's database, nothing of the prompts, exact sums."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from collectors.call_rows import CALL_COLUMNS
from offramp.cli.context import shared as options
from offramp.cli.main import app
from tests.offramp.scan_logs import DAYS, HOSTILE, PRIVATE, write_log

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run the scan in a folder of its own; the user's database would be users.db there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OFFRAMP_DATABASE_URL", f"sqlite:///{tmp_path / 'users.db'}")

    def call(*words: str) -> Result:
        return CliRunner().invoke(app, ["scan", *words])

    yield call
    options.db = None


def documents(done: Result) -> dict[str | None, dict[str, Any]]:
    """The array of `--json` by feature."""
    assert done.exit_code == 0, done.output
    return {each["feature"]: each for each in json.loads(done.stdout)}


def test_every_feature_is_priced_and_judged(run: Run, tmp_path: Path) -> None:
    """Costs are tokens times the price in force, unpriced is said, unattributed stands last without a verdict."""
    write_log(tmp_path / "calls.csv")
    done = run("calls.csv", "--json")
    found = documents(done)
    assert list(found) == ["summary", "triage", HOSTILE, None]
    calls = DAYS * 10
    # gpt-5.6-luna since 2026-07-30: $0.20 in, $1.20 out; a tenth of the input price where it was cached.
    tokens_out = DAYS * sum(6 + hour % 2 for hour in range(10))
    cost = (calls * 600 * Decimal("0.2") + calls * 300 * Decimal("0.02") + tokens_out * Decimal("1.2")) / 1_000_000
    triage = found["triage"]
    assert Decimal(triage["usage"]["cost_usd"]) == cost
    assert (triage["usage"]["calls"], triage["usage"]["errors"]) == (calls, DAYS)
    assert (triage["verdict"], triage["now"]) == ("stay", "prompt")
    assert triage["reasons"][0].startswith("Keep triage on prompt")
    assert [item for item in triage["missing"] if item.startswith("determinism")]
    assert (found[HOSTILE]["usage"]["cost_usd"], found[HOSTILE]["usage"]["unpriced_calls"]) == (None, calls * 20)
    assert (found[HOSTILE]["verdict"], found[HOSTILE]["code"]) == ("watch", "unmeasured")
    assert (found[None]["verdict"], found[None]["usage"]["calls"]) == (None, calls * 3)


def test_what_the_traffic_says(run: Run, tmp_path: Path) -> None:
    """Days, models, how long answers are and what that suggests; of summed rows no length is known."""
    write_log(tmp_path / "calls.csv")
    found = documents(run("calls.csv", "--json"))
    triage, summary = found["triage"]["traffic"], found["summary"]["traffic"]
    assert (len(triage["days"]), triage["days"][0]) == (DAYS, {"day": "2026-10-20", "calls": 10})
    assert (triage["output_tokens_p50"], triage["output_tokens_p90"]) == (7, 7)
    assert triage["hint"]["output_space"] == "label"
    assert (summary["output_tokens_p50"], summary["hint"]["output_space"]) == (430, "free")
    assert [use["model"] for use in summary["models"]] == ["gpt-5.6-terra"]
    assert found[None]["traffic"]["output_tokens_p50"] is None
    assert triage["growth"] is None
    assert "code" not in {each["traffic"]["look_first"] for each in found.values()}
    assert found["triage"]["usage"]["latency_p50_ms"] == pytest.approx(800, rel=0.05)


def test_the_summary_and_the_page_tell_the_same(run: Run, tmp_path: Path) -> None:
    """The command prints a table with a total and names the page; the page holds the same figures."""
    write_log(tmp_path / "calls.csv")
    done = run("calls.csv", "--out", "found.html")
    assert done.exit_code == 0, done.output
    page = (tmp_path / "found.html").read_text(encoding="utf-8")
    assert "$4.04 spent; 3 features found, from 2026-10-20 to 2026-11-18." in done.stdout
    assert "<h1>$4.04 spent; 3 features found</h1>" in page
    assert "6,000 calls not priced" in done.stdout
    assert "(unattributed)" in done.stdout
    assert str(tmp_path / "found.html") in done.stderr.replace("\n", "")


def test_nothing_of_the_prompts_and_nobodys_database(run: Run, tmp_path: Path) -> None:
    """No word of a prompt column is on the page or in the output; the user's database is not even made."""
    assert "prompt" not in CALL_COLUMNS
    write_log(tmp_path / "calls.csv")
    done = run("calls.csv", "--json")
    assert PRIVATE not in done.output + (tmp_path / "scan.html").read_text(encoding="utf-8")
    assert not (tmp_path / "users.db").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calls.csv", "scan.html"]


def test_a_log_without_a_column_is_filled(run: Run, tmp_path: Path) -> None:
    """--set gives every row the feature and the model that the log does not name; several logs are one scan."""
    for number in (1, 2):
        rows = [f"2026-11-{day:02}T0{number}:00:00Z,1000,10" for day in range(1, 21)]
        text = "\n".join(["timestamp,input_tokens,output_tokens", *rows])
        (tmp_path / f"{number}.csv").write_text(text, encoding="utf-8")
    done = run("1.csv", "2.csv", "--set", "feature=triage", "--set", "model=gpt-6-luna", "--json")
    found = documents(done)
    assert {name: each["usage"]["calls"] for name, each in found.items()} == {"triage": 40}
    assert (found["triage"]["verdict"], found["triage"]["code"]) == ("watch", "cold_start")


def test_rejected_rows_need_a_person(run: Run, tmp_path: Path) -> None:
    """Exit 3, each rejected row in a named file and counted on the page; the rest is scanned."""
    write_log(tmp_path / "calls.csv", wrong_rows=2)
    done = run("calls.csv", "--json")
    assert done.exit_code == 3
    assert len(json.loads(done.stdout)) == 4
    lines = (tmp_path / "calls.csv.rejected.csv").read_text(encoding="utf-8").splitlines()
    assert (lines[0].split(",")[:5], len(lines)) == (
        ["rejected_row", "rejected_field", "reason", "cure", "timestamp"],
        3,
    )
    assert lines[1].startswith("1201,timestamp,")
    assert "2 rows were rejected and not counted." in (tmp_path / "scan.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        pytest.param("missing.csv", None, "does not exist", id="no file"),
        pytest.param("empty.csv", "", "is empty", id="empty"),
        pytest.param("other.csv", "colour\nred\n", "no columns of calls", id="another kind"),
        pytest.param("a.csv", "timestamp,model,cost_usd\nyesterday,m,1\n", "none of its 1 row", id="only wrong rows"),
        pytest.param(
            "e.csv",
            "feature,metric,score,n,timestamp\nf,acc,0.9,10,2026-11-01T00:00:00Z\n",
            "holds no calls",
            id="only evals",
        ),
    ],
)
def test_a_log_that_cannot_be_read_writes_nothing(
    run: Run, tmp_path: Path, name: str, text: str | None, words: str
) -> None:
    """Exit 2 with the cure, and no page."""
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = run(name, "--json")
    assert done.exit_code == 2, done.output
    document = json.loads(done.stdout)
    assert words in document["error"]
    assert document["cure"]
    assert not (tmp_path / "scan.html").exists()


def test_a_page_that_cannot_be_written_is_told(run: Run, tmp_path: Path) -> None:
    """Exit 2 with the path and the cure."""
    write_log(tmp_path / "calls.csv")
    done = run("calls.csv", "--out", "no/such/folder.html", "--json")
    assert (done.exit_code, json.loads(done.stdout)["field"]) == (2, "--out")


def test_a_log_of_years_ago_is_judged_then(run: Run, tmp_path: Path) -> None:
    """As of the day after its last call, at the prices then in force, whatever today is."""
    rows = [f"2025-06-{day:02}T10:00:00Z,a,openai,o3,1000,1000,1000000,100" for day in range(1, 29)]
    header = "timestamp,feature,provider,model,calls,latency_ms,input_tokens,output_tokens"
    (tmp_path / "old.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    found = documents(run("old.csv", "--json"))["a"]
    assert found["as_of"] == "2025-06-29T00:00:00Z"
    # $10 a million tokens until the cut of 2025-06-10, $2 since.
    day = [Decimal(10) + Decimal("0.004"), Decimal(2) + Decimal("0.0008")]
    assert Decimal(found["usage"]["cost_usd"]) == 9 * day[0] + 19 * day[1]
