"""Traces of our own: one OTLP span for each request, to the collector that OFFRAMP_TRACES_URL names; else none.

A span says method, path without names, status and time; never a body, a header or a query. It continues the caller's
`traceparent` (W3C Trace Context). Spans are sent by a thread in small batches; what a collector that is away cannot
take is dropped, for no request may wait for it. The OpenTelemetry SDK is not needed for that.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from queue import Empty, Full, Queue
from threading import Lock, Thread

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offramp import __version__, clock, config

_WAITING, _TOGETHER, _EVERY_SECONDS, _PATIENCE_SECONDS = 2_048, 256, 2.0, 5.0
_PARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_SEGMENTS = 3
_SERVER_FAILED = 500

_log = logging.getLogger(__name__)


class Exporter:
    """Sends spans to a collector from a thread of its own, which starts with the first span."""

    def __init__(self, url: str, seconds: float = _EVERY_SECONDS) -> None:
        self._url = url
        self._seconds = seconds
        self._waiting: Queue[Span] = Queue(_WAITING)
        self._lock = Lock()
        self._thread: Thread | None = None
        self._away = False

    def take(self, span: Span) -> None:
        """Send it soon, or drop it where too many wait."""
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="traces", daemon=True)
                self._thread.start()
        try:
            self._waiting.put_nowait(span)
        except Full:
            _log.debug("a span of our own was dropped")

    def _run(self) -> None:
        while True:
            spans = [self._waiting.get()]
            time.sleep(self._seconds)
            with suppress(Empty):
                while len(spans) < _TOGETHER:
                    spans.append(self._waiting.get_nowait())
            self._send(spans)

    def _send(self, spans: list[Span]) -> None:
        request = ExportTraceServiceRequest()
        resource = request.resource_spans.add()
        resource.resource.attributes.add(key="service.name").value.string_value = "offramp"
        resource.resource.attributes.add(key="service.version").value.string_value = __version__
        resource.scope_spans.add().spans.extend(spans)
        headers = {"content-type": "application/x-protobuf"}
        try:
            httpx.post(self._url, content=request.SerializeToString(), headers=headers, timeout=_PATIENCE_SECONDS)
        except httpx.HTTPError as error:
            if not self._away:
                _log.warning("traces of our own cannot be sent: %s", type(error).__name__)
            self._away = True
            return
        self._away = False


class Traced:
    """Middleware: a span around each HTTP request."""

    def __init__(self, app: ASGIApp, exporter: Exporter, now: Callable[[], datetime]) -> None:
        self._app = app
        self._exporter = exporter
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; WebSockets and lifespans pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = self._now(), [0]

        async def send_noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        finally:
            self._exporter.take(_span(scope, status[0], began, self._now()))


def tracing() -> list[Middleware]:
    """The middleware that the settings ask for: one, or none."""
    url = config.traces_url()
    return [Middleware(Traced, exporter=Exporter(url), now=clock.now)] if url else []


def _span(scope: Scope, status: int, began: datetime, ended: datetime) -> Span:
    # Behind the second part of a path may stand the name of a feature.
    route = "/".join(scope["path"].split("/")[:_SEGMENTS])
    span = Span(name=f"{scope['method']} {route}", kind=Span.SPAN_KIND_SERVER, span_id=secrets.token_bytes(8))
    known = _PARENT.fullmatch(Headers(scope=scope).get("traceparent", ""))
    span.trace_id = bytes.fromhex(known[1]) if known else secrets.token_bytes(16)
    span.parent_span_id = bytes.fromhex(known[2]) if known else b""
    span.start_time_unix_nano, span.end_time_unix_nano = (int(at.timestamp() * 1e6) * 1_000 for at in (began, ended))
    for key, text in (("http.request.method", scope["method"]), ("http.route", route)):
        span.attributes.add(key=key).value.string_value = text
    span.attributes.add(key="http.response.status_code").value.int_value = status
    if status == 0 or status >= _SERVER_FAILED:
        span.status.code = Status.STATUS_CODE_ERROR
    return span
