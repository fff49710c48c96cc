"""The JSON API, health and measures over a real socket."""

from datetime import timedelta

import httpx
import pytest

from tests.offramp.live_server import AT, Live
from tests.offramp.spans import FEATURE, JSON, MODEL, PROTOBUF, protobuf_body

_EARLIER = AT - timedelta(hours=1)


def test_usage_pushed_as_json_counts_once_and_names_what_is_wrong(live: Live) -> None:
    """Good rows are kept, each wrong one is named with row, field and cure; again adds nothing."""
    row = {
        "timestamp": "2026-11-22T09:00:00Z",
        "feature": FEATURE,
        "model": MODEL,
        "input_tokens": 7,
        "output_tokens": 1,
    }
    rows = [row, {**row, "input_tokens": -1}, {**row, "call_id": "a"}]
    first = live.client.post("/api/usage", json=rows)
    again = live.client.post("/api/usage", json=rows)
    assert (first.status_code, first.json()["accepted"], first.json()["duplicates"]) == (200, 2, 0)
    assert (again.status_code, again.json()["accepted"], again.json()["duplicates"]) == (200, 0, 2)
    wrong = first.json()["rejected"]
    assert [(item["row"], item["field"]) for item in wrong] == [(2, "input_tokens")]
    assert live.counted() == {FEATURE: (2, 14, 2)}
    assert live.client.post("/api/usage", json=[rows[1]]).status_code == 400


def test_evals_pushed_as_json_are_kept_once(live: Live) -> None:
    """A score is a row, however often it is sent."""
    row = {"feature": FEATURE, "metric": "accuracy", "score": 0.93, "n": 200, "timestamp": "2026-11-22T09:00:00Z"}
    answers = [live.client.post("/api/evals", json=[row]).json() for _ in range(2)]
    assert [(item["accepted"], item["duplicates"]) for item in answers] == [(1, 0), (0, 1)]


@pytest.mark.parametrize(
    ("body", "headers", "status", "error"),
    [
        (b'{"a": 1}', JSON, 400, "the body is not a JSON array of objects"),
        (b"[1]", JSON, 400, "the body is not a JSON array of objects"),
        (b"[", JSON, 400, "the body is not JSON in UTF-8"),
        ("[]".encode("utf-16"), JSON, 400, "the body is not JSON in UTF-8"),
        (b"[" * 100_000, JSON, 400, "the body is not JSON in UTF-8"),
        (b"[]", {"content-type": "text/plain"}, 415, "send application/json"),
    ],
    ids=["object", "numbers", "cut", "utf-16", "deep", "type"],
)
def test_a_push_that_cannot_be_read_says_so(
    client: httpx.Client, body: bytes, headers: dict[str, str], status: int, error: str
) -> None:
    """The answer is design's {"error", "row", "field", "cure"}."""
    answer = client.post("/api/usage", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) == {"error", "row", "field", "cure"}


def test_features_are_registered_and_listed(client: httpx.Client) -> None:
    """POST registers all or none and says what changed; GET lists what POST registered."""
    good = {"slug": FEATURE, "owner": "support", "strategy": "prompt"}
    assert client.post("/api/features", json={"features": [good]}).json()[0]["change"] == "created"
    assert client.post("/api/features", json=[good]).json()[0]["change"] == "unchanged"
    bad = client.post("/api/features", json=[{**good, "slug": "other"}, {"slug": "No Slug", "strategy": "magic"}])
    assert bad.status_code == 400
    assert {(item["row"], item["field"]) for item in bad.json()["problems"]} == {(2, "slug"), (2, "strategy")}
    listed = client.get("/api/features").json()
    assert [(item["slug"], item["owner"], item["registered"]) for item in listed] == [(FEATURE, "support", True)]


def test_alerts_and_explanations_answer_without_any(client: httpx.Client) -> None:
    """No alerts is an empty list; no verdict is a 404 with its cure; a wrong state names the right ones."""
    assert client.get("/api/alerts").json() == []
    missing = client.get(f"/api/explain/{FEATURE}")
    assert (missing.status_code, missing.json()["field"]) == (404, "feature")
    wrong = client.get("/api/alerts", params={"state": "odd"})
    assert (wrong.status_code, wrong.json()["error"]) == (400, "no state 'odd'")


def test_health_readiness_and_measures(live: Live) -> None:
    """Alive and ready are two questions; the measures say what arrived and what was answered."""
    live.client.post("/v1/traces", content=protobuf_body(range(1, 4), _EARLIER), headers=PROTOBUF)
    assert live.client.get("/healthz").json() == {"alive": True}
    assert live.client.get("/readyz").json() == {"ready": True}
    answer = live.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert 'offramp_records_total{source="otlp",outcome="accepted"} 3' in lines
    assert 'offramp_http_answers_total{path="/v1/traces",status="200"} 1' in lines
    assert "offramp_open_alerts 0" in lines
