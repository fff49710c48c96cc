"""What must never come out again: planted prompts and planted secrets are looked for wherever they could have gone."""

import json
import logging
import sqlite3
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from db.journal import Journal
from db.session import reading
from db.tables import FeatureRow
from offramp.actions.keys import create_key
from offramp.cli.main import app
from tests.offramp.live_server import AT, Live
from tests.offramp.spans import JSON, PROTOBUF

CANARY = "CANARY7f3a"
PROMPT = f"Dear model, my card is {CANARY} 4111"


def _everything(engine: Engine) -> str:
    """Every value of every table, as text."""
    with reading(engine) as session:
        tables = FeatureRow.metadata.sorted_tables
        return "\n".join(repr(tuple(row)) for table in tables for row in session.execute(select(table)))


def _span_bodies() -> list[tuple[dict[str, str], bytes]]:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(trace_id=b"t" * 16, span_id=b"s" * 8, name=PROMPT)
    span.end_time_unix_nano = int(AT.timestamp()) * 10**9 - 10**9
    span.start_time_unix_nano = span.end_time_unix_nano - 10**9
    span.status.message = PROMPT
    texts = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-4.1",
        "feature": "chat",
        "error.type": PROMPT,
    }
    contents = (
        *("gen_ai.prompt", "gen_ai.completion", "gen_ai.input.messages", "gen_ai.output.messages", "anything.else"),
        *("gen_ai.system_instructions", "gen_ai.prompt.0.content", "llm.input_messages.0.message.content"),
        *("input.value", "output.value", "langfuse.observation.input", "ai.prompt"),
    )
    for key, text in {**texts, **dict.fromkeys(contents, PROMPT)}.items():
        span.attributes.add(key=key).value.string_value = text
    span.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = 5
    event = span.events.add(name="gen_ai.user.message")
    event.attributes.add(key="content").value.string_value = PROMPT
    whole = request.SerializeToString()
    return [(PROTOBUF, whole), (PROTOBUF, whole[:-3]), (PROTOBUF, whole + b"\xff" * 9), (JSON, PROMPT.encode())]


def _documents() -> list[tuple[str, object]]:
    call = {"timestamp": AT.isoformat(), "model": "gpt-4.1", "feature": "chat", "input_tokens": 3, "output_tokens": 1}
    score = {"timestamp": AT.isoformat(), "feature": "chat", "metric": "accuracy", "score": 0.9, "n": 5}
    return [
        ("/api/usage", [{**call, "prompt": PROMPT, "messages": [{"role": "user", "content": PROMPT}]}]),
        ("/api/usage", [{**call, "input_tokens": PROMPT}, {**call, "timestamp": PROMPT}, PROMPT]),
        ("/api/evals", [{**score, "input": PROMPT, "output": PROMPT, "expected": PROMPT}, {**score, "score": PROMPT}]),
        ("/api/features", {"features": [{"slug": "chat", "prompt": PROMPT}]}),
        ("/api/features", {"features": [{"slug": "chat", "strategy": PROMPT}]}),
    ]


