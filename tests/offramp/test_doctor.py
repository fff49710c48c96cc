"""The doctor names what a newcomer gets wrong, each with its cure, and never writes."""

import json
import re
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from db.session import transaction
from db.store.usage import record_calls
from offramp import config
from offramp.actions.doctor import doctor
from offramp.actions.findings import Finding
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.register import register
from offramp.cli.main import app
from strategy.facts import Call

_NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def _found(url: str, now: datetime = _NOW) -> Mapping[str, Finding]:
    return {finding.check: finding for finding in doctor(url, [], timezone="UTC", now=now)}


def _call(number: int, feature: str | None, at: datetime, model: str = "gpt-5.6-luna") -> Call:
    return Call(
        key=number.to_bytes(16),
        at=at,
        feature=feature,
        provider="openai",
        model=model,
        source="file",
        input_tokens=800,
        output_tokens=60,
    )


def test_a_new_database_is_told_what_to_do_first(database_url: str) -> None:
    """Nothing registered, nothing counted, an empty book and no scheduler are four lines with four cures."""
    found = _found(database_url)
    amiss = [name for name, finding in found.items() if not finding.ok and name != "durability"]
    assert amiss == ["features", "traffic", "price book", "jobs"]
    assert all(found[name].cure for name in amiss)
    assert found["schema"].ok


def test_what_is_well_is_said_to_be_well(engine: Engine, database_url: str) -> None:
    """A registered feature with priced calls of today leaves only the evals and the scheduler to see to."""
    register(engine, [{"slug": "triage", "strategy": "prompt"}], at=_NOW, by="test")
    fill_book(engine, _NOW)
    with transaction(engine) as session:
        record_calls(session, [_call(n, "triage", _NOW - timedelta(hours=2)) for n in range(9)], _NOW)
    resolve_names(engine, _NOW)
    found = _found(database_url)
    assert [name for name, item in found.items() if not item.ok and name != "durability"] == ["evals", "jobs"]
    assert found["evals"].detail == "1 of 1 feature without an eval score: triage"
    assert found["traffic"].detail == "the newest call is of 2026-11-22 08:00 UTC"


def test_traffic_that_tells_of_trouble_is_told(engine: Engine, database_url: str) -> None:
    """Silence, calls nobody claims, an unregistered feature and an unknown model are four different lines."""
    old = _NOW - timedelta(days=5)
    calls = [_call(1, None, old), _call(2, "shadow", old), _call(3, "shadow", old, model="house-llm-9")]
    with transaction(engine) as session:
        record_calls(session, calls, old)
    fill_book(engine, _NOW)
    resolve_names(engine, _NOW)
    found = _found(database_url)
    assert "nothing since" in found["traffic"].detail
    assert found["unattributed"].detail == "1 of 3 calls in 28 days (33.3%) name no feature"
    assert found["discovered"].detail == "nobody registered shadow"
    assert "openai/house-llm-9" in found["unpriced"].detail
    assert "to come" in _found(database_url, now=_NOW - timedelta(days=9))["traffic"].detail


def test_a_model_that_just_came_is_not_yet_without_a_price(engine: Engine, database_url: str) -> None:
    """Until a scheduler's tick has looked its name up nobody needs a price of their own for it."""
    fill_book(engine, _NOW)
    with transaction(engine) as session:
        record_calls(session, [_call(1, "triage", _NOW - timedelta(hours=1))], _NOW)
    found = _found(database_url)["unpriced"]
    assert (found.ok, "not yet looked up" in found.detail) == (True, True)
    resolve_names(engine, _NOW)
    assert _found(database_url)["unpriced"].detail == "0 of 1 call in 28 days (0.0%) have no price"


def test_an_old_price_book_is_an_alarm(engine: Engine, database_url: str) -> None:
    """Thirty days are fresh, thirty-one are not."""
    fill_book(engine, _NOW)
    assert _found(database_url, _NOW + timedelta(days=30))["price book"].ok
    assert not _found(database_url, _NOW + timedelta(days=31))["price book"].ok


