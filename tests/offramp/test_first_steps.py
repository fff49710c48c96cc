"""What a newcomer mistypes or lacks is said in a sentence with its cure, and leaves nothing behind."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from offramp.cli.context import shared
from offramp.cli.main import app

Run = Callable[..., Result]

READING = (
    ("alerts",),
    ("explain", "triage"),
    ("export", "--focus", "-"),
    ("features",),
    ("ledger",),
    ("reconcile",),
    ("report",),
    ("review",),
    ("usage",),
)

ASKING = (
    ("load", "{}/calls.csv", "--dry-run"),
    ("prices", "openai/gpt-5.6-luna"),
    ("prices", "proposals"),
)
CALLS = "timestamp,feature,model,input_tokens\n" + 2 * "2026-11-01T10:00:00Z,triage,mystery,10\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command on the database that is named, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(url: str, *words: str, text: str | None = None) -> Result:
        return CliRunner().invoke(app, ["--db", url, *words], input=text)

    yield call
    shared.db = None


def test_postgresql_without_its_driver_names_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback: the extra that is missing, as it is installed."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    done = run("postgresql://localhost/without_driver", "alerts")
    assert done.exit_code == 2
    assert "error: PostgreSQL needs the extra postgres; pip install 'offramp[postgres]'" in done.stderr


@pytest.mark.parametrize("words", READING, ids=lambda words: words[0])
def test_a_database_that_is_not_there_is_not_made_by_who_reads(run: Run, tmp_path: Path, words: tuple[str]) -> None:
    """A mistyped path is told with its cure, and no file is left there."""
    path = tmp_path / "mistyped.db"
    done = run(f"sqlite:///{path}", *words)
    assert done.exit_code == 2
    told = " ".join(done.stderr.split())
    assert f"there is no database {path}" in told
    assert "`offramp register`, `load`, `up`, `demo` or `migrate`" in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", ASKING, ids=lambda words: "-".join(words[:2]))
def test_who_only_asks_makes_no_database(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    """A price is told and a file is tried before there is a database; the file with what would have no price."""
    (tmp_path / "calls.csv").write_text(CALLS, "utf-8")
    done = run(f"sqlite:///{tmp_path / 'none.db'}", *(word.format(tmp_path) for word in words))
    assert done.exit_code == 0, done.stderr
    assert "yet, and none is made" in done.stderr
    assert ("2 calls without a price, cost not known (such as mystery)" in done.stderr) is (words[0] == "load")
    assert [path.name for path in tmp_path.iterdir()] == ["calls.csv"]


def test_who_writes_makes_it_and_says_so(run: Run, tmp_path: Path) -> None:
    """The first registration makes the database; the second finds it."""
    features = "features:\n  - slug: triage\n    owner: care\n    task: {determinism: no}\n"
    url = f"sqlite:///{tmp_path / 'mine.db'}"
    assert "a new database" in run(url, "register", "-", text=features).stderr
    assert "a new database" not in run(url, "register", "-", text=features).stderr


@pytest.mark.parametrize(
    ("url", "cure"),
    [
        ("/path/mine.db", "write sqlite:////path/mine.db"),
        ("mine.db", "write sqlite:///mine.db"),
        ("mysql://me:secret@host/x", "write sqlite:////path/mine.db or postgresql://user@host/name"),
    ],
)
def test_what_is_no_url_is_told_how_to_write_it(run: Run, url: str, cure: str) -> None:
    """A path, or a database of another kind; a password is never shown."""
    done = run(url, "alerts")
    assert done.exit_code == 2
    assert cure in " ".join(done.stderr.split())
    assert "secret" not in done.stderr


def test_a_mistyped_or_unregistered_feature_is_told_what_to_do(run: Run, tmp_path: Path) -> None:
    """`explain` names the feature that was meant; one that is only in traffic is to be registered first."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    features = "features:\n  - slug: mail-router\n    owner: care\n    task: {determinism: no}\n"
    calls = "timestamp,feature,model,input_tokens,output_tokens\n2026-11-19T10:00:00Z,night-shift,gpt-6-luna,1,1\n"
    (tmp_path / "calls.csv").write_text(calls, encoding="utf-8")
    assert run(url, "register", "-", text=features).exit_code == 0
    assert run(url, "load", "calls.csv").exit_code == 0
    cures = {"mail-roter": "did you mean mail-router?", "night-shift": "`offramp features night-shift` suggests how"}
    cures |= {"mail-router": "run `offramp review`", "elsewhere": "see `offramp features`"}
    for slug, cure in cures.items():
        done = run(url, "explain", slug)
        assert (done.exit_code, cure in " ".join(done.stderr.split())) == (2, True)


@pytest.mark.parametrize(
    ("words", "content", "cure"),
    [
        (("load", "features.yaml"), "features:\n  - slug: a\n", "`offramp register features.yaml`"),
        (("register", "calls.csv"), "timestamp,model\n", "`offramp load calls.csv`"),
        (
            ("load", "a.csv"),
            "time,llm,prompt_tokens\n",
            "did you mean --rename time=timestamp --rename llm=model --rename prompt_tokens=input_tokens?",
        ),
        (
            ("load", "b.csv"),
            "date,model,input_tokens\n",
            "has no column timestamp; did you mean --rename date=timestamp?",
        ),
        (("load", "c.csv"), "timestamp,model,prompt_tokens\n", "did you mean --rename prompt_tokens=input_tokens?"),
        (("load", "d.csv"), "model,input_tokens\n", "--set timestamp=VALUE"),
    ],
    ids=lambda item: item[1] if isinstance(item, tuple) else "",
)
def test_the_wrong_file_names_the_right_command(
    run: Run, tmp_path: Path, words: tuple[str, str], content: str, cure: str
) -> None:
    """Features given to `load`, calls given to `register`, and columns under another's names."""
    (tmp_path / words[1]).write_text(content, encoding="utf-8")
    done = run(f"sqlite:///{tmp_path / 'a.db'}", *words)
    assert done.exit_code == 2
    assert cure in " ".join(done.stderr.split())


