"""Traces of our own: off unless asked for, with nothing in them that somebody sent."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from starlette.applications import Starlette
from starlette.middleware import Middleware

from db.session import make_engine
from offramp.serve.http import routes
from offramp.serve.service import Service
from offramp.serve.tracing import Exporter, Traced, tracing
from tests.offramp.live_server import AT, WINDOW
from tests.processes.waiting import until

_TRACE, _PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@contextmanager
def _collector() -> Iterator[tuple[str, list[Span]]]:
    """A collector that keeps the spans it is sent."""
    taken: list[Span] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            request = ExportTraceServiceRequest.FromString(body)
            taken.extend(span for each in request.resource_spans for some in each.scope_spans for span in some.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", taken
    server.shutdown()
    thread.join()
    server.server_close()


async def _asked(app: Starlette) -> None:
    headers = {"traceparent": f"00-{_TRACE}-{_PARENT}-01", "authorization": "Bearer CANARY"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        await client.post("/api/evals/CANARY?q=CANARY", json=["CANARY"], headers=headers)
        await client.get("/healthz")


def test_each_request_is_a_span_that_holds_nothing_of_what_was_sent(sqlite_url: str) -> None:
    """Method, path without names, status, the caller's trace; no body, header, query or name."""
    engine = make_engine(sqlite_url)
    service = Service(engine=engine, now=lambda: AT, late_window=WINDOW)
    with _collector() as (url, taken):
        traced = Middleware(Traced, exporter=Exporter(url, seconds=0.05), now=lambda: AT)
        asyncio.run(_asked(Starlette(routes=routes(service), middleware=[traced])))
        until(lambda: len(taken) >= 2)
    engine.dispose()
    first, second = taken
    assert (first.name, second.name) == ("POST /api/evals", "GET /healthz")
    assert (first.trace_id.hex(), first.parent_span_id.hex()) == (_TRACE, _PARENT)
    assert second.parent_span_id == b""
    assert second.status.code == Status.STATUS_CODE_UNSET
    assert b"CANARY" not in first.SerializeToString() + second.SerializeToString()


def test_without_the_setting_there_is_no_middleware(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent anywhere unless somebody asks for it."""
    monkeypatch.delenv("OFFRAMP_TRACES_URL", raising=False)
    assert tracing() == []
    monkeypatch.setenv("OFFRAMP_TRACES_URL", "http://127.0.0.1:9/v1/traces")
    assert len(tracing()) == 1
