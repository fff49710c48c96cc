"""Disks of a few megabytes that fill up and are made larger again. Mounting them needs root."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import func, select

from db.migrate import upgrade
from db.session import make_engine, reading
from db.tables import Rollup, UsageLedger
from offramp import clock
from tests.faults.outages import receiver
from tests.faults.outcome import Outcome
from tests.offramp.live_server import free_port
from tests.offramp.spans import PROTOBUF, protobuf_body
from tests.processes.cluster import cluster
from tests.processes.waiting import until

_AT_ONCE = 200
# Less than what forty bodies need.
_LEFT = 300_000
_SMALL = "-c fsync=on -c synchronous_commit=on -c min_wal_size=32MB -c max_wal_size=48MB"


def can_mount() -> bool:
    """Whether this process may mount a small disk."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("mount") is not None


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """A disk in memory of this size; it goes when the block ends."""
    with tempfile.TemporaryDirectory(prefix="offramp-disk-") as name:
        subprocess.run([_tool("mount"), "-t", "tmpfs", "-o", f"size={size},mode=777", "tmpfs", name], check=True)
        try:
            yield Path(name)
        finally:
            subprocess.run([_tool("umount"), "--lazy", name], check=True)


def grow(folder: Path, size: str) -> None:
    """Make the disk larger."""
    subprocess.run([_tool("mount"), "-o", f"remount,size={size}", str(folder)], check=True)


def _tool(name: str) -> str:
    found = shutil.which(name)
    assert found is not None
    return found


def full_disk_sqlite() -> Outcome:
    """Database and journal share a disk that fills up: refusals, then room, then everything acknowledged is there."""
    with small_disk("3m") as folder:
        url = _migrated(f"sqlite:///{folder}/a.db")
        port = free_port()
        with receiver(url, port, folder / "journal"):
            acked, refused = _fill(port, most=60)
            reads = httpx.get(f"http://127.0.0.1:{port}/api/features", timeout=30).status_code
            grow(folder, "64m")
            acked |= _refilled(port)
            until(lambda: _journal_empty(port))
        return _outcome("disk full, the journal's too", url, "sqlite", acked, refused, wrong=int(reads != 200))


def full_disk_postgresql() -> Outcome:
    """The server's disk is full for a while: the receiver goes on into its journal, elsewhere; then all is counted."""
    with ExitStack() as used:
        journal = used.enter_context(tempfile.TemporaryDirectory(prefix="offramp-journal-"))
        disk = used.enter_context(small_disk("220m"))
        server = used.enter_context(cluster(folder=disk / "cluster", options=_SMALL))
        url = _migrated(server.create("full"))
        port = free_port()
        with receiver(url, port, Path(journal)):
            ballast = server.folder / "ballast"
            room = shutil.disk_usage(server.folder).free
            ballast.write_bytes(b"x" * (room - _LEFT))
            acked, refused = _fill(port, most=40)
            spilled = not _journal_empty(port)
            ballast.unlink()
            acked |= _refilled(port)
            until(lambda: _journal_empty(port), seconds=120)
        return _outcome("disk of the database full", url, "postgresql", acked, refused, wrong=int(not spilled))


def _fill(port: int, *, most: int) -> tuple[set[int], int]:
    """Send until it is refused a few times; the numbers acknowledged, and how many requests were refused."""
    acked: set[int] = set()
    refused = 0
    for place in range(most):
        numbers = range(place * _AT_ONCE + 1, (place + 1) * _AT_ONCE + 1)
        status = _post(port, numbers)
        assert status in {200, 503}, status
        if status == 200:
            acked.update(numbers)
        else:
            refused += 1
        if refused > 5:
            break
    return acked, refused


def _refilled(port: int) -> set[int]:
    numbers = range(1_000_001, 1_000_001 + _AT_ONCE)
    until(lambda: _post(port, numbers) == 200)
    return set(numbers)


def _post(port: int, numbers: range) -> int:
    body = protobuf_body(numbers, clock.now() - timedelta(minutes=10))
    try:
        return httpx.post(f"http://127.0.0.1:{port}/v1/traces", content=body, headers=PROTOBUF, timeout=30).status_code
    except httpx.HTTPError:
        time.sleep(0.2)
        return 503


def _journal_empty(port: int) -> bool:
    told = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    return 'offramp_journal_records{state="waiting"} 0' in told


def _migrated(url: str) -> str:
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


def _outcome(fault: str, url: str, database: str, acked: set[int], refused: int, *, wrong: int) -> Outcome:
    engine = make_engine(url)
    with reading(engine) as session:
        calls = int(session.scalar(select(func.sum(Rollup.calls))) or 0)
        ledger = int(session.scalar(select(func.count()).select_from(UsageLedger).where(UsageLedger.hour > 0)) or 0)
    engine.dispose()
    # What was refused may have been counted all the same (the answer is lost, not the work): never the other way about.
    return Outcome(
        fault=fault,
        database=database,
        done="filled, then made larger",
        acknowledged=len(acked),
        lost=max(0, len(acked) - calls),
        doubled=max(0, calls - ledger),
        wrong=wrong,
        also=f"{refused} requests refused with 503, none of them counted"
        if calls == len(acked)
        else f"{refused} refused",
    )
