"""Breaks things on purpose, on SQLite and PostgreSQL with real processes, and counts what came of it.

    python -m tests.faults [--size short|usual|long] [--only kills,power…] [--times N] [--write]

Prints a scoreboard; --write puts it into docs/faults.md. Ends with 1 where a promise was broken, or where a negative
control was not seen. Disks that fill up need root (they are mounted), power cuts need strace; without them those rows
are left out, and said so.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.conftest import ROOT
from tests.faults import clocks, contention, disks, names, outages, power, recompute, strangers, streams, zones
from tests.faults.outcome import Outcome, fuzzed_row, of_found
from tests.faults.receivers import kill_receivers
from tests.faults.scoreboard import table, write
from tests.faults.stage import SIZES, Stage
from tests.processes.cluster import cluster


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
    yield _fuzzed("through the door", stage.size["fuzz"], "tests.fuzz.door")
    yield _fuzzed("behind the door", 4 * stage.size["fuzz"], "tests.fuzz.bodies", "--direct")
    for url in stage.both():
        yield names.hostile_names(url, stage.journal)


def _clocks(stage: Stage) -> Iterator[Outcome]:
    for url in stage.both():
        yield clocks.clock_jumps(url, jumps=40)
    yield zones.changes_of_the_clock(most_zones=stage.size["zones"])


def _power(stage: Stage) -> Iterator[Outcome]:
    if shutil.which("strace"):
        cuts = stage.size["cuts"]
        bodies = max(10, cuts // 15)
        yield power.power_cuts(bodies=bodies, cuts=cuts)
        yield power.power_cuts(bodies=bodies, cuts=cuts, spilling=True)
        yield power.power_cuts(bodies=bodies, cuts=max(100, cuts // 10), synchronous="NORMAL")


def _contention(stage: Stage) -> Iterator[Outcome]:
    for url in stage.both():
        yield contention.contended(url, commits=stage.size["commits"])
    yield contention.careless(stage.sqlite(), commits=50)
    yield contention.careless(stage.postgresql(), commits=8)  # each deadlock is found after a second


def _prices(stage: Stage) -> Iterator[Outcome]:
    kills = stage.size["prices"]
    for make in (stage.sqlite, stage.postgresql):
        yield recompute.prices_recomputed(make(), [make(), make(), make()], kills=kills)


def _strangers(stage: Stage) -> Iterator[Outcome]:
    yield strangers.strangers(stage.sqlite())


def _secrets(_stage: Stage) -> Iterator[Outcome]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/offramp/test_canaries.py"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    passed = re.search(r"(\d+) passed", told.stdout)
    done = f"{passed[1] if passed else 0} tests: every route, file and command, working and failing"
    also = "every table, the journal, logs, answers and prints are searched"
    yield Outcome(fault="planted secrets and prompts", database="both", done=done, wrong=told.returncode, also=also)


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
    *(_kills, _outages, _disks, _power, _streams, _contention, _bodies, _clocks, _jobs, _prices, _strangers, _secrets),
    _controls,
)


def _program(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "benchmarks" / name), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _fuzzed(where: str, number: int, *program: str) -> Outcome:
    command = [sys.executable, "-m", *program, "--n", str(number)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = json.loads(told.stdout or "null")
    return fuzzed_row(where, found) if found else fuzzed_row(where, {"bodies": number, "5xx": 1})


def _told(fault: str, url: str, told: subprocess.CompletedProcess[str], number: int) -> Outcome:
    line = (told.stdout.strip().splitlines() or [told.stderr[-200:]])[-1]
    done, _, also = line.partition(": ")
    database = url.partition(":")[0]
    return Outcome(
        fault=fault, database=database, done=done, acknowledged=number, wrong=int(told.returncode != 0), also=also
    )


def name(fault: Callable[[Stage], Iterator[Outcome]]) -> str:
    """The word by which a group is chosen."""
    return fault.__name__.strip("_")


def main() -> None:
    """Break everything, print the scoreboard."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="usual")
    groups = ", ".join(name(fault) for fault in FAULTS)
    parser.add_argument("--only", default="", help=f"some of {groups}, with commas")
    parser.add_argument("--times", type=int, help="instead of the size's: how many kills, cuts …, the same for all")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))  # what was started is stopped
    size = dict.fromkeys(SIZES[given.size], given.times) if given.times else SIZES[given.size]
    began = time.monotonic()
    rows: list[Outcome] = []
    with ExitStack() as used:
        folder = Path(used.enter_context(tempfile.TemporaryDirectory(prefix="offramp-faults-")))
        os.environ["OFFRAMP_JOURNAL"] = str(folder / "journal")  # noqa: TID251 (for the receivers, before the first starts)
        stage = Stage(server=used.enter_context(cluster()), folder=folder, size=size)
        for fault in FAULTS:
            if not given.only or name(fault) in given.only.split(","):
                for row in fault(stage):
                    rows.append(row)
                    sys.stderr.write(f"{time.monotonic() - began:5.0f} s  {row}\n")
                    if given.write:  # after each row: who is interrupted has what there is
                        write([row])
    sys.stdout.write(table(rows))
    if not disks.can_mount():
        sys.stdout.write("left out: disks that fill up, which need root\n")
    if not shutil.which("strace"):
        sys.stdout.write("left out: power cuts, which need strace\n")
    broken = [row for row in rows if not row.right()]
    sys.stdout.write(f"\n{len(rows)} rows, {len(broken)} not as promised\n")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
