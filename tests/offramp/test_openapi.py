"""The API's description: complete, and shown without a network."""

import httpx

from offramp.serve.http import routes
from offramp.serve.langfuse import INGESTION, SCORES
from offramp.serve.openapi import document
from tests.offramp.live_server import Live


def test_every_path_is_described_and_every_description_has_a_path(live: Live) -> None:
    """What begins with /api, but for other tools' own paths and the description itself, and the health paths."""
    ours = {route.path for route in routes(live.service) if hasattr(route, "path")}
    api = {path for path in ours if path.startswith("/api/") and "otel" not in path and "rest" not in path}
    api -= {SCORES, INGESTION}
    assert set(document()["paths"]) == api - {"/api/openapi.json", "/api/docs"} | {"/healthz", "/readyz"}
    for path, methods in document()["paths"].items():
        wrong = {"get", "post", "put", "delete", "patch"} - set(methods)
        answers = [live.client.request(method.upper(), path.format(slug="a", move="claim")) for method in sorted(wrong)]
        assert {answer.status_code for answer in answers} == {405}, path


def test_the_document_and_its_page_are_served(client: httpx.Client) -> None:
    """Both come from this process; the page has no script and asks nobody else."""
    assert client.get("/api/openapi.json").json() == document()
    page = client.get("/api/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "POST /api/usage" in page.text
    assert "<script" not in page.text
    assert "http://" not in page.text + " https://".join(page.text.split("https://")[1:])
