"""Middleware around everything: foreign Host and Origin headers are refused, browsers are told to be strict.

Without it any web page could reach a server on a laptop: by a name rebound to 127.0.0.1 (Streamlit
guards its WebSocket only), or by posting from its own origin.
"""

import logging
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offramp.serve.answers import refusal

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
}
_READS = ("GET", "HEAD")
# The first line of HTTP/2, read as HTTP/1: who begins so speaks gRPC, and hears no answer.
_HTTP2 = "PRI"
_NO_GRPC = "gRPC is not spoken here"
_CURE = "set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf where it is sent from"

_log = logging.getLogger(__name__)


class Guard:
    """Lets through what names an allowed host (`hosts` None: any) and adds the security headers."""

    def __init__(self, app: ASGIApp, hosts: Collection[str] | None) -> None:
        self._app = app
        self._hosts = None if hosts is None else {host.lower() for host in hosts}
        self._told = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] == _HTTP2:
            if not self._told:  # exporters try again and again
                _log.warning("somebody speaks gRPC (HTTP/2) to this port, which hears HTTP alone: %s", _CURE)
            self._told = True
            await refusal(505, _NO_GRPC, cure=_CURE, headers={"Connection": "close"})(scope, receive, send)
        elif (wrong := self._wrong(scope)) is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(403, wrong, cure="use localhost, or name the host in OFFRAMP_ALLOWED_HOSTS")(
                scope, receive, _with_headers(send)
            )

    def _wrong(self, scope: Scope) -> str | None:
        if self._hosts is None:
            return None
        headers = Headers(scope=scope)
        if _host(headers.get("host", "")) not in self._hosts:
            return "this host name is not served here"
        origin = headers.get("origin")
        reads = scope["type"] == "http" and scope["method"] in _READS
        if origin is not None and not reads and _host(origin) not in self._hosts:
            return "another site's page may not write here"
        return None


def _host(value: str) -> str | None:
    # A Host header has no scheme. urlsplit knows ports, upper case and [::1].
    try:
        return urlsplit(value if "://" in value else f"//{value}").hostname
    except ValueError:
        return None


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
