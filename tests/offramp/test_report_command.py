"""`offramp report --send`, `--test` and `--dry-run` keep their contract: who got it, and the exit code."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from offramp.cli.context import shared
from offramp.cli.main import app
from tests.sinks import NEVER, TAKES, MailSink, mail_sink

Run = Callable[..., Result]
_FILE = (
    "smtp: {{host: 127.0.0.1, port: {port}, security: none, sender: offramp@example.org}}\n"
    "channels: [{{name: leads, email: [ana@example.org, ben@example.org]}}]\n"
)


@pytest.fixture
def run(sqlite_url: str) -> Iterator[Run]:
    """Run the command about last week's letter."""

    def call(*words: str) -> Result:
        return CliRunner().invoke(app, ["--db", sqlite_url, "report", "--week", "2026-W46", *words])

    yield call
    shared.db = None


@pytest.fixture
def sink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailSink]:
    """A mail server, named by the file of channels; it never takes Ben's letters."""
    with mail_sink(lambda to: NEVER if to.startswith("ben") else TAKES) as found:
        path = tmp_path / "channels.yaml"
        path.write_text(_FILE.format(port=found.port), encoding="utf-8")
        monkeypatch.setenv("OFFRAMP_CHANNELS", str(path))
        yield found


def test_send_sends_once_and_says_who_has_it(run: Run, sink: MailSink) -> None:
    """Exit 3 while one has not arrived; sending again sends nothing and says the same."""
    for _ in range(2):
        done = run("--send", "--json")
        assert done.exit_code == 3
        assert [(line["recipient"], line["state"], line["detail"]) for line in json.loads(done.stdout)] == [
            ("ana@example.org", "sent", "taken by 127.0.0.1"),
            ("ben@example.org", "failed", "554 5.6.0 never"),
        ]
    assert [mail["To"] for mail in sink.taken] == ["ana@example.org"]


def test_a_dry_run_sends_and_keeps_nothing(run: Run, sink: MailSink) -> None:
    """It names everybody who would get the letter and exits 0; nothing is in the outbox afterwards."""
    for words in (("--dry-run",), ("--send", "--dry-run")):
        done = run(*words, "--json")
        assert done.exit_code == 0
        assert [line["state"] for line in json.loads(done.stdout)] == ["would send", "would send"]
    assert sink.taken == []


def test_a_test_goes_to_one_address(run: Run, sink: MailSink) -> None:
    """Exit 0 with the server's word, 1 where it was not taken, 2 where nobody of that name is known."""
    assert run("--test", "eve@example.org").exit_code == 0
    assert run("--test", "ben@example.org").exit_code == 1
    assert run("--test", "nobody").exit_code == 2
    assert run("--test", "eve@example.org", "--send").exit_code == 2
    assert [mail["To"] for mail in sink.taken] == ["eve@example.org"]


def test_without_channels_sending_is_bad_usage(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 2, with what to set."""
    monkeypatch.delenv("OFFRAMP_CHANNELS", raising=False)
    done = run("--send", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["cure"] == "OFFRAMP_CHANNELS names a file of channels; docs/channels.md shows one"
