"""Two receivers, two workers, a dashboard on one PostgreSQL under load, restarted in turn; the figures are compared.

    python -m tests.faults.fleet [--seconds 600] [--rate 150] [--clients 4] [--write]

Clients send so many calls a second of 50 features apart from the spans that name their feature, in any order, some of
it twice, to either receiver. Every few seconds the next process is stopped by SIGTERM and started again. Afterwards one
process counts the same calls, each once, into a fresh SQLite file: rollups, latencies and `offramp usage --json` must
be the same to the last digit. Ends with 1 where they are not, where an acknowledged call is missing, or a job failed;
--write puts the row into docs/faults.md.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import func, select

from db.migrate import upgrade
from db.session import Engine, make_engine, reading
from db.tables import JobSlot, LatencyCount, Rollup
from offramp import clock
from offramp.actions.ingest import Sent, ingest_batch, read_body, resolver
from offramp.actions.prices import fill_book
from tests.conftest import ROOT
from tests.faults.fleet_client import Client, body
from tests.faults.outcome import Outcome
from tests.faults.scoreboard import table, write
from tests.offramp.live_server import free_port
from tests.processes.boxes import stop
from tests.processes.cluster import cluster
from tests.processes.waiting import until, wait_until_ready

_GROUPS = ("feature", "model", "day", "source")


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """What came of it: `different` counts the listings and tables that are not those of a single process."""

    seconds: int
    calls: int
    counted: int
    unsent: int
    requests: int
    refused: int
    restarts: int
    pages_away: int
    different: int
    failed_jobs: int
    jobs: int

    def outcome(self) -> Outcome:
        """The row of the scoreboard."""
        rate, compared = round(self.calls / self.seconds), 2 + len(_GROUPS)
        return Outcome(
            fault="two of everything, restarted in turn",
            database="postgresql",
            done=f"{self.seconds} s of load, {self.restarts} rolling restarts",
            acknowledged=self.calls,
            lost=max(0, self.calls - self.counted),
            doubled=max(0, self.counted - self.calls),
            wrong=self.different + self.failed_jobs + self.pages_away + self.unsent,
            also=f"{rate} calls a second, {self.requests:,} requests, {self.refused:,} of them sent again, "
            f"{self.jobs} jobs; {compared} tables and listings held against one process",
        )


@dataclass
class Process:
    """One `offramp` process that can be started again with the same arguments."""

    arguments: list[str]
    port: int | None
    environment: dict[str, str]
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it serves, if it does."""
        listening = [] if self.port is None else ["--port", str(self.port)]
        command = [sys.executable, "-m", "offramp", *self.arguments, *listening]
        self.running = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if self.port is not None:
            wait_until_ready(self.port)

    def end(self) -> None:
        """SIGTERM, and wait."""
        if self.running is not None:
            stop(self.running)


@dataclass
class Load:
    """The clients, and the processes they meet."""

    fleet: list[Process]
    senders: list[Client]
    stopped: threading.Event
    pages: int
    restarts: int = 0
    away: int = 0
    began: float = field(default_factory=time.monotonic)

    def run(self, seconds: float, pause: float) -> None:
        """Send for so long, restart in turn, then let the clients send what is left."""
        threads = [threading.Thread(target=sender.run, daemon=True) for sender in self.senders]
        for thread in threads:
            thread.start()
        while (left := self.began + seconds - time.monotonic()) > 0:
            time.sleep(min(pause, left))
            chosen = self.fleet[self.restarts % len(self.fleet)]
            asked = time.monotonic()
            chosen.end()
            ended = time.monotonic()
            chosen.start()
            self.restarts += 1
            self.away += not _page_is_there(self.pages)
            name = chosen.arguments[-1]
            self._tell(f"{name}: {ended - asked:.1f} s to end, {time.monotonic() - ended:.1f} s to be back")
        self.stopped.set()
        for thread in threads:
            thread.join(180)

    def _tell(self, restarted: str) -> None:
        acked = sum(len(sender.acked) for sender in self.senders)
        waiting = sum(len(sender.pending) for sender in self.senders)
        told = f"restart {self.restarts}, {restarted}; {acked:,} spans acknowledged, {waiting:,} wait"
        sys.stderr.write(f"{time.monotonic() - self.began:5.0f} s  {told}\n")


