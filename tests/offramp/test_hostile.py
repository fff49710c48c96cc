"""Each hostile input that senders are known to produce, by name, at every door: refused or taken, never a 5xx."""

import gzip
import json
from collections.abc import Mapping

from db.session import make_engine
from offramp.serve.service import Service
from tests.collectors.otlp_bodies import TRACE
from tests.offramp.live_server import AT, WINDOW, Live, serving
from tests.offramp.spans import JSON, PROTOBUF

_NOW = int(AT.timestamp()) * 10**9
_YEAR_9999 = 253_402_300_799
_LONG = "x" * 100_000
_DOORS = ("/v1/traces", "/v1/metrics", "/v1/logs", "/api/usage", "/api/evals", "/api/public/scores")
_PLAIN = {"traces": "scopeSpans spans", "metrics": "scopeMetrics metrics", "logs": "scopeLogs logRecords"}


def _bodies(value: object, text: str = "bot", at: object = _NOW) -> dict[str, object]:
    """One well-formed document for each door, with this number, this text and this time in the places for such."""
    pairs = [{"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
             {"key": "gen_ai.request.model", "value": {"stringValue": text}},
             {"key": text, "value": {"stringValue": text}},
             {"key": "gen_ai.usage.input_tokens", "value": {"intValue": value}},
             {"key": "gen_ai.evaluation.name", "value": {"stringValue": text}},
             {"key": "gen_ai.evaluation.score.value", "value": {"doubleValue": value}}]  # fmt: skip # a table
    point = {
        "startTimeUnixNano": str(_NOW - 10**9),
        "timeUnixNano": at,
        "count": value,
        "sum": value,
        "attributes": pairs,
    }
    item = {"traceId": TRACE.hex(), "spanId": f"{7:016x}", "name": text, "eventName": "gen_ai.evaluation.result",
            "startTimeUnixNano": at, "endTimeUnixNano": at, "timeUnixNano": at,
            "attributes": pairs}  # fmt: skip # a table
    metric = {"name": "gen_ai.client.token.usage", "histogram": {"aggregationTemporality": 2, "dataPoints": [point]}}
    found: dict[str, object] = {}
    for signal, words in _PLAIN.items():
        scopes, items = words.split()
        held = metric if signal == "metrics" else item
        resource = f"resource{signal.title()}" if signal != "traces" else "resourceSpans"
        found[f"/v1/{signal}"] = {resource: [{"resource": {"attributes": pairs}, scopes: [{items: [held]}]}]}
    call = {"timestamp": at, "model": text, "feature": text, "input_tokens": value, "output_tokens": value}
    score = {"timestamp": at, "feature": text, "metric": text, "score": value, "n": value}
    found["/api/usage"], found["/api/evals"] = [call], [score]
    found["/api/public/scores"] = [{"id": text, "name": text, "value": value, "traceId": text, "timestamp": at}]
    return found


_NESTED = "[" * 200_000 + "]" * 200_000
CASES: Mapping[str, Mapping[str, str]] = {
    "a number of 2^63": {door: json.dumps(body) for door, body in _bodies(2**63).items()},
    "a number of 400 digits": {door: json.dumps(body) for door, body in _bodies(10**400).items()},
    "a number of 5,000 digits": dict.fromkeys(_DOORS, "[" + "9" * 5000 + "]"),
    "a negative number": {door: json.dumps(body) for door, body in _bodies(-1).items()},
    "no number": {door: json.dumps(body) for door, body in _bodies(float("nan")).items()},
    "endless": {door: json.dumps(body) for door, body in _bodies(float("inf")).items()},
    "the year 9999": {door: json.dumps(body) for door, body in _bodies(1, at=_YEAR_9999 * 10**9).items()},
    "the year 9999 in seconds": {door: json.dumps(body) for door, body in _bodies(1, at=_YEAR_9999).items()},
    "a time of 2^64": {door: json.dumps(body) for door, body in _bodies(1, at=2**64).items()},
    "names of 100 kB": {door: json.dumps(body) for door, body in _bodies(1, _LONG).items()},
    "half of a surrogate": {door: json.dumps(body) for door, body in _bodies(1, "\ud800").items()},
    "zero bytes in names": {door: json.dumps(body) for door, body in _bodies(1, "a\x00b").items()},
    "names written backwards": {door: json.dumps(body) for door, body in _bodies(1, "\u202egniht").items()},
    "deep nesting": dict.fromkeys(_DOORS, _NESTED),
    "deep nesting inside a field": dict.fromkeys(_DOORS, f'{{"resourceSpans": {_NESTED}, "batch": {_NESTED}}}'),
    "a number where a list belongs": dict.fromkeys(_DOORS, '{"resourceSpans": 5, "resourceMetrics": 5}'),
    "nothing": dict.fromkeys(_DOORS, ""),
}


def test_what_is_hostile_is_refused_or_taken(live: Live) -> None:
    """In JSON: 200 with a partial success or rows named, or a refusal for good; the receiver takes calls afterwards."""
    wrong = {
        (name, door): answer.status_code
        for name, by_door in CASES.items()
        for door, body in by_door.items()
        if (answer := live.client.post(door, content=body.encode(), headers=JSON)).status_code
        not in {200, 202, 207, 400, 413}
    }
    assert wrong == {}
    well = live.client.post("/api/usage", json=[{"timestamp": _NOW / 10**9, "model": "m", "input_tokens": 1}])
    assert (well.status_code, well.json()["accepted"]) == (200, 1)


def test_bombs_and_broken_bytes_are_refused(sqlite_url: str) -> None:
    """Bombs of zeros, brackets and blanks, invalid UTF-8 and cut gzip: 400 or 413 at every door."""
    engine = make_engine(sqlite_url)
    with serving(Service(engine=engine, now=lambda: AT, late_window=WINDOW)) as live:
        _refuses(live)
    engine.dispose()


def _refuses(live: Live) -> None:
    bodies = {
        "a bomb beyond the limit": gzip.compress(bytes(70_000_000), 1),
        "a bomb of brackets": gzip.compress(b"[" * 66_000_000, 1),
        "a bomb in a bomb": gzip.compress(gzip.compress(bytes(10_000_000), 9), 9),
        "cut gzip": gzip.compress(b"{}" * 1_000)[:-9],
        "no gzip": b"{}",
    }
    wrong = {
        (name, door): status
        for name, body in bodies.items()
        for door in _DOORS
        if (status := _packed(live, door, body)) not in {400, 413}
    }
    assert wrong == {}
    for door in _DOORS:
        assert live.client.post(door, content=b'{"a": "\xff\xfe"}', headers=JSON).status_code == 400, door
    for door in _DOORS[:3]:
        assert live.client.post(door, content=bytes(1_000_000), headers=PROTOBUF).status_code == 400, door


def _packed(live: Live, door: str, body: bytes) -> int:
    return live.client.post(door, content=body, headers={**JSON, "content-encoding": "gzip"}).status_code
