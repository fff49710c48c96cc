"""Scores that Langfuse's SDKs send: to the feature of the answer or trace they are of, in any order, each once."""

import itertools
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine

from collectors.langfuse_push import SOURCE, pushed_scores
from db.queries.scores import scores
from db.queries.sources import intake
from db.session import reading
from offramp.actions.ingest import Batch, Sent
from offramp.actions.keys import create_key
from offramp.actions.receive import receive, receive_read
from offramp.actions.spill import decoded, encoded
from offramp.serve.langfuse import INGESTION, SCORES
from offramp.serve.service import Service
from tests.collectors.otlp_bodies import RECEIVED, TRACE, Given, request
from tests.offramp.live_server import WINDOW, Live, serving
from tests.offramp.spans import JSON, PROTOBUF

_MADE = f"{RECEIVED - timedelta(minutes=1):%Y-%m-%dT%H:%M:%S.%f}Z"
_SERVICE = {"service.name": "bot"}
_TRIAGE = {"feature": "triage"}


@pytest.fixture
def near(engine: Engine) -> Iterator[Live]:
    """A receiver whose clock is that of the spans."""
    with serving(Service(engine=engine, now=lambda: RECEIVED, late_window=WINDOW), timedelta()) as live:
        yield live


def _score(number: int = 1, value: object = 1, **more: object) -> dict[str, object]:
    made = {"id": f"s{number}", "traceId": TRACE.hex(), "name": "helpful", "value": value, "timestamp": _MADE}
    return made | more


def _spans(engine: Engine, *spans: Given) -> None:
    body = request(spans, _SERVICE).SerializeToString()
    receive(engine, None, Sent("traces", body, PROTOBUF["content-type"]), at=RECEIVED, late_window=WINDOW)


def _told(engine: Engine) -> list[tuple[str, str, Decimal, int | None, str | None, str | None]]:
    with reading(engine) as session:
        found = scores(session, ["triage", "bot"])
    return sorted((one.feature, one.metric, one.score, one.n, one.evaluator, one.evaluator_version) for one in found)


def test_a_captured_body_is_taken_once(near: Live, shared: Path) -> None:
    """What version 5 of the SDK sends is answered as Langfuse answers it, and what is in doubt may be sent again."""
    body = (shared / "samples/otlp_captures/langfuse/scores-01.json").read_bytes()
    (given,) = json.loads(body)
    trace, span = bytes.fromhex(given["traceId"]), 7
    body = body.replace(given["timestamp"].encode(), _MADE.encode())
    _spans(near.service.engine, Given(number=span, trace_id=trace, attributes=_TRIAGE))
    for _ in range(2):
        sent = near.client.post(SCORES, content=body, headers=JSON)
        assert (sent.status_code, sent.json()) == (202, {"message": "Accepted"})
    assert _told(near.service.engine) == [("triage", "helpfulness", Decimal("0.8"), 1, "langfuse api", None)]
    with reading(near.service.engine) as session:
        assert {row.outcome: row.count for row in intake(session, 0) if row.source == SOURCE} == {"eval_accepted": 1}


def test_a_batch_of_events_is_taken_for_its_scores(near: Live) -> None:
    """SDKs before version 5: each event is told what became of it; observations are said to go elsewhere."""
    _spans(near.service.engine, Given(number=2))
    judge = {"evaluator": "judge", "evaluator_version": 3}
    batch = [
        {
            "id": "e1",
            "type": "score-create",
            "timestamp": _MADE,
            "body": _score(1, 0.5, timestamp=None, metadata=judge),
        },
        {"id": "e2", "type": "score-create", "timestamp": _MADE, "body": _score(2, value=True, dataType="BOOLEAN")},
        {"id": "e3", "type": "score-create", "timestamp": _MADE, "body": _score(3, "it was nice")},
        {"id": "e4", "type": "generation-create", "timestamp": _MADE, "body": {"input": "what somebody wrote"}},
        {"id": "e5", "type": "score-create", "timestamp": "2020-01-01T00:00:00Z", "body": _score(5, timestamp=None)},
        {"id": "e6", "type": "score-create", "timestamp": "soon", "body": _score(6, timestamp=None)},
    ]
    sent = near.client.post(INGESTION, json={"batch": batch, "metadata": {}})
    assert sent.status_code == 207
    assert [item["id"] for item in sent.json()["successes"]] == ["e1", "e2"]
    assert [(item["id"], item["status"]) for item in sent.json()["errors"]] == [(f"e{n}", 400) for n in (3, 4, 5, 6)]
    assert _told(near.service.engine) == [
        ("bot", "helpful", Decimal("0.5"), 1, "judge", "3"),
        ("bot", "helpful", Decimal(1), 1, "langfuse api", None),
    ]