def test_load_counts_calls_of_no_feature_and_of_no_price(run: Run, tmp_path: Path) -> None:
    """A file without features, and a model nobody prices, are said where the file is read: in calls, not rows."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    head = "timestamp,model,calls,input_tokens,output_tokens\n"
    rows = "2026-11-19T10:00:00Z,gpt-6-luna,1000,10,1\n2026-11-19T11:00:00Z,no-such-model,1,10,1\n"
    (tmp_path / "calls.csv").write_text(head + rows, encoding="utf-8")
    (document,) = json.loads(run(url, "load", "calls.csv", "--json").stdout)
    assert (document["unattributed_calls"], document["unpriced_calls"]) == (1001, 1)
    done = run(url, "load", "calls.csv")
    assert "1,001 calls of no feature" in done.stderr
    assert "1 call without a price, cost not known (such as no-such-model)" in done.stderr


def test_a_total_that_is_billed_says_that_its_rows_are_not(run: Run, tmp_path: Path) -> None:
    """Bills know no features: where the total is theirs, one line says why the rows do not add up to it."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    (tmp_path / "calls.csv").write_text(
        "timestamp,feature,provider,model,input_tokens,output_tokens\n2026-11-01T10:00:00Z,triage,openai,gpt-4o,10,1\n"
    )
    (tmp_path / "bill.csv").write_text("provider,day,amount_usd\nopenai,2026-11-01,5\n")
    run(url, "load", str(tmp_path / "calls.csv"), str(tmp_path / "bill.csv"))
    assert "the total is what was billed, and its rows do not add up to it" in run(url, "usage").stderr
    assert "the total is what was billed" not in run(url, "usage", "--by", "day").stderr


def test_a_header_without_rows_is_told_as_that(run: Run, tmp_path: Path) -> None:
    """An export of a quiet day loads, and says that it holds nothing."""
    (tmp_path / "calls.csv").write_text(CALLS.partition("\n")[0] + "\n")
    done = run(f"sqlite:///{tmp_path / 'x.db'}", "load", str(tmp_path / "calls.csv"))
    assert (done.exit_code, "it holds no row: where there should be some, export it again" in done.stderr) == (0, True)


def test_a_rejected_bill_is_written_with_a_bills_columns(run: Run, tmp_path: Path) -> None:
    """What was refused stands there under the names that a bill has."""
    (tmp_path / "bill.csv").write_text("provider,day,amount_usd\nopenai,20.11.2026,5\n")
    run(f"sqlite:///{tmp_path / 'x.db'}", "load", str(tmp_path / "bill.csv"))
    header, row = (tmp_path / "bill.csv.rejected.csv").read_text().splitlines()
    assert header == "rejected_row,rejected_field,reason,cure,provider,day,amount_usd,project,currency"
    assert row.endswith(",openai,20.11.2026,5,,")


def test_a_model_of_two_providers_is_told_twice_by_name(run: Run, tmp_path: Path) -> None:
    """No two rows of a listing read alike; a model of one provider is told as it is."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    call = "2026-11-01T10:00:00Z,triage,{},{},10,1\n".format
    (tmp_path / "calls.csv").write_text(
        "timestamp,feature,provider,model,input_tokens,output_tokens\n"
        + call("openai", "gpt-4o")
        + call("", "gpt-4o")
        + call("", "mystery")
    )
    run(url, "load", str(tmp_path / "calls.csv"))
    names = [line.split("  ")[0].strip() for line in run(url, "usage", "--by", "model").stdout.splitlines()]
    assert [name for name in names if "gpt" in name or "mystery" in name] == [
        "gpt-4o (no provider)",
        "mystery",
        "gpt-4o (openai)",
    ]


def test_usage_says_what_is_in_no_figure_and_what_is_unknown(run: Run, tmp_path: Path) -> None:
    """A gateway's call beside a sender's of the same day is told on stderr; tokens that nobody told are no zero."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    (tmp_path / "calls.csv").write_text("timestamp,model,cost_usd\n2026-11-01T10:00:00Z,gpt-4o,0.5\n")
    gateway = {"startTime": "2026-11-01T11:00:00Z", "model": "gpt-4o", "call_type": "acompletion", "request_id": "a"}
    log = {**gateway, "spend": 0.1, "prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11}
    (tmp_path / "gateway.jsonl").write_text(json.dumps(log) + "\n")
    run(url, "load", str(tmp_path / "calls.csv"), str(tmp_path / "gateway.jsonl"))
    done = run(url, "usage")
    assert (
        "1 call of litellm is in no figure: another source is the record of the same features and days" in done.stderr
    )
    assert "unattributed" in done.stdout
    assert done.stdout.count("unknown") == 4
