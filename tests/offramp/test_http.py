"""The HTTP surface over a real socket: what is counted, what is refused, and with which words."""

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from sqlalchemy import Engine, text

from collectors.otlp_body import LIMIT_BYTES
from db.queries.sources import intake
from db.session import make_engine, reading, transaction
from db.store.usage import record_intake
from offramp.serve.bench import Bench
from offramp.serve.service import Service
from tests.conftest import ROOT
from tests.offramp.live_server import AT, WINDOW, Live, serving
from tests.offramp.spans import FEATURE, INPUT_TOKENS, JSON, OUTPUT_TOKENS, PROTOBUF, json_body, protobuf_body

_EARLIER = AT - timedelta(hours=1)


def _intake(live: Live) -> dict[tuple[str, str], int]:
    with reading(live.service.engine) as session:
        return {(item.source, item.outcome): item.count for item in intake(session, 0)}


@pytest.mark.parametrize(("make", "headers"), [(protobuf_body, PROTOBUF), (json_body, JSON)], ids=["protobuf", "json"])
def test_the_same_body_twice_counts_once(
    live: Live, make: Callable[[range, datetime], bytes], headers: dict[str, str]
) -> None:
    """Traces are counted with their tokens; a repeated delivery is answered 200 and changes no figure."""
    body = make(range(1, 6), _EARLIER)
    for _ in range(2):
        answer = live.client.post("/v1/traces", content=body, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (200, headers["content-type"])
        assert answer.content in (b"", b"{}")
    assert live.counted() == {FEATURE: (5, 5 * INPUT_TOKENS, 5 * OUTPUT_TOKENS)}
    assert _intake(live)["otlp", "duplicate"] == 5


def test_spans_sent_in_other_batches_count_once(live: Live) -> None:
    """Split, merged and re-batched deliveries, in protobuf and JSON, are the same calls."""
    for numbers in (range(1, 8), range(5, 12), [11, 1, 20]):
        live.client.post("/v1/traces", content=protobuf_body(numbers, _EARLIER), headers=PROTOBUF)
        live.client.post("/v1/traces", content=json_body(numbers, _EARLIER), headers=JSON)
    assert live.counted()[FEATURE][0] == 12


def test_gzip_and_chunks_are_understood(live: Live) -> None:
    """A gzip body and a body without Content-Length are taken like any other."""
    packed = {**PROTOBUF, "content-encoding": "gzip"}
    zipped = live.client.post("/v1/traces", content=gzip.compress(protobuf_body(range(1, 4), _EARLIER)), headers=packed)
    body = json_body(range(4, 10), _EARLIER)
    pieces = (body[start : start + 100] for start in range(0, len(body), 100))
    chunked = live.client.post(
        "/v1/traces", content=pieces, headers={**JSON, "content-type": "application/json; charset=utf-8"}
    )
    assert (zipped.status_code, chunked.status_code) == (200, 200)
    assert "content-length" not in chunked.request.headers
    assert live.counted()[FEATURE][0] == 9


def test_late_and_future_spans_are_refused_by_partial_success(live: Live) -> None:
    """What lies outside the window is not counted, told in the answer, and counted by reason."""
    late, future = AT - timedelta(hours=25), AT + timedelta(minutes=6)
    answers = [
        live.client.post("/v1/traces", content=protobuf_body([1, 2], late), headers=PROTOBUF),
        live.client.post("/v1/traces", content=protobuf_body([3], future), headers=PROTOBUF),
    ]
    told = [ExportTraceServiceResponse.FromString(answer.content).partial_success for answer in answers]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [part.rejected_spans for part in told] == [2, 1]
    assert told[0].error_message == "refused spans, by reason: late: 2; late is more than 24 h ago"
    in_json = live.client.post("/v1/traces", content=json_body([4], late), headers=JSON).json()
    assert in_json["partialSuccess"]["rejectedSpans"] == "1"
    assert live.counted() == {}
    assert (_intake(live)["otlp", "late"], _intake(live)["otlp", "future"]) == (3, 1)


def test_bodies_of_real_clients_are_taken(live: Live) -> None:
    """What instrumented clients sent is counted over the wire as well, and a second delivery adds nothing."""
    service = Service(engine=live.service.engine, now=lambda: AT + timedelta(days=1), late_window=None)
    headers = {"genai-gzip": {**PROTOBUF, "content-encoding": "gzip"}, "genai-json": JSON, "openinference": PROTOBUF}
    with serving(service) as other:
        for path in sorted((ROOT / "tests" / "data" / "otlp").glob("[go]*")):
            sent = headers[path.name.partition(".")[0]]
            first = other.client.post("/v1/traces", content=path.read_bytes(), headers=sent)
            counted = other.counted()
            second = other.client.post("/v1/traces", content=path.read_bytes(), headers=sent)
            assert (first.status_code, second.status_code) == (200, 200)
            assert other.counted() == counted
    assert sum(calls for calls, _, _ in counted.values()) == 15


@pytest.mark.parametrize("signal", ["metrics", "logs"])
def test_metrics_and_logs_are_taken(live: Live, signal: str) -> None:
    """An empty request is answered in full; what is no metrics request is 400, as the specification asks."""
    answer = live.client.post(f"/v1/{signal}", content=b"{}", headers=JSON)
    assert (answer.status_code, answer.content) == (200, b"{}")
    assert live.client.post(f"/v1/{signal}", content=b"\xff", headers=PROTOBUF).status_code == 400
    assert live.client.post(f"/v1/{signal}", content=b"[]", headers=JSON).status_code == 400


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"\xff\xff", PROTOBUF, 400),
        (b"{", JSON, 400),
        (b"no gzip", {**PROTOBUF, "content-encoding": "gzip"}, 400),
        (gzip.compress(b"{}", mtime=0)[:-4], {**JSON, "content-encoding": "gzip"}, 400),
        (b"{}", {"content-type": "text/plain"}, 415),
        (b"{}", {**JSON, "content-encoding": "zstd"}, 415),
        (gzip.compress(bytes(LIMIT_BYTES + 1), 1, mtime=0), {**PROTOBUF, "content-encoding": "gzip"}, 413),
    ],
    ids=["garbage", "cut-json", "no-gzip", "cut-gzip", "type", "encoding", "bomb"],
)
def test_a_body_that_cannot_be_taken_is_refused_for_good(
    live: Live, body: bytes, headers: dict[str, str], status: int
) -> None:
    """The answer is a google.rpc.Status that says why; nothing is counted."""
    answer = live.client.post("/v1/traces", content=body, headers=headers)
    assert answer.status_code == status
    if headers == PROTOBUF:
        assert answer.headers["content-type"] == "application/x-protobuf"
        assert answer.content[:2] == b"\x08\x03"
        assert b"not a protobuf trace request" in answer.content
    elif headers == JSON:
        assert answer.json() == {"code": 3, "message": answer.json()["message"]}
    assert "Retry-After" not in answer.headers
    assert live.counted() == {}