def test_scores_follow_their_trace_in_any_order(engine: Engine) -> None:
    """Whichever of score, call and the span around it comes first, both scores end with the feature that it names."""
    orders = list(itertools.permutations(range(4)))
    for number, order in enumerate(orders, start=1):
        trace = TRACE[:8] + number.to_bytes(8, "big")
        whole = _score(number, 0.25, name="whole", traceId=trace.hex())
        answer = _score(-number, 0.75, name="answer", traceId=trace.hex(), observationId=f"{2:016x}")
        steps: list[Callable[[], object]] = [
            partial(_push, engine, whole),
            partial(_push, engine, answer),
            partial(_spans, engine, Given(number=2, parent=1, trace_id=trace)),
            partial(_spans, engine, Given(number=1, attributes=_TRIAGE, trace_id=trace, began_ago_ms=2_000)),
        ]
        for part in order:
            steps[part]()
        assert _told(engine) == [
            ("triage", "answer", Decimal("0.75"), number, "langfuse api", None),
            ("triage", "whole", Decimal("0.25"), number, "langfuse api", None),
        ], order


def _push(engine: Engine, *rows: dict[str, object]) -> None:
    found = pushed_scores(list(rows), at=RECEIVED, oldest=None)
    facts = tuple(item.fact for item in found if item.fact is not None)
    receive_read(engine, None, Batch(source=SOURCE, at=RECEIVED, oldest=None, spans=facts))


def test_what_is_wrong_is_told_and_the_rest_is_taken(near: Live) -> None:
    """207 with the reasons; one score alone is told its id; a body that is no score is 400, and nothing is 5xx."""
    client = near.client
    sent = client.post(SCORES, json=[_score(1), _score(2, float(10**30)), _score(3, name=""), _score(4, {"a": 1})])
    assert sent.status_code == 207
    assert (sent.json()["accepted"], sent.json()["rejected"], len(sent.json()["errors"])) == (1, 3, 3)
    assert client.post(SCORES, json=_score(7)).json() == {"id": "s7"}
    for body in (b"[1]", b"{", b'"x"', b"[[" * 50_000, b'[{"value": NaN}'):
        assert client.post(SCORES, content=body, headers=JSON).status_code == 400
    odd = _score(8, id="\ud800", traceId="\ud800", metadata={"evaluator": "\ud800"}, name="x" * 100_000)
    assert client.post(SCORES, content=json.dumps([odd]), headers=JSON).status_code == 202
    assert client.post(INGESTION, json={"batch": "x"}).status_code == 400
    assert client.post(SCORES, content=b"[]", headers={"content-type": "text/plain"}).status_code == 415


def test_a_key_is_asked_for_as_the_password_of_basic(near: Live) -> None:
    """As for spans: the SDK is given the key as its secret key."""
    key = create_key(near.service.engine, name="app", scopes=["ingest"], at=RECEIVED).text
    assert near.client.post(SCORES, json=[_score()]).status_code == 401
    basic = b64encode(f"pk-lf-any:{key}".encode()).decode()
    assert near.client.post(SCORES, json=[_score()], headers={"Authorization": f"Basic {basic}"}).status_code == 202


def test_scores_survive_in_the_journal() -> None:
    """While the database is away they wait as spans do, without the comment."""
    (item,) = pushed_scores([_score(1, comment="what somebody wrote")], at=RECEIVED, oldest=None)
    assert item.fact is not None
    batch = Batch(source=SOURCE, at=RECEIVED, oldest=None, spans=(item.fact,))
    kept = encoded(batch, "one")
    assert b"somebody" not in kept
    assert decoded(kept) == (batch, "one")
