"""How fast the receiver takes spans, durably: CPU seconds per million, spans per second, disk bytes, peak memory.

    python benchmarks/ingest.py [SPANS] [CONNECTIONS]

Realistic GenAI client spans (11 attributes, 200 features, 12 models, traces of a request's span and 1 to 4 calls,
100 to 512 spans a body, gzip) are made first, then sent by threads with keep-alive sockets to `offramp ingest` on
a fresh SQLite file, which is durable before each answer. Counted is what is in the rollups afterwards; the CPU is
the server's alone. The sender shares the machine: on two cores the rate is that of both together.
"""

import gzip
import json
import os
import queue
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from sqlalchemy import func, select

from db.migrate import upgrade
from db.session import make_engine, reading
from db.tables import Rollup
from offramp import clock

MODELS = [f"gpt-{number}" for number in range(12)]


def main() -> None:
    """Make the bodies, send them, print one JSON document."""
    spans = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    connections = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    bodies, calls = make_bodies(spans)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db"
        engine = make_engine(url)
        upgrade(engine)
        port = _free_port()
        command = [sys.executable, "-m", "offramp", "--db", url, "ingest", "--port", str(port)]
        server = subprocess.Popen(command)
        try:
            _wait(port)
            began, before = time.monotonic(), _cpu(server.pid)
            _send(port, bodies, connections)
            seconds, cpu = time.monotonic() - began, _cpu(server.pid) - before
            peak = _status(server.pid, "VmHWM")
        finally:
            server.terminate()
            server.wait()
        with reading(engine) as session:
            counted = int(session.scalar(select(func.sum(Rollup.calls))) or 0)
        assert counted == calls, f"{counted} of {calls} calls were counted"
        engine.dispose()
        disk = sum(path.stat().st_size for path in Path(folder).iterdir())
    million = spans / 1e6
    print(
        json.dumps(
            {
                "spans": spans,
                "calls": calls,
                "spans_per_second": round(spans / seconds),
                "cpu_seconds_per_million_spans": round(cpu / million, 1),
                "disk_mb_per_million_spans": round(disk / 1e6 / million, 1),
                "peak_memory_mb": round(peak / 1000),
                "requests": len(bodies),
            }
        )
    )


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