def test_a_body_without_length_is_read_no_further_than_twice_the_limit(engine: Engine) -> None:
    """An oversized body is heard out and answered 413; an endless one is cut off."""
    limit = 2**20
    writes = Bench(threads=1, waiting=9, limit_bytes=limit)
    service = Service(engine=engine, now=lambda: AT, late_window=WINDOW, writes=writes)
    sent: list[int] = []

    def pieces(most: int | None) -> Iterator[bytes]:
        while most is None or sum(sent) < most:
            sent.append(65_536)
            yield bytes(65_536)

    with serving(service) as live:
        answer = live.client.post("/v1/traces", content=pieces(limit + 65_536), headers=PROTOBUF)
        sent.clear()
        with suppress(httpx.HTTPError):  # a closed connection, or the answer if it comes first
            live.client.post("/v1/traces", content=pieces(None), headers=PROTOBUF)
        after = live.client.post("/v1/traces", content=protobuf_body([1], _EARLIER), headers=PROTOBUF)
    assert answer.status_code == 413
    assert service.answers["/v1/traces", 413] == 2
    assert sum(sent) < 64 * limit
    assert after.status_code == 200


def test_what_does_not_exist_is_404_json_and_other_methods_405(client: httpx.Client) -> None:
    """Unknown paths under /api and /v1 never answer with a page; a wrong method names the right ones."""
    for path in ("/api", "/api/nope", "/api/alerts/x", "/v1", "/v1/nope"):
        for method in ("GET", "POST", "DELETE"):
            answer = client.request(method, path)
            assert (answer.status_code, answer.json()["error"]) == (404, f"there is no {path}")
    wrong = client.put("/api/features")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, POST")
    assert wrong.json()["cure"] == "use GET, POST"
    assert client.get("/v1/traces").json() == {"code": 12, "message": "GET is not understood here"}


