"""Power cuts, simulated: what a receiver wrote is traced, and every moment of it is a disk that might have been left.

    python -m tests.faults.power [--bodies 60] [--cuts 1000]

A process counts bodies into SQLite (or into the journal) and says after each that it is acknowledged, under strace.
The trace is played back: what was flushed is on the disk; of what was written since, each sector of 512 bytes may be
there or not. The files of that moment are opened as after a restart: they must be sound, with all that was
acknowledged, each body whole and once. Control: `synchronous=NORMAL` must be seen to lose. Needs strace (Linux);
nothing of ours is replaced.
"""

import argparse
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event, func, select
from sqlalchemy.exc import SQLAlchemyError

from db.journal import Journal
from db.migrate import upgrade
from db.session import make_engine, reading
from db.tables import Rollup, UsageLedger
from offramp.actions.ingest import Sent
from offramp.actions.receive import receive
from tests.conftest import ROOT
from tests.faults.outcome import Outcome
from tests.offramp.spans import PROTOBUF, call_key, protobuf_body

_AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
_CALLS, _SECTOR, _MOST = 20, 512, 2**22
_CALL = re.compile(r"(pwrite64|write|ftruncate|fsync|fdatasync)\((\d+)<([^>]*)>(?:, (.*))?\) += (-?\d+)")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: bytes at an offset, a new length, a flush, or (no file) a body acknowledged."""

    file: str
    at: int = 0
    data: bytes | None = None
    flushed: bool = False


@dataclass
class Disk:
    """One file as it lies on the disk for sure, and what was written to it since it was last flushed."""

    sure: bytearray = field(default_factory=bytearray)
    since: list[Step] = field(default_factory=list)

    def take(self, step: Step) -> None:
        """Let it happen."""
        if not step.flushed:
            self.since.append(step)
            return
        for each in self.since:
            _apply(self.sure, each, None)
        self.since.clear()

    def left(self, dice: random.Random) -> bytes:
        """What a cut at this moment may leave: all, none or some of what was not flushed."""
        found, chance = bytearray(self.sure), dice.choice((0.0, 0.5, 0.9, 1.0))
        for each in self.since:
            if each.data is not None or dice.random() < chance:
                _apply(found, each, (dice, chance))
        return bytes(found)


def _apply(found: bytearray, step: Step, lottery: tuple[random.Random, float] | None) -> None:
    if step.data is None:
        del found[step.at :]
        return
    for start in range(0, len(step.data), _SECTOR):
        if lottery is None or lottery[0].random() < lottery[1]:
            part, at = step.data[start : start + _SECTOR], step.at + start
            found.extend(bytes(max(0, at + len(part) - len(found))))
            found[at : at + len(part)] = part


def power_cuts(*, bodies: int, cuts: int, spilling: bool = False, synchronous: str = "FULL", seed: int = 4) -> Outcome:
    """So many bodies, so many cuts at moments chosen by lot; `spilling` into the journal instead of the database."""
    dice = random.Random(seed)  # noqa: S311 (a repeatable course of events, no secret)
    with tempfile.TemporaryDirectory(prefix="offramp-power-") as name:
        folder = Path(name)
        disks, steps = _traced(folder, bodies, spilling=spilling, synchronous=synchronous)
        acked = lost = doubled = corrupt = 0
        for number in _moments(disks, steps, sorted(dice.choices(range(1, len(steps) + 1), k=cuts))):
            place = folder / "cut"
            _write(place, disks, dice)
            acked += number * _CALLS
            gone, more = (_journal_of if spilling else _database_of)(place, number)
            lost, doubled, corrupt = lost + max(0, gone), doubled + more, corrupt + (gone < 0)
            shutil.rmtree(place)
    where = "journal of a receiver" if spilling else "database"
    control = synchronous != "FULL"
    return Outcome(
        fault=f"control: synchronous={synchronous}" if control else f"power cut, {where}",
        database="sqlite",
        done=f"{cuts:,} cuts in {len(steps):,} writes and flushes",
        acknowledged=acked,
        lost=lost,
        doubled=doubled,
        wrong=corrupt,
        also="must be seen, and is" if control else f"{corrupt} corrupt; acknowledged: summed over the cuts",
        control=control,
    )


def _traced(folder: Path, bodies: int, *, spilling: bool, synchronous: str) -> tuple[dict[str, Disk], list[Step]]:
    file, trace = folder / "a.db", folder / "trace"
    engine = make_engine(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    before = {str(file): Disk(bytearray(file.read_bytes()))}
    told = ["strace", "-f", "-qq", "-y", "-xx", "-s", str(_MOST), "-o", str(trace)]
    told += ["-e", "trace=pwrite64,write,ftruncate,fsync,fdatasync"]
    own = [sys.executable, "-m", "tests.faults.power", "--write", str(folder), "--bodies", str(bodies)]
    own += ["--synchronous", synchronous, *(["--spilling"] if spilling else [])]
    subprocess.run([*told, *own], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with trace.open(encoding="ascii", errors="replace") as lines:
        steps = list(_steps(lines, folder))
    trace.unlink()
    return before, steps


def _steps(lines: Iterator[str], folder: Path) -> Iterator[Step]:
    for line in lines:
        if (found := _CALL.search(line)) is None or found[5] == "-1":
            continue
        kind, number, encoded, rest = found[1], found[2], found[3], found[4]
        path = _text(encoded)
        if kind == "write" and number == "1":
            yield Step("")
        elif not path.startswith(f"{folder}/") or path.endswith("-shm") or path == f"{folder}/trace":
            continue
        elif kind == "pwrite64":
            data, _size, at = rest.rsplit(", ", 2)
            yield Step(path, int(at), bytes.fromhex(data.strip('"').replace("\\x", "")))
        elif kind == "ftruncate":
            yield Step(path, int(rest))
        elif kind == "write":
            raise AssertionError(f"a write without a place to {path}")
        else:
            yield Step(path, flushed=True)


def _text(shown: str) -> str:
    return bytes.fromhex(shown.replace("\\x", "")).decode() if shown.startswith("\\x") else shown


def _moments(disks: dict[str, Disk], steps: Sequence[Step], cuts: Sequence[int]) -> Iterator[int]:
    """For each cut, with the disks as they were: how many bodies had been acknowledged."""
    place = acked = 0
    for cut in cuts:
        for step in steps[place:cut]:
            if step.file:
                disks.setdefault(step.file, Disk()).take(step)
            else:
                acked += 1
        place = cut
        yield acked


def _write(place: Path, disks: dict[str, Disk], dice: random.Random) -> None:
    place.mkdir()
    for path, disk in disks.items():
        (place / Path(path).name).write_bytes(disk.left(dice))


def _database_of(place: Path, acked: int) -> tuple[int, int]:
    """Calls acknowledged and gone (-1: the file is not sound), and calls too many."""
    engine = make_engine(f"sqlite:///{place / 'a.db'}")
    try:
        with reading(engine) as session:
            sound = session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            keys = set(session.scalars(select(UsageLedger.key)))
            counted = int(session.scalar(select(func.sum(Rollup.calls))) or 0)
    except SQLAlchemyError:
        return -1, 0
    finally:
        engine.dispose()
    wanted = {call_key(number) for number in range(1, acked * _CALLS + 1)}
    return (len(wanted - keys), counted - len(keys) + len(keys) % _CALLS) if sound else (-1, 0)


def _journal_of(place: Path, acked: int) -> tuple[int, int]:
    file = place / "journal"
    try:
        waiting = len(Journal(file).waiting(10**9, 10**12)) if file.exists() else 0
    except sqlite3.DatabaseError:
        return -1, 0
    # One that was being written may be there or not.
    return max(0, acked - waiting) * _CALLS, max(0, waiting - acked - 1) * _CALLS


def _receive(folder: Path, bodies: int, *, spilling: bool, synchronous: str) -> None:
    """What is traced: the receiver's own way of taking a body, one after another."""
    engine, journal = make_engine(f"sqlite:///{folder / 'a.db'}"), Journal(folder / "journal")
    event.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA synchronous={synchronous}"))
    # A checkpoint now and then, as in a long life: by itself it comes after a thousand pages.
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA wal_autocheckpoint=150"))
    for body in range(bodies):
        journal.away = spilling and body > 0
        numbers = range(body * _CALLS + 1, (body + 1) * _CALLS + 1)
        sent = Sent("traces", protobuf_body(numbers, _AT - timedelta(hours=body % 5)), PROTOBUF["content-type"])
        receive(engine, journal if spilling else None, sent, at=_AT, late_window=None)
        if body or not spilling:
            os.write(1, b".")
    os._exit(0)  # as a cut does: nothing is closed


def main() -> None:
    """Run, print what was counted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bodies", type=int, default=60)
    parser.add_argument("--cuts", type=int, default=1_000)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--synchronous", default="FULL", help=argparse.SUPPRESS)
    parser.add_argument("--spilling", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        _receive(given.write, given.bodies, spilling=given.spilling, synchronous=given.synchronous)
    for how in ({}, {"spilling": True}, {"synchronous": "NORMAL"}):
        sys.stdout.write(f"{power_cuts(bodies=given.bodies, cuts=given.cuts, **how)}\n")


if __name__ == "__main__":
    main()
