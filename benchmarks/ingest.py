"""How fast the receiver takes spans, durably: CPU seconds per million, spans per second, disk bytes, peak memory.

    python benchmarks/ingest.py [SPANS] [--connections 4] [--receivers 1] [--corpus FOLDER] [--peers 3000]

Realistic GenAI client spans (11 attributes, 200 features, 12 models, traces of a request's span and 1 to 4 calls,
100 to 512 spans a body, gzip) are made first, then sent by threads with keep-alive sockets to `offramp ingest` on
a fresh SQLite file, which is durable before each answer. Counted is what is in the database afterwards: each span of
the corpus in the ledger, each call of our own in the rollups. The CPU is the server's alone. The sender shares the
machine: on two cores the rate is that of both together. `--receivers N` shares the connections among so many processes
on the one file.

`--corpus` takes a copy of the acceptance suite's perf folder, with its corpus made there, and sends that corpus with
that folder's own load generator: what the peers get. `--peers N` then sends N spans to Arize Phoenix and all of them to
Rotel (which stores nothing) in the same run, as far as the folder holds their environments, and prints the ratios.
"""

import argparse
import gzip
import json
import os
import queue
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from sqlalchemy import func, select

from db.migrate import upgrade
from db.session import make_engine, reading
from db.tables import RecentPack, Rollup, UsageLedger
from offramp import clock

MODELS = [f"gpt-{number}" for number in range(12)]
Share = tuple[list[bytes], int]
Send = Callable[[int, list[bytes], int], None]
_PACKED = [getattr(RecentPack, name) for name in ("traces", "responses", "states", "features", "parts", "words")]
# The corpus tells of a whole day.
_LATE_WINDOW = "48h"


