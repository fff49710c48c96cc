"""The HTTP surface as Starlette routes, the same in one process and in several."""

from collections.abc import Awaitable, Callable, Mapping

import anyio
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from collectors.otlp_body import PROTOBUF
from offramp.serve import api, langfuse, openapi, otlp
from offramp.serve.answers import otlp_error, refusal
from offramp.serve.doors import OTLP_PATHS, meant
from offramp.serve.service import Service

Handler = Callable[[Service, Request], Awaitable[Response]]
Failure = Callable[[Exception, Request], Response]

# Under these nothing is Streamlit's.
_OURS = tuple(f"{prefix}{rest}" for prefix in ("/api", "/v1", "/otel", "/otlp") for rest in ("", "/{rest:path}"))
_UNREAD = (405, 408, 413, 415, 429)
# Refused before a byte was read. What is on its way already is read first: a connection that closes on unread bytes is
# reset, and the client never sees why.
_UNOPENED = (405, 415)
_ON_ITS_WAY_BYTES, _ON_ITS_WAY_SECONDS = 65_536, 0.5


class _Body:
    """What the server hands over of a request, and whether that was all."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._over = False

    async def __call__(self) -> Message:
        """The next message."""
        message = await self._receive()
        self._over = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def hear_out(self) -> None:
        """Take what is on its way already."""
        read = 0
        with anyio.move_on_after(_ON_ITS_WAY_SECONDS):
            while not self._over and read < _ON_ITS_WAY_BYTES:
                read += len((await self()).get("body", b""))


class Endpoint:
    """One path: the handler of each method, and what to say when it fails or another method comes."""

    def __init__(self, path: str, service: Service, handlers: Mapping[str, Handler], failure: Failure) -> None:
        self._path = path
        self._service = service
        self._handlers = handlers
        self._failure = failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        body = _Body(receive)
        request = Request(scope, body)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        self._service.answers[self._path, response.status_code] += 1
        if response.status_code in _UNOPENED:
            await body.hear_out()
        if response.status_code in _UNREAD:
            response.headers["Connection"] = "close"  # else the server would go on reading what nobody wants
        await response(scope, body, send)

    async def _answer(self, request: Request) -> Response:
        handler = self._handlers.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            allowed = ", ".join(sorted(self._handlers))
            words = f"{request.method} is not understood here"
            if self._failure is otlp.otlp_failure:
                return otlp_error(405, words, None, headers={"Allow": allowed})
            return refusal(405, words, cure=f"use {allowed}", headers={"Allow": allowed})
        try:
            return await handler(self._service, request)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 (exporters drop what a 500 answers: every failure gets a status)
            return self._failure(error, request)


class Unknown:
    """404 as JSON, where Streamlit would answer 200 with its page; exporters are told the path that they meant."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path: str = scope["path"]
        words = f"there is no {path[:200]}"
        # An exporter that was given an address in code sends to it as it is: without any path.
        right = "/v1/traces" if path == "/" else meant(path)
        if right is None:
            answer = refusal(404, words, cure="docs/collect.md names the paths")
        elif PROTOBUF in Headers(scope=scope).get("content-type", ""):
            answer = otlp_error(404, f"{words}; send to {right}", PROTOBUF)
        else:
            answer = refusal(404, words, cure=f"send to {right}")
        await answer(scope, receive, send)


async def _alive(_service: Service, _request: Request) -> Response:
    return JSONResponse({"alive": True})


async def _described(_service: Service, _request: Request) -> Response:
    return JSONResponse(openapi.document())


async def _shown(_service: Service, _request: Request) -> Response:
    return HTMLResponse(openapi.page())


def routes(service: Service) -> list[BaseRoute]:
    """Every path of ours; what else begins as they do is 404."""
    pushed: dict[str, dict[str, Handler]] = {
        "/api/usage": {"POST": api.post_usage},
        "/api/evals": {"POST": api.post_evals},
        langfuse.SCORES: {"POST": langfuse.post_scores},
        langfuse.INGESTION: {"POST": langfuse.post_ingestion},
    }
    return [
        *(Route(path, Endpoint(path, service, {"POST": otlp.receive}, otlp.otlp_failure)) for path in OTLP_PATHS),
        *_json_routes(service, pushed),
        *asked_routes(service),
    ]


def asked_routes(service: Service) -> list[BaseRoute]:
    """The API without what is counted, which ingest takes: features, alerts, verdicts, health; the rest is 404."""
    handlers: dict[str, dict[str, Handler]] = {
        "/api/features": {"GET": api.get_features, "POST": api.post_features},
        "/api/alerts": {"GET": api.get_alerts},
        "/api/alerts/{slug}/{move}": {"POST": api.post_move},
        "/api/explain/{slug}": {"GET": api.get_explain},
        "/api/openapi.json": {"GET": _described},
        "/api/docs": {"GET": _shown},
    }
    return [
        *_json_routes(service, handlers),
        *health_routes(service),
        *(Route(path, Unknown()) for path in _OURS),
        Route("/", Unknown(), methods=["POST"]),
    ]


def health_routes(service: Service) -> list[BaseRoute]:
    """Alive, ready, measures: what every serving process answers."""
    return _json_routes(
        service,
        {"/healthz": {"GET": _alive}, "/readyz": {"GET": api.get_ready}, "/metrics": {"GET": api.get_metrics}},
    )


def _json_routes(service: Service, handlers: Mapping[str, Mapping[str, Handler]]) -> list[BaseRoute]:
    return [Route(path, Endpoint(path, service, methods, api.failure)) for path, methods in handlers.items()]