def test_a_prompt_sent_by_any_route_is_nowhere(live: Live, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Spans, broken bodies, JSON of every kind, a full journal: neither the database nor a log holds the text."""
    caplog.set_level(logging.DEBUG)
    for signal in ("traces", "metrics", "logs"):
        for headers, body in _span_bodies():
            live.client.post(f"/v1/{signal}", content=body, headers=headers)
    told = []
    for path, document in _documents():
        told.append(live.client.post(path, json=document))
    assert live.counted()["chat"][0] == 2, "the calls themselves are counted"
    assert CANARY not in _everything(live.service.engine)
    assert CANARY not in caplog.text
    assert CANARY not in live.client.get("/metrics").text + live.client.get("/api/features").text
    journal = Journal(tmp_path / "spilled.journal")
    object.__setattr__(live.service, "journal", journal)
    journal.away = True
    headers, body = _span_bodies()[0]
    assert live.client.post("/v1/traces", content=body, headers=headers).status_code == 200
    assert journal.counts() == (1, 0)
    assert CANARY.encode() not in (tmp_path / "spilled.journal").read_bytes()


def test_a_prompt_in_a_file_is_nowhere(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns that are not read are named, never kept: not in the database, not in what is printed."""
    monkeypatch.chdir(tmp_path)
    good = {"timestamp": "2026-11-20T10:00:00Z", "model": "gpt-4.1", "input_tokens": 3, "output_tokens": 1}
    lines = [{**good, "prompt": PROMPT, "response": PROMPT}, {**good, "input_tokens": "many", "prompt": PROMPT}]
    (tmp_path / "calls.jsonl").write_text("\n".join(map(json.dumps, lines)))
    done = CliRunner().invoke(app, ["--db", sqlite_url, "load", "calls.jsonl"])
    assert done.exit_code == 3, done.output
    assert CANARY not in done.output
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        assert CANARY not in "\n".join(connection.iterdump())
    connection.close()
    assert CANARY not in (tmp_path / "calls.jsonl.rejected.csv").read_text()


_SECRET = "s3cr3tCANARY9d"  # noqa: S105 (it opens nothing: it is looked for)
_COMMANDS = (
    *(["doctor"], ["doctor", "--json"], ["migrate"], ["features"], ["usage", "--json"], ["collect", "--check"]),
    *(["prices", "refresh"], ["report", "--dry-run"], ["report", "--test", "ops"], ["keys", "list", "--json"]),
    *(["collect"], ["alerts", "--json"], ["report", "--format", "html"], ["features", "--export", "yaml"]),
)


@pytest.mark.parametrize("url", ["working", f"postgresql://me:{_SECRET}@127.0.0.1:9/none"], ids=["working", "away"])
def test_no_planted_secret_is_told(
    url: str, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Secrets in URLs, files and variables: no command says one, whether it works or fails."""
    caplog.set_level(logging.DEBUG)
    (tmp_path / "secret").write_text(_SECRET)
    (tmp_path / "channels.yaml").write_text(
        f"smtp: {{host: 127.0.0.1, port: 9, security: none, sender: a@example.org, user: u, password_file: secret}}\n"
        f"channels:\n  - {{name: ops, webhook: 'https://127.0.0.1:9/{_SECRET}', allow_private: true}}\n"
        "  - {name: mail, email: [a@example.org]}\n"
    )
    (tmp_path / "sources.yaml").write_text(
        "sources:\n  - {name: gateway, kind: litellm, url: 'http://127.0.0.1:9', key_env: PLANTED}\n"
        f"  - {{name: house, kind: sql, url: 'postgresql://me:{_SECRET}@127.0.0.1:9/none', query: 'select 1'}}\n"
    )
    for name, value in {
        "OFFRAMP_CHANNELS": str(tmp_path / "channels.yaml"),
        "OFFRAMP_SOURCES": str(tmp_path / "sources.yaml"),
        "OFFRAMP_PRICES_URL": f"https://user:{_SECRET}@127.0.0.1:9/prices.json?token={_SECRET}",
        "OFFRAMP_PRICES_ALLOW_PRIVATE": "1",
        "PLANTED": _SECRET,
        "OFFRAMP_DATABASE_URL": sqlite_url if url == "working" else url,
    }.items():
        monkeypatch.setenv(name, value)
    for command in _COMMANDS:
        done = CliRunner().invoke(app, command)
        told = done.output + done.stderr + repr(done.exception) * (not isinstance(done.exception, SystemExit))
        assert _SECRET not in told, (command, told[:2000])
    assert _SECRET not in caplog.text


def test_an_issued_key_is_in_no_answer_and_no_table(live: Live) -> None:
    """A key is shown once; afterwards only its public part and a digest are anywhere, a refused one's text nowhere."""
    key = create_key(live.service.engine, name="canary", scopes=("read",), at=AT)
    secret = key.text.rpartition("_")[2]
    answers: list[httpx.Response] = [
        live.client.post("/v1/traces", content=b"x", headers={"authorization": f"Bearer {key.text}"}),
        live.client.get("/api/features", headers={"authorization": f"Bearer {key.text}x"}),
        live.client.get(f"/api/{key.text}"),
    ]
    assert all(secret not in answer.text for answer in answers[:2])
    assert secret not in _everything(live.service.engine)