def run_fleet(seconds: float, *, rate: float = 150, clients: int = 4, pause: float = 5.0) -> Fleet:
    """Start everything, send so many calls a second for so long, restart in turn, compare."""
    with ExitStack() as used:
        folder = Path(used.enter_context(tempfile.TemporaryDirectory(prefix="offramp-fleet-")))
        url = used.enter_context(cluster()).create("fleet")
        _migrated(url)
        ingest, other, pages = (free_port() for _ in range(3))
        fleet = [
            _process(url, folder, "ingest", ingest),
            _process(url, folder, "worker", None),
            _process(url, folder, "ingest", other),
            _process(url, folder, "worker", None),
            _process(url, folder, "dashboard", pages),
        ]
        for process in fleet:
            used.callback(process.end)
            process.start()
        began, stopped = clock.now() - timedelta(minutes=30), threading.Event()
        used.callback(stopped.set)
        each = rate / clients
        senders = [Client((ingest, other), seed, began, each, stopped) for seed in range(1, clients + 1)]
        load = Load(fleet, senders, stopped, pages)
        load.run(seconds, pause)
        took = time.monotonic() - load.began
        until(lambda: all(_drained(port) for port in (ingest, other)), seconds=120)
        return _found(load, took, url, f"sqlite:///{folder}/single.db")


def _found(load: Load, took: float, url: str, single: str) -> Fleet:
    numbers = sorted(number for sender in load.senders for number in sender.acked if number > 0)
    sys.stderr.write(f"{took:5.0f} s  counting the same {len(numbers):,} calls in one process\n")
    jobs, failed = _jobs(url)
    return Fleet(
        seconds=round(took),
        calls=len(numbers),
        counted=_calls(url),
        unsent=sum(len(sender.pending) for sender in load.senders),
        requests=sum(sender.requests for sender in load.senders),
        refused=sum(sender.refused for sender in load.senders),
        restarts=load.restarts,
        pages_away=load.away,
        different=_different(url, single, numbers, load.senders[0].began),
        failed_jobs=failed,
        jobs=jobs,
    )


def _process(url: str, folder: Path, name: str, port: int | None) -> Process:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OFFRAMP_JOURNAL": str(folder / "journal")}  # noqa: TID251 (what the process is given)
    return Process(["--db", url, name], port, environment)


def _migrated(url: str) -> None:
    engine = make_engine(url)
    upgrade(engine)
    fill_book(engine, clock.now())
    engine.dispose()


def _page_is_there(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", timeout=30).status_code == 200
    except httpx.HTTPError:
        return False


def _drained(port: int) -> bool:
    told = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    return 'offramp_journal_records{state="waiting"} 0' in told


def _calls(url: str) -> int:
    engine = make_engine(url)
    with reading(engine) as session:
        found = session.scalar(select(func.sum(Rollup.calls)))
    engine.dispose()
    return int(found or 0)


def _jobs(url: str) -> tuple[int, int]:
    engine = make_engine(url)
    with reading(engine) as session:
        ended = list(session.scalars(select(JobSlot.outcome).where(JobSlot.done_at.is_not(None))))
    engine.dispose()
    return len(ended), sum(outcome == "failed" for outcome in ended)


def _different(url: str, single: str, numbers: Sequence[int], began: datetime) -> int:
    _migrated(single)
    here, there = make_engine(url), make_engine(single)
    for start in range(0, len(numbers), 500):
        some = [sign * number for number in numbers[start : start + 500] for sign in (-1, 1)]
        sent = Sent("traces", body(some, began), "application/x-protobuf")
        ingest_batch(there, read_body(sent, rules=resolver(there), at=clock.now(), late_window=None))
    tables = sum(_rows(here, table) != _rows(there, table) for table in (Rollup, LatencyCount))
    here.dispose()
    there.dispose()
    return tables + sum(_usage(url, by) != _usage(single, by) for by in _GROUPS)


def _rows(engine: Engine, table: type[Rollup] | type[LatencyCount]) -> list[tuple[object, ...]]:
    with reading(engine) as session:
        return sorted(map(tuple, session.execute(select(*table.__table__.columns))))


def _usage(url: str, by: str) -> object:
    command = [sys.executable, "-m", "offramp", "--db", url, "usage", "--by", by, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    assert found["total"]["calls"] > 0
    return found


def main() -> None:
    """Run, print the row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--rate", type=float, default=150, help="calls a second of all clients")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--pause", type=float, default=5, help="seconds between two restarts")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))  # what was started is stopped
    row = run_fleet(given.seconds, rate=given.rate, clients=given.clients, pause=given.pause).outcome()
    sys.stdout.write(table([row]) + ("as one process has it\n" if row.right() else "NOT as one process has it\n"))
    if given.write:
        write([row])
    sys.exit(0 if row.right() else 1)


if __name__ == "__main__":
    main()
