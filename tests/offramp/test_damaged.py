"""A damaged file is told with its cure; what is acknowledged meanwhile waits in the journal for the mended one."""

import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from db.journal import Journal
from db.session import engine_for, make_engine, reading
from db.tables import Rollup, UsageLedger
from offramp.actions.backup import back_up
from offramp.actions.spill import drain
from offramp.cli.main import app
from offramp.serve.service import Service
from tests.offramp.live_server import AT, Live, serving
from tests.offramp.spans import PROTOBUF, protobuf_body

_EARLIER = AT - timedelta(hours=1)


def _header(file: Path) -> None:
    _write(file, 0, b"garbage!" * 8)


def _page(file: Path) -> None:
    connection = sqlite3.connect(file)
    (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'rollup'").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    _write(file, (root - 1) * size, b"\xff" * size)


def _end(file: Path) -> None:
    with file.open("r+b") as raw:
        raw.truncate(file.stat().st_size // 2)


def _write(file: Path, at: int, data: bytes) -> None:
    with file.open("r+b") as raw:
        raw.seek(at)
        raw.write(data)


def _send(live: Live, *numbers: int) -> int:
    return live.client.post("/v1/traces", content=protobuf_body(numbers, _EARLIER), headers=PROTOBUF).status_code


@pytest.mark.parametrize("damage", [_header, _page, _end], ids=["header", "page", "cut-short"])
def test_what_comes_while_the_file_is_damaged_is_counted_after_the_restore(
    damage: Callable[[Path], None], sqlite_url: str, tmp_path: Path
) -> None:
    """Acknowledged before: in the back-up. Acknowledged since: in the journal, once. The command says what to do."""
    file, copy = Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "backup.db"
    engine, journal = make_engine(sqlite_url), Journal(tmp_path / "a.journal")
    service = Service(engine=engine, now=lambda: AT, late_window=timedelta(hours=24), journal=journal)
    with serving(service) as live:
        assert _send(live, 1, 2) == 200
        back_up(engine, copy, lambda _table, _rows: None)
        engine.dispose()  # the last connection takes the WAL with it
        damage(file)
        assert [_send(live, 3), _send(live, 4, 5)] == [200, 200]
        assert journal.counts() == (2, 0)
        engine.dispose()
        told = CliRunner().invoke(app, ["--db", sqlite_url, "doctor"])
        assert "offramp restore" in told.output
        engine_for(sqlite_url).dispose()
        for left in ("-wal", "-shm"):
            Path(f"{file}{left}").unlink(missing_ok=True)
        shutil.copy(copy, file)
        assert drain(engine, journal) == 2
        assert _send(live, 6) == 200
        assert sum(calls for calls, _, _ in live.counted().values()) == 6
    engine.dispose()


def test_a_torn_wal_leaves_whole_commits(sqlite_url: str, tmp_path: Path) -> None:
    """Cut anywhere, the file opens sound: a commit is there whole or not at all, and the first ones stay."""
    file, engine = Path(sqlite_url.removeprefix("sqlite:///")), make_engine(sqlite_url)
    with serving(Service(engine=engine, now=lambda: AT, late_window=timedelta(hours=24))) as live:
        for body in range(6):
            assert _send(live, *range(body * 10 + 1, body * 10 + 11)) == 200
        wal = Path(f"{file}-wal").read_bytes()
        found = []
        for part in range(0, len(wal) + 1, max(1, len(wal) // 40)):
            torn = tmp_path / "torn" / f"{part}.db"
            torn.parent.mkdir(exist_ok=True)
            shutil.copy(file, torn)
            Path(f"{torn}-wal").write_bytes(wal[:part])
            found.append(_sound_calls(torn))
    engine.dispose()
    assert found == sorted(found)
    assert set(found) <= set(range(0, 61, 10))
    assert found[-1] >= 50


def _sound_calls(file: Path) -> int:
    engine = make_engine(f"sqlite:///{file}")
    with reading(engine) as session:
        assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        calls = int(session.scalar(select(func.sum(Rollup.calls))) or 0)
        assert session.scalar(select(func.count()).select_from(UsageLedger)) == calls
    engine.dispose()
    return calls


def test_a_command_tells_of_a_damaged_file_and_its_cure(sqlite_url: str) -> None:
    """One sentence on stderr that names the cure, and exit code 1."""
    _header(Path(sqlite_url.removeprefix("sqlite:///")))
    done = CliRunner().invoke(app, ["--db", sqlite_url, "usage"])
    assert done.exit_code == 1
    assert "file is not a database" in done.stderr
    assert "offramp restore" in done.stderr
