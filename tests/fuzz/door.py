"""Throws the bodies of `bodies` at a receiver in a process of its own: the answers, and how its memory went.

    python -m tests.fuzz.door [--n 1000000] [--seed 1]

`offramp ingest` as it is run anywhere, on a database of its own, without a late window; sixteen connections stay open
and send together. What the receiver holds of memory (RSS, without the generator) is read after a twentieth, a tenth,
a quarter, a half and all of the bodies. Needs Linux: memory is read in /proc.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from db.migrate import upgrade
from db.session import make_engine
from tests.conftest import ROOT
from tests.fuzz.bodies import Body, bodies, groups_of
from tests.offramp.live_server import free_port
from tests.processes.boxes import stop
from tests.processes.waiting import wait_until_ready

_TOGETHER = 16
_MARKS = (20, 10, 4, 2, 1)
_FAILED, _NONE = 500, 599


def main() -> None:
    """Send them all, print the figures, end with 1 where an answer was 5xx or none came."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = fuzz_a_process(given.n, given.seed)
    print(json.dumps(found))  # noqa: T201 (a program prints its findings)
    sys.exit(1 if found["5xx"] else 0)


def fuzz_a_process(number: int, seed: int) -> dict[str, object]:
    """Send so many bodies; the answers, the slowest sixteen, and the receiver's memory in MB by bodies sent."""
    answers: Counter[int] = Counter()
    slowest = 0.0
    memory: dict[int, int] = {}
    marks = {number // part for part in _MARKS}
    with tempfile.TemporaryDirectory() as folder, _receiver(Path(folder)) as (process, port):
        lines = [HTTPConnection("127.0.0.1", port, timeout=120) for _ in range(_TOGETHER)]
        groups = groups_of(_TOGETHER, bodies(number, seed))
        after: list[Body] | None = next(groups, None)
        while (some := after) is not None:
            began = time.monotonic()
            for line, body in zip(lines, some, strict=False):
                _sent(line, body)
            after = next(groups, None)  # made while the receiver is at work
            answers.update(_answers(lines, some))
            slowest = max(slowest, time.monotonic() - began)
            reached = {mark for mark in marks if mark <= answers.total()} - memory.keys()
            for mark in reached:
                memory[mark] = _megabytes(process.pid, "VmRSS")
                sys.stderr.write(f"{mark} bodies: {memory[mark]} MB, {dict(answers)}\n")
        peak = _megabytes(process.pid, "VmHWM")
        for line in lines:
            line.close()
    return {
        "bodies": answers.total(),
        "answers": dict(sorted(answers.items())),
        "5xx": sum(count for status, count in answers.items() if status >= _FAILED),
        "slowest_ms": round(slowest * 1000),
        "memory_mb": dict(sorted(memory.items())),
        "peak_memory_mb": peak,
    }


def _answers(lines: list[HTTPConnection], some: list[Body]) -> Iterator[int]:
    """The statuses of bodies that were sent; 599 where none came."""
    for line, body in zip(lines, some, strict=False):
        # A server closes a line that was idle for some seconds, as it is while this program is stopped: like any client
        # then, send once more.
        yield _status(line) or (_sent(line, body) and _status(line)) or _NONE


def _sent(line: HTTPConnection, given: Body) -> bool:
    path, body, headers = given
    try:
        line.request("POST", path, body, headers)
    except OSError:
        line.close()
        return False
    return True


def _status(line: HTTPConnection) -> int:
    """The status of the answer; 0 where none came."""
    try:
        answer = line.getresponse()
        answer.read()
    except (HTTPException, OSError):
        line.close()
        return 0
    return answer.status


@contextmanager
def _receiver(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    url, port = f"sqlite:///{folder}/fuzz.db", free_port()
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    command = [sys.executable, "-m", "offramp", "--db", url, "ingest", "--port", str(port), "--late-window", "off"]
    told = {**os.environ, "OFFRAMP_JOURNAL": str(folder / "journal")}  # noqa: TID251 (the receiver's setting)
    process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_ready(port)
        yield process, port
    finally:
        stop(process)


def _megabytes(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) // 1000


if __name__ == "__main__":
    main()
