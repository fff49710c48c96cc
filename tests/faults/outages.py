"""What surrounds the receivers breaks while clients send: the database, the disk, a process that holds a lock."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy.engine import make_url

from db.migrate import upgrade
from db.session import make_engine
from offramp import clock
from tests.conftest import ROOT
from tests.faults.outcome import Outcome, of_found
from tests.faults.receivers import Found, Sender, wait_until_alive, what_counts
from tests.offramp.live_server import free_port
from tests.processes.cluster import Cluster
from tests.processes.waiting import until

_HOLD = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE intake SET count = count")
print("held", flush=True)
time.sleep(600)
"""


@contextmanager
def receiver(url: str, port: int, journal: Path, *, late_window: str = "off") -> Iterator[subprocess.Popen[bytes]]:
    """`offramp ingest` as a process with a journal of its own, ready; killed when the block ends."""
    environment = {**os.environ, "OFFRAMP_JOURNAL": str(journal), "PYTHONPATH": str(ROOT)}  # noqa: TID251 (what the process is given)
    command = [
        sys.executable,
        "-m",
        "offramp",
        "--db",
        url,
        "ingest",
        "--port",
        str(port),
        "--late-window",
        late_window,
    ]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_alive(port)
        yield process
    finally:
        process.kill()
        process.wait()


def while_sending(
    url: str, journal: Path, break_it: Callable[[list[subprocess.Popen[bytes]]], None], *, times: int
) -> Found:
    """Two receivers, two clients; `break_it` breaks something and mends it, so many times; what was counted."""
    began = time.monotonic()
    ports = [free_port(), free_port()]
    urls = [f"http://127.0.0.1:{port}/v1/traces" for port in ports]
    senders = [Sender(urls, number, clock.now() - timedelta(minutes=30)) for number in (1, 2)]
    threads = [threading.Thread(target=sender.run, daemon=True) for sender in senders]
    with ExitStack() as living:
        processes = [living.enter_context(receiver(url, port, journal)) for port in ports]
        for thread in threads:
            thread.start()
        for _ in range(times):
            time.sleep(0.3)
            break_it(processes)
        for sender, thread in zip(senders, threads, strict=True):
            sender.stop.set()
            thread.join()
            while sender.pending:
                sender.send(sender.pending[:500], urls[0])
        until(lambda: _waiting(ports[0]) == 0, seconds=120)
    return what_counts(url, senders, times, round(time.monotonic() - began))


def _waiting(port: int) -> int:
    told = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    line = next(line for line in told.splitlines() if line.startswith('offramp_journal_records{state="waiting"}'))
    return int(float(line.split()[-1]))


def restarted(server: Cluster, journal: Path, *, times: int, seed: int = 5) -> Outcome:
    """PostgreSQL is stopped or killed -9 mid-write, away for a second, and started again."""
    url = _fresh(server, f"restarted{seed}")
    dice, done = random.Random(seed), {"kill -9": 0, "restart": 0}  # noqa: S311 (a repeatable course of events, no secret)

    def break_it(_processes: list[subprocess.Popen[bytes]]) -> None:
        how = dice.choice(sorted(done))
        (server.kill if how == "kill -9" else server.stop)()
        done[how] += 1
        time.sleep(dice.uniform(0.2, 1.0))
        server.start()

    found = while_sending(url, journal, break_it, times=times)
    words = ", ".join(f"{count} × {how}" for how, count in sorted(done.items()))
    return of_found("database killed or restarted mid-write", found, words)


def frozen_writer(url: str, journal: Path, *, times: int) -> Outcome:
    """A process that holds SQLite's write lock is stopped (SIGSTOP) for three seconds, then killed -9."""
    file = str(make_url(url).database)

    def break_it(_processes: list[subprocess.Popen[bytes]]) -> None:
        holder = subprocess.Popen([sys.executable, "-c", _HOLD, file], stdout=subprocess.PIPE)
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.send_signal(signal.SIGSTOP)
        time.sleep(3)
        holder.kill()
        holder.wait()
        holder.stdout.close()

    found = while_sending(url, journal, break_it, times=times)
    return of_found("SIGSTOP while holding the write lock", found, f"{times} × 3 s, then kill -9")


def frozen_receiver(url: str, journal: Path, *, times: int, seed: int = 3) -> Outcome:
    """One of two receivers is stopped (SIGSTOP) at a random moment, whatever it does, and woken again."""
    dice = random.Random(seed)  # noqa: S311 (a repeatable course of events, no secret)

    def break_it(processes: list[subprocess.Popen[bytes]]) -> None:
        chosen = dice.choice(processes)
        chosen.send_signal(signal.SIGSTOP)
        time.sleep(dice.uniform(0.5, 2.5))
        chosen.send_signal(signal.SIGCONT)

    found = while_sending(url, journal, break_it, times=times)
    return of_found("SIGSTOP and SIGCONT of a receiver", found, f"{times} × 0.5 to 2.5 s")


def forgotten_ledger(url: str, journal: Path) -> Outcome:
    """Negative control: somebody empties the ledger while clients send; the harness must see calls count twice."""

    def break_it(_processes: list[subprocess.Popen[bytes]]) -> None:
        with sqlite3.connect(str(make_url(url).database), timeout=30) as connection:
            connection.execute("DELETE FROM usage_ledger")
            connection.execute("DELETE FROM recent_pack")
        connection.close()

    found = while_sending(url, journal, break_it, times=8)
    row = of_found("control: the ledger is emptied", found, "8 ×", also="must be seen, and is")
    return replace(row, control=True)


def _fresh(server: Cluster, name: str) -> str:
    url = server.create(name)
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    return url