def main() -> None:
    """Make or read the bodies, send them, print one JSON document for us and one for each peer."""
    parser = argparse.ArgumentParser()
    parser.add_argument("spans", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--receivers", type=int, default=1)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--peers", type=int, default=0)
    given = parser.parse_args()
    calls = 0
    if given.corpus is None:
        bodies, calls = make_bodies(given.spans)
        spans, send = given.spans, _send
    else:
        bodies, spans = read_bodies(given.corpus / "corpus" / "otlp.bin", given.spans)
        sys.path.insert(0, str(given.corpus))
        send = _send_as_peers
    each = max(1, given.connections // given.receivers)
    shares = [(bodies[start :: given.receivers], each) for start in range(given.receivers)]
    ours = measured(spans, None if given.corpus else calls, shares, send)
    print(json.dumps({"server": "offramp", **ours}), flush=True)
    if given.corpus is not None and given.peers:
        wanted = (("phoenix", "phoenix", given.peers), ("rotel", "rotel-agent", given.spans))
        for name, program, count in wanted:
            if any((given.corpus / "venvs" / name).rglob(program)):
                print(json.dumps(_peer(given.corpus, name, count, given.connections, ours)), flush=True)
            else:
                print(f"{name} is not installed in {given.corpus / 'venvs'}", file=sys.stderr)


def measured(spans: int, calls: int | None, shares: Sequence[Share], send: Send) -> dict[str, float]:
    """What fresh receivers, one for each share of the bodies, need for these spans.

    `calls` are those that must be counted, None where nobody knows.
    """
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db"
        engine = make_engine(url)
        upgrade(engine)
        ports = [_free_port() for _ in shares]
        servers = [_receiver(url, port) for port in ports]
        try:
            for port in ports:
                _wait(port)
            began, before = time.monotonic(), sum(_cpu(server.pid) for server in servers)
            with ThreadPoolExecutor(len(shares)) as senders:
                for sent in [senders.submit(send, port, *share) for port, share in zip(ports, shares, strict=True)]:
                    sent.result()
            seconds, cpu = time.monotonic() - began, sum(_cpu(server.pid) for server in servers) - before
            peak = sum(_status(server.pid, "VmHWM") for server in servers)
        finally:
            for server in servers:
                server.terminate()
                server.wait()
        with reading(engine) as session:
            counted = int(session.scalar(select(func.sum(Rollup.calls))) or 0)
            known = int(session.scalar(select(func.count()).select_from(UsageLedger)) or 0)
            sizes = (func.sum(func.length(column)) for column in _PACKED)
            packs = session.scalar(select(sum(sizes)))  # type: ignore[arg-type]  # a sum of columns is one, never 0
        assert counted == calls or calls is None, f"{counted} of {calls} calls were counted"
        assert calls is not None or known == spans, f"{known} of {spans} spans are in the ledger"
        engine.dispose()
        disk = sum(path.stat().st_size for path in Path(folder).iterdir())
    million = spans / 1e6
    return {
        "spans": spans,
        "calls": counted,
        "spans_per_second": round(spans / seconds),
        "cpu_seconds_per_million_spans": round(cpu / million, 1),
        "disk_mb_per_million_spans": round(disk / 1e6 / million, 1),
        "remembered_mb_per_million_spans": round(int(packs or 0) / 1e6 / million, 1),
        "peak_memory_mb": round(peak / 1000),
        "requests": sum(len(bodies) for bodies, _ in shares),
        "receivers": len(shares),
    }


def _receiver(url: str, port: int) -> subprocess.Popen[bytes]:
    command = ["ingest", "--port", str(port), "--late-window", _LATE_WINDOW]
    return subprocess.Popen(
        [sys.executable, "-m", "offramp", "--db", url, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def read_bodies(file: Path, spans: int) -> tuple[list[bytes], int]:
    """The corpus as it is but for its times, the last of which is now, and how many spans it holds.

    In its traces calls lie inside calls, of which the outer one counts; all of its spans are calls of their own ids.
    """
    packed: list[bytes] = []
    count = 0
    with file.open("rb") as corpus:
        while count < spans and (head := corpus.read(12)):
            inside, _, size = struct.unpack("<III", head)
            packed.append(corpus.read(size))
            count += inside
    requests = [ExportTraceServiceRequest.FromString(gzip.decompress(body)) for body in packed]
    every = [
        [span for group in found.resource_spans for scoped in group.scope_spans for span in scoped.spans]
        for found in requests
    ]
    later = int(clock.now().timestamp()) * 10**9 - max(span.end_time_unix_nano for part in every for span in part)
    for span in (span for part in every for span in part):
        span.start_time_unix_nano += later
        span.end_time_unix_nano += later
    return [gzip.compress(found.SerializeToString(), 6, mtime=0) for found in requests], count


def _send_as_peers(port: int, bodies: list[bytes], connections: int) -> None:
    found = import_module("loadgen").run(port, [(1, 0, body) for body in bodies], connections)
    assert found["codes"] == {200: len(bodies)}, found["codes"]


def _peer(folder: Path, name: str, spans: int, connections: int, ours: dict[str, float]) -> dict[str, object]:
    """What the folder's own program measures of a peer, and how many times our CPU that is."""
    command = [sys.executable, "a_peers.py", name, str(spans), "1", str(connections)]
    said = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    found = json.loads(said.strip().splitlines()[-1])
    return {
        "server": name,
        "spans": found["spans"],
        "spans_per_second": found["spans_s_stored"],
        "cpu_seconds_per_million_spans": found["cpu_s_per_M"],
        "disk_mb_per_million_spans": found["disk_mb_per_M"],
        "peak_memory_mb": found["peak_rss_mb"],
        "times_our_cpu": round(found["cpu_s_per_M"] / ours["cpu_seconds_per_million_spans"], 1),
    }


def make_bodies(spans: int, seed: int = 7) -> tuple[list[bytes], int]:
    """Gzip'd protobuf bodies with so many spans, and how many of these are calls."""
    dice = random.Random(seed)  # noqa: S311 (a repeatable corpus, no secret)
    now = int(clock.now().timestamp()) * 10**9
    bodies, made, calls = [], 0, 0
    while made < spans:
        wanted = min(dice.randint(100, 512), spans - made)
        request = ExportTraceServiceRequest()
        group = request.resource_spans.add()
        service = dice.randrange(20)
        for key, text in (("service.name", f"svc-{service:02d}"), ("telemetry.sdk.language", "python")):
            group.resource.attributes.add(key=key).value.string_value = text
        scope = group.scope_spans.add()
        scope.scope.name = "opentelemetry.instrumentation.openai_v2"
        inside = 0
        while inside < wanted:
            size = min(dice.choice((2, 2, 3, 4, 5)), wanted - inside)
            trace, root = dice.randbytes(16), dice.randbytes(8)
            for place in range(size):
                span = scope.spans.add(trace_id=trace, span_id=root if not place else dice.randbytes(8), kind=3)
                span.start_time_unix_nano = now - dice.randrange(3_600_000_000_000)
                span.end_time_unix_nano = span.start_time_unix_nano + int(dice.lognormvariate(6.7, 0.6) * 1e6)
                if place:
                    span.parent_span_id = root
                    _call(span, dice)
                    calls += 1
                else:
                    span.name = "POST /api"
                    span.attributes.add(key="http.route").value.string_value = "/api"
                    feature = f"feature-{service * 10 + min(int(dice.expovariate(0.4)), 9)}"
                    span.attributes.add(key="app.feature").value.string_value = feature
            inside += size
        made += inside
        bodies.append(gzip.compress(request.SerializeToString(), 6, mtime=0))
    return bodies, calls


def _call(span, dice: random.Random) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 (protobuf's generated class)
    model = MODELS[min(int(dice.expovariate(0.3)), 11)]
    span.name = f"chat {model}"
    texts = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": model,
        "gen_ai.response.model": f"{model}-2026-03-11",
        "gen_ai.response.id": "chatcmpl-" + dice.randbytes(12).hex(),
        "server.address": "api.openai.com",
    }
    whole = int(dice.lognormvariate(6.8, 0.9)) + 1
    counts = {
        "server.port": 443,
        "gen_ai.request.max_tokens": 1024,
        "gen_ai.usage.input_tokens": whole,
        "gen_ai.usage.output_tokens": int(dice.lognormvariate(4.8, 0.8)) + 1,
        "gen_ai.usage.cache_read.input_tokens": int(whole * dice.random()),
    }
    for key, text in texts.items():
        span.attributes.add(key=key).value.string_value = text
    for key, count in counts.items():
        span.attributes.add(key=key).value.int_value = count


def _send(port: int, bodies: list[bytes], connections: int) -> None:
    todo: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for body in bodies:
        todo.put(body)
    wrong: list[int] = []

    def work() -> None:
        headers = {"content-type": "application/x-protobuf", "content-encoding": "gzip"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            while True:
                try:
                    body = todo.get_nowait()
                except queue.Empty:
                    return
                answer = client.post("/v1/traces", content=body, headers=headers)
                if answer.status_code != 200 or answer.content:
                    wrong.append(answer.status_code)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, f"answers other than a plain 200: {wrong[:5]}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise TimeoutError("the receiver did not come up")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


if __name__ == "__main__":
    main()
