"""What is backed up can be restored, to either kind of database, and every figure is the same."""

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from typer.testing import CliRunner

from db.migrate import upgrade
from db.session import make_engine, reading, transaction
from db.store.scores import record_scores
from db.store.usage import record_calls
from db.tables import FeatureRow, PriceRow, UsageLedger
from db.transfer import Unequal, copy_all, sums
from offramp.actions.backup import BackupError, back_up, copy_to, restore
from offramp.actions.failure import BadInput
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.register import register
from offramp.actions.review import review
from offramp.actions.usage import usage
from offramp.cli.main import app
from offramp.policy import load_policy
from strategy.facts import Call, Score

_NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def _quiet(_table: str, _rows: int) -> None:
    """No progress bar."""


def _call(number: int) -> Call:
    return Call(
        key=number.to_bytes(16),
        at=_NOW - timedelta(hours=number % 900),
        feature=("triage", "日本語 ✨", None)[number % 3],
        provider="openai",
        model="gpt-5.6-luna",
        source="file",
        input_tokens=800 + number,
        output_tokens=60,
        cost_usd=Decimal("0.000000001"),
        latency_ms=12.5,
    )


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """A feature, its calls, prices, scores and a verdict."""
    register(engine, [{"slug": "triage", "strategy": "prompt", "model": "openai/gpt-5.6-luna"}], at=_NOW, by="test")
    fill_book(engine, _NOW)
    with transaction(engine) as session:
        record_calls(session, [_call(n) for n in range(600)], _NOW)
        score = Score(key=b"s" * 16, feature="triage", metric="accuracy", score=Decimal("0.90"), n=400, at=_NOW)
        record_scores(session, [score])
    resolve_names(engine, _NOW)
    review(engine, load_policy(), as_of=_NOW, now=_NOW)
    return engine


@pytest.fixture
def empty(tmp_path: Path, create_postgres: Callable[[str | None], str]) -> Callable[[str], Engine]:
    """Makes an empty database of a kind."""

    def make(kind: str) -> Engine:
        return make_engine(f"sqlite:///{tmp_path / 'other.db'}" if kind == "sqlite" else create_postgres(None))

    return make


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_restored_database_tells_the_same(
    filled: Engine, empty: Callable[[str], Engine], tmp_path: Path, kind: str
) -> None:
    """Back up, restore into either kind: the same rows to the bit, the same usage, and new rows can be added."""
    file = tmp_path / "backup.db"
    before = sums(filled)
    assert back_up(filled, file, _quiet).tables == tuple(before)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("backup")] == ["backup.db"]
    other = empty(kind)
    assert restore(other, file, _quiet).tables == tuple(before)
    assert usage(other).document() == usage(filled).document()
    register(other, [{"slug": "second"}], at=_NOW, by="test")
    with reading(other) as session:
        assert session.scalar(select(func.count(FeatureRow.id))) == 2
    other.dispose()


def test_a_copy_there_and_back_is_the_same(filled: Engine, empty: Callable[[str], Engine], tmp_path: Path) -> None:
    """SQLite to PostgreSQL to SQLite (or the other way about) loses nothing."""
    away = empty("postgres" if filled.dialect.name == "sqlite" else "sqlite")
    copy_to(filled, away, _quiet)
    back = make_engine(f"sqlite:///{tmp_path / 'back.db'}")
    assert copy_to(away, back, _quiet).tables == tuple(sums(filled))
    away.dispose()
    back.dispose()


def test_nothing_is_written_over(filled: Engine, tmp_path: Path) -> None:
    """A file that exists, a database that holds rows and a missing folder are refused with their cure."""
    file = tmp_path / "backup.db"
    back_up(filled, file, _quiet)
    with pytest.raises(BadInput, match="replaces none"):
        back_up(filled, file, _quiet)
    with pytest.raises(BadInput, match="is not empty"):
        restore(filled, file, _quiet)
    with pytest.raises(BadInput, match="no folder"):
        back_up(filled, tmp_path / "none" / "b.db", _quiet)
    with pytest.raises(BadInput, match="no file"):
        restore(filled, tmp_path / "none.db", _quiet)


