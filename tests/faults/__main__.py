"""Breaks things on purpose, on SQLite and PostgreSQL with real processes, and counts what came of it.

    python -m tests.faults [--size short|usual|long] [--only WORD] [--write]

Prints a scoreboard; --write puts it into docs/faults.md. Ends with 1 where a promise was broken, or where a negative
control was not seen. Disks that fill up need root (they are mounted); without it those rows are left out, and said so.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from db.migrate import upgrade
from db.session import make_engine
from tests.conftest import ROOT
from tests.faults import clocks, disks, names, outages, streams
from tests.faults.outcome import Outcome, of_found
from tests.faults.receivers import kill_receivers
from tests.faults.scoreboard import page, table
from tests.fuzz.bodies import fuzz
from tests.processes.cluster import Cluster, cluster

_COUNTED = ("kills", "outages", "freezes", "orders", "bodies", "fuzz", "slots", "mails")
SIZES = {
    size: dict(zip(_COUNTED, counts, strict=True))
    for size, counts in (
        ("short", (4, 2, 1, 5, 15, 500, 0, 0)),
        ("usual", (30, 4, 2, 40, 20, 5_000, 200, 40)),
        ("long", (2_000, 60, 40, 1_000, 2_000, 400_000, 10_000, 1_000)),
    )
}


@dataclass
class Stage:
    """Where everything happens: a server, a folder for files and journals, and a new database for each fault."""

    server: Cluster
    folder: Path
    size: dict[str, int]
    made: int = field(default=0)

    def sqlite(self) -> str:
        """A new, migrated SQLite file."""
        self.made += 1
        return _migrated(f"sqlite:///{self.folder}/{self.made}.db")

    def postgresql(self) -> str:
        """A new, migrated database of the server."""
        self.made += 1
        return _migrated(self.server.create(f"fault{self.made}"))

    def both(self) -> Iterator[str]:
        """One of each."""
        yield self.sqlite()
        yield self.postgresql()

    @property
    def journal(self) -> Path:
        """Where the receivers spill."""
        return self.folder / "journal"


def _migrated(url: str) -> str:
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


def _kills(stage: Stage) -> Iterator[Outcome]:
    for url in stage.both():
        found = kill_receivers(url, stage.size["kills"])
        yield of_found("kill -9 of a receiver", found, f"{found.kills} kills, two receivers")


def _outages(stage: Stage) -> Iterator[Outcome]:
    yield outages.frozen_writer(stage.sqlite(), stage.journal, times=stage.size["freezes"])
    yield outages.restarted(stage.server, stage.journal, times=stage.size["outages"])
    for url in stage.both():
        yield outages.frozen_receiver(url, stage.journal, times=stage.size["freezes"])


def _streams(stage: Stage) -> Iterator[Outcome]:
    for url in stage.both():
        yield streams.any_order(url, times=stage.size["orders"])
    for url in stage.both():
        yield streams.two_of_everything(url, stage.journal, bodies=stage.size["bodies"])
    for url in stage.both():
        yield streams.late_and_future(url, stage.journal, bodies=max(3, stage.size["bodies"] // 10))


def _disks(_stage: Stage) -> Iterator[Outcome]:
    if disks.can_mount():
        yield disks.full_disk_sqlite()
        yield disks.full_disk_postgresql()


def _bodies(stage: Stage) -> Iterator[Outcome]:
    found = asyncio.run(fuzz(stage.size["fuzz"], seed=1))
    also = f"slowest {found['slowest_ms']} ms, peak {found['peak_memory_mb']} MB"
    yield Outcome(
        fault="corrupted bodies", database="sqlite", done=f"{found['bodies']:,} bodies", also=f"0 answered 5xx, {also}"
    )
    for url in stage.both():
        yield names.hostile_names(url, stage.journal)


def _clocks(stage: Stage) -> Iterator[Outcome]:
    for url in stage.both():
        yield clocks.clock_jumps(url, jumps=40)


def _jobs(stage: Stage) -> Iterator[Outcome]:
    if stage.size["slots"]:
        slots, kills = stage.size["slots"], stage.size["slots"] // 20
        for url in (f"sqlite:///{stage.folder}/slots.db", stage.server.create("slots")):
            told = _program("job_slots.py", "--slots", str(slots), "--kills", str(kills), "--database", url)
            yield _told("job slots, two workers killed -9", url, told, slots)
        mails = stage.size["mails"]
        told = _program("deliveries.py", "--messages", str(mails), "--kills", str(mails // 20))
        yield _told("letters, senders killed -9", "sqlite", told, mails)


def _controls(stage: Stage) -> Iterator[Outcome]:
    yield outages.forgotten_ledger(stage.sqlite(), stage.journal)


FAULTS: tuple[Callable[[Stage], Iterator[Outcome]], ...] = (
    *(_kills, _outages, _disks, _streams, _bodies, _clocks, _jobs, _controls),
)


def _program(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "benchmarks" / name), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _told(fault: str, url: str, told: subprocess.CompletedProcess[str], number: int) -> Outcome:
    line = (told.stdout.strip().splitlines() or [told.stderr[-200:]])[-1]
    done, _, also = line.partition(": ")
    database = url.partition(":")[0]
    return Outcome(
        fault=fault, database=database, done=done, acknowledged=number, wrong=int(told.returncode != 0), also=also
    )


def main() -> None:
    """Break everything, print the scoreboard."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="usual")
    parser.add_argument("--only", default="", help="part of the name of a group: kills, outages, disks, streams …")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))  # what was started is stopped
    began = time.monotonic()
    rows: list[Outcome] = []
    with ExitStack() as used:
        folder = Path(used.enter_context(tempfile.TemporaryDirectory(prefix="offramp-faults-")))
        os.environ["OFFRAMP_JOURNAL"] = str(folder / "journal")  # noqa: TID251 (for the receivers, before the first starts)
        stage = Stage(server=used.enter_context(cluster()), folder=folder, size=SIZES[given.size])
        for fault in FAULTS:
            if given.only in fault.__name__:
                for row in fault(stage):
                    rows.append(row)
                    sys.stderr.write(f"{time.monotonic() - began:5.0f} s  {row}\n")
                    if given.write:  # after each row: who is interrupted has what there is
                        text = page(rows, given.size, time.monotonic() - began)
                        (ROOT / "docs" / "faults.md").write_text(text, encoding="utf-8")
    sys.stdout.write(table(rows))
    broken = [row for row in rows if not row.right()]
    sys.stdout.write(f"\n{len(rows)} rows, {len(broken)} not as promised\n")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