def test_a_database_without_schema_is_not_ready(blank_url: str) -> None:
    """Before `migrate` the server is alive, not ready, and takes nothing."""
    engine = make_engine(blank_url)
    with serving(Service(engine=engine, now=lambda: AT, late_window=WINDOW)) as live:
        ready = live.client.get("/readyz")
        sent = live.client.post("/v1/traces", content=protobuf_body([1], _EARLIER), headers=PROTOBUF)
        assert live.client.get("/healthz").status_code == 200
    engine.dispose()
    assert (ready.status_code, ready.json()["cure"]) == (503, "run `offramp migrate`")
    assert (sent.status_code, sent.headers["retry-after"]) == (503, "1")


def test_a_table_that_is_missing_under_a_running_receiver_names_migrate(engine: Engine) -> None:
    """503 in every shape of answer, with the cure and without the statement; the same body counts after `migrate`."""
    service = Service(engine=engine, now=lambda: AT, late_window=WINDOW)
    with serving(service) as live:
        with transaction(engine) as session:
            session.execute(text("ALTER TABLE rollup RENAME TO rollup_of_another_version"))
        spans = live.client.post("/v1/traces", content=protobuf_body([1], _EARLIER), headers=PROTOBUF)
        pushed = live.client.post("/api/usage", json=[{"timestamp": AT.isoformat(), "model": "m", "input_tokens": 1}])
        with transaction(engine) as session:
            session.execute(text("ALTER TABLE rollup_of_another_version RENAME TO rollup"))
        again = live.client.post("/v1/traces", content=protobuf_body([1], _EARLIER), headers=PROTOBUF)
        assert live.counted()[FEATURE][0] == 1
        with transaction(engine) as session:
            session.execute(text("ALTER TABLE api_key RENAME TO api_key_of_another_version"))
        with serving(Service(engine=engine, now=lambda: AT, late_window=WINDOW)) as other:
            unlocked = other.client.get("/api/alerts")
    words = "the database does not have the schema of this version: run `offramp migrate`; nothing was stored"
    for answer in (spans, pushed, unlocked):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert words in answer.text
        assert "rollup" not in answer.text
        assert "api_key" not in answer.text
    assert again.status_code == 200


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_database_that_is_gone_is_503_with_retry_after(kind: str, tmp_path: Path) -> None:
    """Nothing is acknowledged that was not stored, and nothing is answered 500: exporters send a 503 again."""
    urls = {"sqlite": f"sqlite:///{tmp_path}/gone/offramp.db", "postgres": "postgresql://a:s3cret@127.0.0.1:1/gone"}
    engine = make_engine(urls[kind])
    with serving(Service(engine=engine, now=lambda: AT, late_window=WINDOW)) as live:
        sent = live.client.post("/v1/traces", content=json_body([1], _EARLIER), headers=JSON)
        others = [live.client.get(path) for path in ("/api/alerts", "/api/features", "/readyz", "/metrics")]
    engine.dispose()
    assert (sent.status_code, sent.headers["retry-after"], sent.json()["code"]) == (503, "1", 14)
    assert {(answer.status_code, answer.headers["retry-after"]) for answer in others} == {(503, "1")}
    assert all("s3cret" not in answer.text and str(tmp_path) not in answer.text for answer in [sent, *others])


