"""A trace body is counted once and leaves no prompt behind; what no feature claims is visible."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from collectors.otlp_errors import BadBody
from db.migrate import upgrade
from db.queries.sources import intake
from db.session import make_engine, reading
from offramp.actions.ingest import IngestResult, Sent
from offramp.actions.receive import receive
from offramp.actions.register import register
from offramp.actions.usage import usage
from tests.collectors.otlp_bodies import SIZED, Given, request

DATA = Path(__file__).parent.parent / "data" / "otlp"
PROTOBUF = "application/x-protobuf"
NOW = datetime(2026, 12, 31, tzinfo=UTC)


def take(engine: Engine, name: str, *, at: datetime, late: timedelta | None = None) -> IngestResult:
    """Ingest one captured body as its client sent it."""
    kind = "application/json" if name.endswith(".json") else PROTOBUF
    encoding = "gzip" if name.endswith(".gz") else None
    return receive(engine, None, Sent("traces", (DATA / name).read_bytes(), kind, encoding), at=at, late_window=late)


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.iterdir() if path.suffix in {".gz", ".json", ".pb"}))
def test_a_body_counts_once(engine: Engine, name: str) -> None:
    """The same body again is all duplicates, and no figure moves."""
    assert take(engine, name, at=NOW) == IngestResult(accepted=5, duplicates=0, ignored=1)
    before = usage(engine, by=("feature", "model")).document()
    assert [(row["feature"], row["calls"], row["errors"], row["input_tokens"]) for row in before["rows"]] == [
        ("support-bot", 1, 0, 0),
        ("support-bot", 1, 1, 0),
        ("support-bot", 1, 0, 5),
        ("ticket-triage", 2, 0, 200),
    ]
    assert (before["total"]["cached_input_tokens"], before["total"]["calls_without_tokens"]) == (128, 1)
    assert take(engine, name, at=NOW) == IngestResult(accepted=0, duplicates=5, ignored=1)
    assert usage(engine, by=("feature", "model")).document() == before


def test_a_late_body_is_refused_and_counted(engine: Engine) -> None:
    """Spans older than the late window are refused by reason, and nothing is added."""
    refused = take(engine, "genai-gzip.pb.gz", at=NOW, late=timedelta(hours=24))
    assert refused.accepted == 0
    assert refused.refused["late"] > 0
    assert usage(engine).total.calls == 0
    with reading(engine) as session:
        counts = {item.outcome: item.count for item in intake(session, 0)}
    assert counts["late"] == refused.refused["late"]


def test_a_match_rule_claims_traffic(engine: Engine) -> None:
    """A feature's rule on service.name claims what names no feature; what names one keeps it."""
    rule = {"attribute": "service.name", "equals": "support-bot"}
    register(engine, [{"slug": "care", "match": [rule]}], at=NOW, by="test")
    take(engine, "genai-json.json", at=NOW)
    assert {row.feature: row.calls for row in usage(engine).rows} == {"care": 3, "ticket-triage": 2}
    register(engine, [{"slug": "care"}, {"slug": "help", "match": [rule]}], at=NOW + timedelta(seconds=1), by="test")
    take(engine, "openinference.pb", at=NOW)
    assert {row.feature: row.calls for row in usage(engine).rows} == {"care": 3, "help": 3, "ticket-triage": 4}


def test_a_key_of_ones_own_names_the_feature(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """OFFRAMP_FEATURE_KEYS is asked before the built-in keys, on spans and resources, from the next body on."""
    spans = [Given(number=1, attributes={**SIZED, "product.area": "search", "feature": "other"}), Given(number=2)]
    bodies = [request(spans[:1]), request(spans[1:], {"team.feature": "triage"})]
    monkeypatch.setenv("OFFRAMP_FEATURE_KEYS", "product.area, team.feature,")
    for body in bodies:
        receive(engine, None, Sent("traces", body.SerializeToString(), PROTOBUF), at=NOW, late_window=None)
    monkeypatch.delenv("OFFRAMP_FEATURE_KEYS")
    later = request([Given(number=3, attributes={**SIZED, "product.area": "search", "feature": "other"})])
    receive(engine, None, Sent("traces", later.SerializeToString(), PROTOBUF), at=NOW, late_window=None)
    assert {row.feature: row.calls for row in usage(engine).rows} == {"search": 1, "triage": 1, "other": 1}


def test_no_prompt_reaches_the_database_file(tmp_path: Path) -> None:
    """After every captured body, no word of a prompt or an answer stands anywhere in the file."""
    path = tmp_path / "a.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    for body in DATA.iterdir():
        if body.suffix in {".gz", ".json", ".pb"}:
            take(engine, body.name, at=NOW)
    engine.dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = path.read_bytes()
    assert b"ummarise" not in kept
    assert b"Hello there" not in kept


def test_a_broken_body_writes_nothing(engine: Engine) -> None:
    """What cannot be decoded raises the named error of the receiver."""
    with pytest.raises(BadBody):
        receive(engine, None, Sent("traces", b"\xff\xff\xff", PROTOBUF), at=NOW, late_window=None)
    assert usage(engine).total.calls == 0
