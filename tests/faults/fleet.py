"""Two receivers, two workers, a dashboard on one PostgreSQL under load, restarted in turn; the figures are compared.

    python -m tests.faults.fleet [--seconds 600] [--clients 4]

Clients send calls of 50 features apart from the spans that name their feature, in any order, some of it twice, to
either receiver. Every few seconds the next process is stopped by SIGTERM and started again. Afterwards one process
counts the same calls, each once, into a fresh SQLite file: rollups, latencies and `offramp usage --json` must be the
same to the last digit. Ends with 1 where they are not, where an acknowledged call is missing, or a job failed.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from sqlalchemy import select

from db.migrate import upgrade
from db.session import Engine, make_engine, reading
from db.tables import JobSlot, LatencyCount, Rollup
from offramp import clock
from offramp.actions.ingest import Sent, ingest_batch, read_body, resolver
from offramp.actions.prices import fill_book
from tests.conftest import ROOT
from tests.offramp.live_server import free_port
from tests.offramp.spans import PROTOBUF
from tests.processes.boxes import stop
from tests.processes.cluster import cluster
from tests.processes.waiting import until, wait_until_ready

_FEATURES, _MODELS = 50, ("gpt-5.6-luna", "gpt-4o-mini", "gpt-4.1")
_BATCH = 50
_GROUPS = ("feature", "model", "day", "source")


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """What came of it: `different` counts the listings and tables that are not those of a single process."""

    seconds: int
    calls: int
    requests: int
    calls_per_second: int
    restarts: int
    page_checks: int
    pages_away: int
    different: int
    failed_jobs: int
    jobs: int

    def right(self) -> bool:
        """Whether everything is as one process would have it."""
        return not (self.different or self.failed_jobs)


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
class Client:
    """Sends its own numbers, in pieces, until each is acknowledged; some of it twice."""

    ports: Sequence[int]
    seed: int
    began: datetime
    stopped: threading.Event
    acked: set[int] = field(default_factory=set)
    requests: int = 0

    def run(self) -> None:
        """Send until told to stop, then what is left."""
        dice = random.Random(self.seed)  # noqa: S311 (a repeatable course of events, no secret)
        number, pending = self.seed * 100_000_000, list[int]()
        while pending or not self.stopped.is_set():
            if not self.stopped.is_set():
                pending += [sign * fresh for fresh in range(number + 1, number + _BATCH + 1) for sign in (1, -1)]
                number += _BATCH
            dice.shuffle(pending)
            batch = pending[: dice.randint(1, 4 * _BATCH)]
            again = dice.sample(sorted(self.acked), 5) if len(self.acked) > 500 and dice.random() < 0.1 else []
            if self._sent([*batch, *again], dice.choice(self.ports)):
                self.acked.update(batch)
                pending = pending[len(batch) :]

    def _sent(self, numbers: list[int], port: int) -> bool:
        self.requests += 1
        try:
            answer = httpx.post(
                f"http://127.0.0.1:{port}/v1/traces", content=body(numbers, self.began), headers=PROTOBUF, timeout=30
            )
        except httpx.HTTPError:
            time.sleep(0.05)
            return False
        return answer.status_code == 200 and not answer.content


def body(numbers: Sequence[int], began: datetime) -> bytes:
    """Call n, or the span around it as -n, which names its feature; each number is always the same call."""
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for number in numbers:
        call = abs(number)
        ended = int((began - timedelta(hours=call % 20)).timestamp()) * 10**9
        own, outer = call.to_bytes(8, "big"), b"p" + call.to_bytes(7, "big")
        span = spans.add(trace_id=call.to_bytes(16, "big"), span_id=own if number > 0 else outer)
        span.start_time_unix_nano, span.end_time_unix_nano = ended - (1 + call % 977) * 10**6, ended
        if number < 0:
            span.attributes.add(key="feature").value.string_value = f"feature-{call % _FEATURES}"
            continue
        span.parent_span_id = outer
        model = _MODELS[call % len(_MODELS)]
        texts = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": model}
        for key, text in texts.items():
            span.attributes.add(key=key).value.string_value = text
        span.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = 100 + call % 9_973
        span.attributes.add(key="gen_ai.usage.output_tokens").value.int_value = 1 + call % 331
    return request.SerializeToString()


def run_fleet(seconds: float, *, clients: int = 4, pause: float = 5.0) -> Fleet:
    """Start everything, send for so long, restart in turn, compare."""
    with ExitStack() as used:
        folder = Path(used.enter_context(tempfile.TemporaryDirectory(prefix="offramp-fleet-")))
        url = used.enter_context(cluster()).create("fleet")
        _migrated(url)
        ports = [free_port() for _ in range(3)]
        places = [
            ("ingest", ports[0]),
            ("worker", None),
            ("ingest", ports[1]),
            ("worker", None),
            ("dashboard", ports[2]),
        ]
        fleet = [_process(url, folder, name, port) for name, port in places]
        for process in fleet:
            used.callback(process.end)
            process.start()
        began, stopped = clock.now() - timedelta(minutes=30), threading.Event()
        senders = [Client(ports[:2], seed, began, stopped) for seed in range(1, clients + 1)]
        threads = [threading.Thread(target=sender.run, daemon=True) for sender in senders]
        for thread in threads:
            thread.start()
        ends, restarts, checks, away = time.monotonic() + seconds, 0, 0, 0
        while time.monotonic() < ends:
            time.sleep(min(pause, max(0.0, ends - time.monotonic())))
            chosen = fleet[restarts % len(fleet)]
            chosen.end()
            chosen.start()
            restarts += 1
            checks += 1
            away += not _page_is_there(ports[2])
        stopped.set()
        for thread in threads:
            thread.join()
        took = seconds + time.monotonic() - ends
        until(lambda: all(_drained(port) for port in ports[:2]), seconds=120)
        numbers = sorted(abs(number) for sender in senders for number in sender.acked if number > 0)
        jobs, failed = _jobs(url)
        return Fleet(
            seconds=round(took),
            calls=len(numbers),
            requests=sum(sender.requests for sender in senders),
            calls_per_second=round(len(numbers) / took),
            restarts=restarts,
            page_checks=checks,
            pages_away=away,
            different=_different(url, f"sqlite:///{folder}/single.db", numbers, began),
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
    """Run, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--clients", type=int, default=4)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))  # what was started is stopped
    found = run_fleet(given.seconds, clients=given.clients)
    print(json.dumps(asdict(found)))  # noqa: T201 (a program prints its findings)
    sys.exit(0 if found.right() else 1)


if __name__ == "__main__":
    main()
