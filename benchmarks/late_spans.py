"""What it costs when the span around a call comes later than the call: CPU seconds a million, in this process.

    python benchmarks/late_spans.py [SPANS] [--late 20] [--corpus FOLDER]

The bodies of `benchmarks/ingest.py` are counted twice on a fresh SQLite file, sixteen a transaction: as they are, and
with every span that has no parent moved so many bodies on. Our own name their feature on that span; the acceptance
suite's corpus nests calls in calls, where each outer call takes the inner ones out of the sums again. The ratio of the
two is what being late costs.
"""

import argparse
import gc
import gzip
import json
import tempfile
import time
from collections import deque
from datetime import timedelta
from pathlib import Path

from ingest import make_bodies, read_bodies
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from db.migrate import upgrade
from db.session import make_engine
from offramp import clock
from offramp.actions.ingest import Sent
from offramp.actions.receive import receive_all

_TOGETHER = 16
_LATE_WINDOW = timedelta(hours=48)


def main() -> None:
    """Print one JSON document for both orders, and how they compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("spans", nargs="?", type=int, default=100_000)
    parser.add_argument("--late", type=int, default=20)
    parser.add_argument("--corpus", type=Path)
    given = parser.parse_args()
    if given.corpus:
        bodies, spans = read_bodies(given.corpus / "corpus" / "otlp.bin", given.spans)
    else:
        (bodies, _), spans = make_bodies(given.spans), given.spans
    soon, late = (counted(some) / spans * 1e6 for some in (bodies, outer_later(bodies, given.late)))
    found = {"spans": spans, "bodies_late": given.late, "cpu_seconds_per_million_spans": round(soon, 1)}
    print(json.dumps({**found, "when_late": round(late, 1), "times": round(late / soon, 2)}))


def outer_later(bodies: list[bytes], late: int) -> list[bytes]:
    """The bodies with each span that has no parent moved so many bodies on; those of the last ones are left out."""
    waiting: deque[list[object]] = deque()
    found = []
    for body in bodies:
        request = ExportTraceServiceRequest.FromString(gzip.decompress(body))
        spans = request.resource_spans[0].scope_spans[0].spans
        inner = [span for span in spans if span.parent_span_id]
        waiting.append([span for span in spans if not span.parent_span_id])
        del spans[:]
        spans.extend([*inner, *(waiting.popleft() if len(waiting) > late else ())])
        found.append(gzip.compress(request.SerializeToString()))
    return found


def counted(bodies: list[bytes]) -> float:
    """CPU seconds to read and count these bodies, durably."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/late.db")
        upgrade(engine)
        gc.freeze()
        gc.set_threshold(20_000)
        began = time.process_time()
        for start in range(0, len(bodies), _TOGETHER):
            some = [
                (Sent("traces", body, "application/x-protobuf", "gzip"), clock.now())
                for body in bodies[start:][:_TOGETHER]
            ]
            outcomes = receive_all(engine, None, some, late_window=_LATE_WINDOW)
            assert not any(isinstance(outcome, Exception) for outcome in outcomes), outcomes
        seconds = time.process_time() - began
        engine.dispose()
    return seconds


if __name__ == "__main__":
    main()
