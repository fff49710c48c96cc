"""The price commands keep their contract: exit codes, JSON, and nothing saved where nothing should be."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from offramp.cli.context import shared
from offramp.cli.main import app

Run = Callable[..., Result]
LUNA = "openai/gpt-5.6-luna"
CALLS = "timestamp,feature,provider,model,calls,input_tokens,output_tokens\n" + "".join(
    f"2026-11-{day:02}T10:00:00Z,triage,openai,gpt-5.6-luna,100000,80000000,6000000\n" for day in range(1, 21)
)
FEATURES = f"features:\n  - {{slug: triage, model: {LUNA}, strategy: prompt}}\n"


@pytest.fixture
def run(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command on a database with one feature, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OFFRAMP_PRICES_URL", raising=False)

    def call(*words: str, text: str | None = None) -> Result:
        return CliRunner().invoke(app, ["--db", sqlite_url, *words], input=text)

    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    assert call("register", "-", text=FEATURES).exit_code == 0
    assert call("load", "calls.csv").exit_code == 0
    assert call("review", "--as-of", "2026-11-21").exit_code == 0
    yield call
    shared.db = None


def test_both_times_from_the_command_line(run: Run) -> None:
    """--at is when it is charged, --as-of when it was known; options may stand before the model."""
    told = [
        line["usd_per_mtok"]
        for words in (
            (LUNA, "--at", "2026-07-29"),
            (LUNA, "--at", "2026-07-30"),
            (LUNA, "--at", "2026-08-30", "--as-of", "2026-07-29"),
            ("--at", "2026-08-30", LUNA),
        )
        for line in json.loads(run("prices", *words, "--json").stdout)["prices"]
        if (line["kind"], line["tier_min_input_tokens"]) == ("input", 0)
    ]
    assert told == ["1.00", "0.20", "1.00", "0.20"]
    assert run("prices", LUNA, "--at", "2020-01-01").exit_code == 3


def test_a_refresh_a_yes_and_a_no(run: Run, tmp_path: Path) -> None:
    """3 while something waits, 0 when nothing does; a correction tells which figures it would move."""
    rows = f"model,input,output,valid_from\n{LUNA},0.3,1.2,2026-11-10\nanthropic/claude-sonnet-4-5,33,15,\n"
    (tmp_path / "prices.csv").write_text(rows, encoding="utf-8")
    done = run("prices", "refresh", "--file", "prices.csv", "--json")
    assert done.exit_code == 3
    assert json.loads(done.stdout)["waiting"] == 2
    found = {each["model"]: each for each in json.loads(run("prices", "proposals", "--json").stdout)}
    back, typo = found[LUNA], found["anthropic/claude-sonnet-4-5"]
    assert (back["change"], back["status"], typo["status"]) == ("back_dated", "open", "quarantined")
    # 80 Mtok a day on the eleven days from the 10th to the 20th, ten cents more each.
    assert back["effect"]["moved_usd"] == "88.00"
    assert len(back["effect"]["figures"]) == 11
    assert back["effect"]["figures"][0] == {
        "feature": "triage",
        "day": "2026-11-10",
        "before_usd": "23.20",
        "after_usd": "31.20",
    }
    assert run("prices", "reject", str(typo["id"])).exit_code == 0
    accepted = json.loads(run("prices", "accept", "all", "--json").stdout)
    assert [(each["id"], each["status"]) for each in accepted] == [(back["id"], "accepted")]
    assert json.loads(run("prices", "proposals", "--json").stdout) == []
    total = json.loads(run("usage", "--json").stdout)["total"]["cost_usd"]
    assert total == "552"
    assert run("prices", "refresh", "--json").exit_code == 0
    assert run("prices", "accept", "999").exit_code == 2
    assert run("prices", "accept", "one").exit_code == 2
    assert run("prices", "refresh", "--file", "nowhere.csv").exit_code == 2


def test_what_if_saves_nothing(run: Run) -> None:
    """At the price of before the cut a month would cost five times as much; afterwards all is as it was."""
    before = run("prices", "changes", "--json").stdout
    told = json.loads(run("prices", "what-if", f"{LUNA}=1:6", "--as-of", "2026-11-21", "--json").stdout)
    assert (told["now_usd_month"], told["then_usd_month"]) == ("696.00", "3480.00")
    assert [row["feature"] for row in told["features"]] == ["triage"]
    printed = run("prices", "what-if", f"{LUNA}=1:6", "--as-of", "2026-11-21").stdout
    assert "a month costs $696.00 and would cost $3,480.00; nothing saved" in printed
    assert run("prices", "changes", "--json").stdout == before
    for wrong in (f"{LUNA}=free", "nobody/nothing=1", LUNA, f"{LUNA}=1:2:3"):
        assert run("prices", "what-if", wrong).exit_code == 2


def test_the_history_with_what_became_of_each_price(run: Run) -> None:
    """The first price is superseded, the cut is active, an announced rise is scheduled."""
    told = json.loads(run("prices", "changes", LUNA, "--json").stdout)
    base = [
        row
        for row in told
        if (row["kind"], row["processing"], row["tier_min_input_tokens"]) == ("input", "standard", 0)
    ]
    assert [(row["old"], row["new"], row["status"], row["recorded_by"]) for row in base] == [
        (None, "1.00", "superseded", "history"),
        ("1.00", "0.20", "active", "history"),
    ]
    rise = json.loads(run("prices", "changes", "google/gemini-3.7-flash", "--json").stdout)
    assert {row["status"] for row in rise if row["valid_from"].startswith("2027")} <= {"scheduled", "active"}
    assert "superseded" in run("prices", "changes").stdout


def test_own_prices_and_lists_from_the_command_line(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`own` takes a YAML; a URL that cannot be asked leaves the book as it is and says so with 3."""
    own = "prices:\n  - {model: acme/house, input: '1', from: 2026-06-01}\n  - {model: acme/other, from: 2026-06-01}\n"
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    done = run("prices", "own", "own.yaml")
    assert done.exit_code == 3
    assert "1 new line in" in done.stdout
    assert json.loads(run("prices", "acme/house", "--json").stdout)["prices"][0]["usd_per_mtok"] == "1.00"
    monkeypatch.setenv("OFFRAMP_PRICES_URL", "http://127.0.0.1:9/prices.json")
    refused = run("prices", "refresh")
    assert refused.exit_code == 3
    assert "stays as it is: 127.0.0.1 is not a public address" in refused.stderr.replace("\n", " ")
    assert run("prices", LUNA).exit_code == 0