def test_a_damaged_back_up_is_refused(filled: Engine, empty: Callable[[str], Engine], tmp_path: Path) -> None:
    """A torn file, a text and another program's database are no back-ups; the database stays without a row."""
    file, other = tmp_path / "backup.db", empty("sqlite")
    back_up(filled, file, _quiet)
    torn = tmp_path / "torn.db"
    torn.write_bytes(file.read_bytes()[:-8192])
    with pytest.raises(BackupError):
        restore(other, torn, _quiet)
    (tmp_path / "text.db").write_text("a text" * 900)
    with pytest.raises(BackupError):
        restore(other, tmp_path / "text.db", _quiet)
    with sqlite3.connect(tmp_path / "foreign.db") as foreign:
        foreign.execute("CREATE TABLE songs (name TEXT)")
    foreign.close()
    with pytest.raises(BadInput, match="no database of Offramp"):
        restore(other, tmp_path / "foreign.db", _quiet)
    other.dispose()


def test_a_copy_that_differs_is_not_kept(filled: Engine, empty: Callable[[str], Engine]) -> None:
    """A target that changes a value on its way in (here by a trigger) stays empty, and the table is named."""
    other = empty("sqlite")
    upgrade(other)
    with other.execution_options(write=True).begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER wrong AFTER INSERT ON feature BEGIN UPDATE feature SET owner = 'x' WHERE id = NEW.id; END"
        )
    with pytest.raises(Unequal, match="feature: rows sent 1, arrived 1"):
        copy_all(filled, other)
    assert sum(table.rows for table in sums(other)) == 0
    other.dispose()


def test_a_back_up_is_one_instant_while_others_write(filled: Engine, tmp_path: Path) -> None:
    """Calls counted during the back-up are in it whole or not at all: ledger and rollups agree."""
    stop = threading.Event()

    def write() -> None:
        number = 10_000
        while not stop.is_set():
            with transaction(filled) as session:
                record_calls(session, [_call(number), _call(number + 1)], _NOW)
            number += 2

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for turn in range(5):
            back_up(filled, tmp_path / f"{turn}.db", _quiet)
    finally:
        stop.set()
        writer.join()
    for turn in range(5):
        copy = make_engine(f"sqlite:///{tmp_path / f'{turn}.db'}")
        with reading(copy) as session:
            keys = session.scalar(select(func.count(UsageLedger.key)))
        assert usage(copy).total.calls == keys
        copy.dispose()


def test_a_full_disk_leaves_no_half_a_back_up(filled: Engine, database_url: str, tmp_path: Path) -> None:
    """Where the file cannot grow, the command says so and leaves nothing."""
    file = tmp_path / "small" / "backup.db"
    file.parent.mkdir()
    with reading(filled) as session:
        assert session.scalar(select(func.count(PriceRow.id)))
    url = database_url

    filled.dispose()
    done = subprocess.run(
        ["/bin/sh", "-c", f'ulimit -f 200; exec "$0" -m offramp --db "$1" backup {file}', sys.executable, url],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "error:" in done.stderr
    assert list(file.parent.iterdir()) == []


def test_the_commands_tell_what_they_did(filled: Engine, database_url: str, tmp_path: Path) -> None:
    """`backup`, `restore` and `copy` count the rows; the same database is no target."""
    url, file = database_url, tmp_path / "b.db"
    run = CliRunner().invoke
    done = run(app, ["--db", url, "backup", str(file), "--json"])
    assert (done.exit_code, json.loads(done.stdout)["rows"]) == (0, sum(table.rows for table in sums(filled)))
    restored = run(app, ["--db", f"sqlite:///{tmp_path / 'r.db'}", "restore", str(file)])
    assert restored.exit_code == 0
    assert "all compared" in restored.stdout
    copied = run(app, ["--db", url, "copy", "--to", f"sqlite:///{tmp_path / 'c.db'}"])
    assert copied.exit_code == 0
    assert run(app, ["--db", url, "copy", "--to", url]).exit_code == 2