def test_a_database_that_is_missing_is_not_made(tmp_path: Path) -> None:
    """The doctor names it and its cure, and leaves the folder empty."""
    found = _found(f"sqlite:///{tmp_path / 'none.db'}")
    assert not found["database"].ok
    assert "offramp migrate" in str(found["database"].cure)
    assert "traffic" not in found
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_away_shows_no_password() -> None:
    """What is not reachable is said without the secret of its URL."""
    found = _found("postgresql://app:hunter2@127.0.0.1:1/offramp")
    assert not found["database"].ok
    assert "hunter2" not in json.dumps([finding.document() for finding in found.values()])


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    """Garbage in the file is a finding, not a trace."""
    file = tmp_path / "broken.db"
    file.write_bytes(b"not a database at all" * 400)
    assert "not a database" in _found(f"sqlite:///{file}")["database"].detail


def test_a_torn_file_fails_the_integrity_check(sqlite_template: Path, tmp_path: Path) -> None:
    """A page overwritten in the middle is found, and the cure is the back-up."""
    file = tmp_path / "torn.db"
    with sqlite3.connect(sqlite_template) as source, sqlite3.connect(file) as copy:
        source.backup(copy)
        (root,) = copy.execute("SELECT rootpage FROM sqlite_master WHERE name = 'feature'").fetchone()
        (size,) = copy.execute("PRAGMA page_size").fetchone()
    source.close()
    copy.close()
    with file.open("r+b") as raw:
        raw.seek((root - 1) * size)
        raw.write(b"\xff" * size)
    found = _found(f"sqlite:///{file}")
    assert not found["integrity"].ok
    assert "back-up" in str(found["integrity"].cure)


def test_a_server_that_forgets_what_it_acknowledged_is_amiss(engine: Engine, database_url: str) -> None:
    """The tests' PostgreSQL runs with fsync off, which is just what the doctor is to find."""
    found = _found(database_url)
    assert ("durability" in found) is (engine.dialect.name == "postgresql")
    assert not found["durability"].ok if "durability" in found else found["integrity"].ok


def test_settings_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt name, gRPC and a wrong path are told; a good environment is not."""
    for name in ("OFFRAMP_LATE_WINDOW", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert config.setting_troubles() == []
    monkeypatch.setenv("OFFRAMP_TIMEZON", "UTC")
    monkeypatch.setenv("OFFRAMP_LATE_WINDOW", "soon")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:8501")
    told = config.setting_troubles()
    assert [line.split()[0] for line in told] == [
        "OFFRAMP_TIMEZON",
        "late",
        "OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    ]


def test_every_setting_that_is_read_is_known() -> None:
    """A new variable in config is one the doctor knows."""
    source = Path(config.__file__).read_text(encoding="utf-8")
    assert set(re.findall(r"OFFRAMP_[A-Z0-9_]*[A-Z0-9]", source)) - {"OFFRAMP_TEST"} == config.SETTINGS


def test_a_zone_that_is_none_is_named() -> None:
    """The report's time zone is checked before Monday comes."""
    (zone,) = [item for item in doctor("sqlite://", [], timezone="Mars/North", now=_NOW) if item.check == "time zone"]
    assert not zone.ok
    assert "Mars/North" in zone.detail


def test_the_command_ends_with_three_where_something_is_amiss(database_url: str) -> None:
    """`doctor --json` is a list of findings; the exit code says that a person is needed."""
    done = CliRunner().invoke(app, ["--db", database_url, "doctor", "--json"])
    assert done.exit_code == 3
    found = json.loads(done.stdout)
    assert set(found[0]) == {"check", "ok", "detail", "cure"}
    shown = CliRunner().invoke(app, ["--db", database_url, "doctor"])
    assert "look features" in shown.stdout
    assert "→ `offramp register FILE`" in shown.stdout