def test_a_full_queue_is_429_and_recovers(engine: Engine) -> None:
    """While one write holds the database, a second sender is told to come again, and later succeeds."""
    service = Service(engine=engine, now=lambda: AT, late_window=WINDOW, writes=Bench(threads=1, waiting=0))
    body = protobuf_body([1], _EARLIER)
    answers: list[httpx.Response] = []
    with serving(service) as live:

        def send() -> None:
            answers.append(
                httpx.post(f"http://127.0.0.1:{live.port}/v1/traces", content=body, headers=PROTOBUF, timeout=60)
            )

        with transaction(engine) as session:
            # The same counter row, or on SQLite the whole file, is now held.
            record_intake(session, "otlp", {"accepted": 1}, AT)
            first = threading.Thread(target=send)
            first.start()
            while service.writes.busy == 0:
                pass
            full = live.client.post("/v1/traces", content=body, headers=PROTOBUF)
            reads = live.client.get("/healthz")
        first.join()
        after = live.client.post("/v1/traces", content=body, headers=PROTOBUF)
    assert (full.status_code, full.headers["retry-after"], reads.status_code) == (429, "1", 200)
    assert [answers[0].status_code, after.status_code] == [200, 200]


@pytest.mark.parametrize("path", ["/healthz", "/api/alerts", "/v1/traces"])
def test_a_rebound_name_or_a_foreign_page_is_refused(client: httpx.Client, path: str) -> None:
    """A page of another site reaches nothing: not by a name that points here, not by posting from its origin."""
    rebound = client.get(path, headers={"host": "evil.example"})
    assert (rebound.status_code, rebound.json()["error"]) == (403, "this host name is not served here")
    for origin in ("http://evil.example", "null", "http://[evil"):
        assert client.post(path, headers={"origin": origin}).status_code == 403
    ours = client.post("/api/features", json=[], headers={"origin": "http://localhost:8501"})
    assert ours.status_code == 200
    for host in ("localhost", "LOCALHOST:80", "[::1]:8501"):
        assert client.get("/healthz", headers={"host": host}).status_code == 200


def test_who_speaks_grpc_is_told_in_the_log(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    """Its client shows no answer and tries for ever: the log of the server names the cure, once."""
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", live.port), timeout=30) as raw:
            raw.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            answer = raw.recv(12)
    assert answer == b"HTTP/1.1 505"
    told = [record.getMessage() for record in caplog.records if "gRPC" in record.getMessage()]
    assert len(told) == 1
    assert "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf" in told[0]


def test_every_answer_tells_browsers_to_be_strict(client: httpx.Client) -> None:
    """No sniffing, no framing, also on errors."""
    for path in ("/healthz", "/api/nope"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "frame-ancestors 'none'"


def test_a_sender_that_goes_away_leaves_the_server_well(live: Live) -> None:
    """Half a body and a closed connection count nothing and block nothing."""
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", live.port)) as raw:
            raw.sendall(b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n")
            raw.sendall(b"Content-Type: application/x-protobuf\r\n\r\nhalf")
    sent = live.client.post("/v1/traces", content=protobuf_body([1], _EARLIER), headers=PROTOBUF)
    assert sent.status_code == 200
    assert live.counted()[FEATURE][0] == 1


def test_the_answer_of_a_prompt_bearing_body_holds_none_of_it(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    """Neither an error's words nor the log repeat what was sent."""
    body = json.dumps({"resourceSpans": [{"scopeSpans": "SECRET PROMPT"}]}).encode()
    answer = live.client.post("/v1/traces", content=body, headers=JSON)
    pushed = live.client.post("/api/usage", json=[{"timestamp": "SECRET PROMPT", "model": "SECRET PROMPT" * 100}])
    assert (answer.status_code, pushed.status_code) == (400, 400)
    assert "SECRET" not in answer.text + pushed.text + caplog.text
