"""Clients with addresses and headers of their own are let in; who sends nearly right is told what is right."""

import asyncio
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine

from offramp.actions.keys import create_key
from offramp.serve.doors import OTLP_PATHS
from offramp.serve.ingest import ingest_app
from offramp.serve.service import Service
from tests.offramp.live_server import AT, WINDOW, Live, serving
from tests.offramp.spans import FEATURE, INPUT_TOKENS, JSON, OUTPUT_TOKENS, PROTOBUF, protobuf_body

_LANGFUSE = "/api/public/otel/v1/traces"


@pytest.fixture
def keyed(engine: Engine) -> Iterator[Live]:
    """A server that reads its keys again at every request."""
    with serving(Service(engine=engine, now=lambda: AT, late_window=WINDOW), timedelta()) as live:
        yield live


def _basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


def test_one_span_counts_once_at_whatever_path_it_is_sent(live: Live) -> None:
    """Every prefix leads to the same receiver, with the same answers for what is broken."""
    for path in OTLP_PATHS:
        if path.endswith("/traces"):
            sent = live.client.post(path, content=protobuf_body([1], AT - timedelta(hours=1)), headers=PROTOBUF)
            assert (sent.status_code, sent.content) == (200, b"")
        assert live.client.post(path, content=b"\xff", headers=PROTOBUF).status_code == 400
        assert live.client.post(path, content=b"x", headers={"content-type": "text/plain"}).status_code == 415
        assert live.client.get(path).status_code == 405
    assert live.counted() == {FEATURE: (1, INPUT_TOKENS, OUTPUT_TOKENS)}


def test_a_key_is_taken_in_the_ways_that_clients_can_send_it(engine: Engine, keyed: Live) -> None:
    """Bearer, the password of Basic, and three headers; a wrong key in any of them is 401 in the exporter's format."""
    key = create_key(engine, name="app", scopes=["ingest"], at=AT).text
    body = protobuf_body([1], AT - timedelta(hours=1))

    def ways(text: str) -> list[dict[str, str]]:
        headers = [{name: text} for name in ("x-api-key", "api-key", "api_key")]
        return [{"Authorization": f"Bearer {text}"}, _basic("pk-lf-any", text), *headers]

    for way in ways(key):
        assert keyed.client.post(_LANGFUSE, content=body, headers=PROTOBUF | way).status_code == 200
    for way in [*ways(key[:-1] + "x"), {}, _basic(key, ""), {"Authorization": "Basic !"}, {"Authorization": key}]:
        refused = keyed.client.post(_LANGFUSE, content=body, headers=PROTOBUF | way)
        assert (refused.status_code, refused.headers["content-type"]) == (401, "application/x-protobuf")


def test_reading_takes_bearer_alone(engine: Engine, keyed: Live) -> None:
    """A browser that remembers a password must not be able to act for a page of somebody else's."""
    key = create_key(engine, name="script", scopes=["read", "write", "ingest"], at=AT).text
    assert keyed.client.get("/api/features", headers=_basic("x", key)).status_code == 401
    assert keyed.client.get("/api/features", headers={"x-api-key": key}).status_code == 401
    assert keyed.client.get("/api/features", headers={"Authorization": f"Bearer {key}"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "right"),
    [
        *(("/v1/trace", "traces"), ("/v1/traces/", "traces"), ("/otel/v1/spans", "traces"), ("/api/traces", "traces")),
        *(("/", "traces"), ("/v1/log", "logs"), ("/v1/metric", "metrics")),
    ],
)
def test_who_sends_nearly_right_is_told_the_right_path(client: httpx.Client, path: str, right: str) -> None:
    """In JSON as a cure, in protobuf as the message of the status, which is what exporters log."""
    told = client.post(path, content=b"{}", headers=JSON)
    assert (told.status_code, told.json()["cure"]) == (404, f"send to /v1/{right}")
    in_protobuf = client.post(path, content=b"", headers=PROTOBUF)
    assert (in_protobuf.status_code, in_protobuf.headers["content-type"]) == (404, "application/x-protobuf")
    assert in_protobuf.content.endswith(f"there is no {path}; send to /v1/{right}".encode())


async def _told(url: str, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(ingest_app(url, None))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.post(path)


def test_the_receiver_alone_knows_every_other_path_to_be_none(database_url: str) -> None:
    """Where no page can be meant, all is answered as JSON."""
    answer = asyncio.run(_told(database_url, "/opentelemetry/v1/traces"))
    assert (answer.status_code, answer.json()["cure"]) == (404, "send to /v1/traces")
    assert asyncio.run(_told(database_url, "/nope")).json()["error"] == "there is no /nope"
