"""While the database is away what arrives goes to the journal, and counts exactly once when it is back."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from collectors.resolver import ResolverConfig
from db.failures import DatabaseError
from db.journal import Journal, JournalFull
from db.queries.sources import intake
from db.session import make_engine, reading, transaction
from offramp.actions.ingest import Sent, known_resolver, read_body
from offramp.actions.receive import receive
from offramp.actions.spill import decoded, drain, encoded
from offramp.actions.usage import usage
from offramp.serve.draining import drain_lifespan
from offramp.serve.service import Service
from tests.collectors.otlp_bodies import RECEIVED, SIZED, Given, request
from tests.offramp.live_server import serving
from tests.offramp.test_metrics_and_logs import DELTA, DURATION, JSON, PROTOBUF, log, point
from tests.processes.waiting import until

CALL = Given(number=2, parent=1, attributes={**SIZED, "gen_ai.usage.cost": "0.0125", "gen_ai.response.id": "r"})
BODY = request([CALL], {"service.name": "bot"}).SerializeToString()
PARENT = request([Given(number=1, attributes={"feature": "triage"})]).SerializeToString()


def take(engine: Engine, journal: Journal | None, body: bytes = BODY) -> int:
    """Receive a body of traces; how many calls were accepted."""
    return receive(engine, journal, Sent("traces", body, PROTOBUF), at=RECEIVED, late_window=None).accepted


def calls(engine: Engine) -> dict[str | None, tuple[int, int]]:
    """Calls and input tokens by feature."""
    return {row.feature: (row.calls, row.input_tokens) for row in usage(engine).rows}


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody else holds SQLite's write lock."""
    path = make_engine(url).url.database
    connection = sqlite3.connect(str(path), isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("ROLLBACK")
    connection.close()


def test_what_was_spilled_counts_once(sqlite_url: str, tmp_path: Path) -> None:
    """Taken while another writer holds the lock, sent again, drained, and replayed from a copy: one call."""
    engine, journal = make_engine(sqlite_url), Journal(tmp_path / "spill" / "a.journal")
    take(engine, journal, PARENT)
    with locked(sqlite_url):
        assert take(engine, journal) == 1
        assert journal.away
        assert take(engine, journal) == 1
        assert journal.counts() == (2, 0)
    assert calls(engine) == {}
    copy = Journal(tmp_path / "copy.journal")
    for _, body in journal.waiting(9):
        copy.append(body)
    assert drain(engine, journal) == 2
    assert (calls(engine), journal.counts(), journal.away) == ({"triage": (1, 100)}, (0, 0), False)
    assert drain(engine, copy) == 2
    assert take(engine, journal) == 0
    assert calls(engine) == {"triage": (1, 100)}
    with reading(engine) as session:
        assert {item.outcome: item.count for item in intake(session, 0)} == {
            "accepted": 1,
            "duplicate": 2,
            "journaled": 2,
            "not_a_call": 1,
        }
    engine.dispose()


def test_a_record_says_what_the_body_said(shared: Path) -> None:
    """Spans, points and scores come out of the journal as they went in, and no prompt with them."""
    bodies = [
        ("traces", BODY, PROTOBUF),
        ("traces", (shared / "samples/otlp_captures/traceloop/traces-01.pb").read_bytes(), PROTOBUF),
        ("metrics", point(DURATION, (2, 1.0), temporality=DELTA).SerializeToString(), PROTOBUF),
    ]
    for signal, body, kind in bodies:
        batch = read_body(
            Sent(signal, body, kind), rules=ResolverConfig(), at=RECEIVED, late_window=timedelta(days=400)
        )
        record = encoded(batch, "n")
        assert decoded(record) == (batch, "n")
        assert b"Summarise" not in record
    score = b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [%s]}]}]}' % repr(log()).replace("'", '"').encode()
    batch = read_body(Sent("logs", score, JSON), rules=ResolverConfig(), at=RECEIVED, late_window=None)
    assert decoded(encoded(batch, "n"))[0] == batch
    assert batch.spans[0].score is not None
    assert batch.spans[0].score.score == Decimal("0.5")


def test_a_full_journal_takes_no_more(tmp_path: Path) -> None:
    """It says so before anything is acknowledged, keeps what it has, and has room again once that is counted."""
    journal = Journal(tmp_path / "a.journal", most_bytes=64 * 1024)
    with suppress(JournalFull):
        for _ in range(100):
            journal.append(b"x" * 1000)
    with pytest.raises(JournalFull):
        journal.append(b"x" * 1000)
    kept = journal.waiting(1000)
    assert 20 < len(kept) < 64
    for number, _ in kept:
        journal.remove(number)
    journal.append(b"again")
    assert journal.waiting(2)[0][1] == b"again"
    with pytest.raises(JournalFull):
        Journal(tmp_path / "a.journal" / "no folder").append(b"x")


def test_large_records_are_taken_few_together(tmp_path: Path) -> None:
    """As many as fit into so many bytes, always one; so what is drained at once has a bound."""
    journal = Journal(tmp_path / "journal.db")
    for _ in range(5):
        journal.append(bytes(1_000))
    assert [len(journal.waiting(50, most_bytes=most)) for most in (1, 1_000, 1_001, 10_000)] == [1, 1, 2, 5]
    assert len(journal.waiting(3)) == 3


def test_http_answers_while_the_database_is_away(sqlite_url: str, tmp_path: Path) -> None:
    """200 from the journal, 503 with Retry-After without room for it, counted by itself afterwards; never 500."""
    engine = make_engine(sqlite_url)
    journal = Journal(tmp_path / "a.journal", most_bytes=32 * 1024)
    service = Service(engine=engine, now=lambda: RECEIVED, late_window=timedelta(hours=24), journal=journal)
    headers = {"content-type": PROTOBUF}
    with serving(service, lifespan=drain_lifespan(service, 0.05)) as live:
        assert live.client.post("/v1/traces", content=PARENT, headers=headers).status_code == 200
        with locked(sqlite_url):
            answers = [live.client.post("/v1/traces", content=BODY, headers=headers) for _ in range(40)]
            first, last = answers[0], answers[-1]
            assert (first.status_code, last.status_code) == (200, 503)
            assert int(last.headers["Retry-After"]) > 0
            assert 'offramp_journal_records{state="waiting"}' in live.client.get("/metrics").text
        until(lambda: journal.counts() == (0, 0))
        assert calls(engine) == {"triage": (1, 100)}
    engine.dispose()


def test_a_database_never_seen_is_not_spilled_for(tmp_path: Path) -> None:
    """Without the match rules nobody knows whose a call is: 503, and the sender keeps it."""
    engine = make_engine(f"sqlite:///{tmp_path / 'not' / 'there.db'}")
    assert known_resolver(engine) is None
    with pytest.raises(DatabaseError):
        take(engine, Journal(tmp_path / "a.journal"))


def test_a_record_that_cannot_be_counted_is_set_aside(engine: Engine, tmp_path: Path) -> None:
    """It stays for a person to look at, and the others go on."""
    journal = Journal(tmp_path / "a.journal")
    batch = read_body(Sent("traces", BODY, PROTOBUF), rules=ResolverConfig(), at=RECEIVED, late_window=None)
    broken = batch.spans[0]
    assert broken.call is not None
    bad = broken._replace(end_ns=2**70)
    journal.append(encoded(replace(batch, spans=(bad,)), "bad"))
    journal.append(encoded(batch, "good"))
    assert drain(engine, journal) == 1
    assert calls(engine) == {"bot": (1, 100)}
    assert journal.counts() == (0, 1)


def test_a_table_that_is_missing_is_waited_for(engine: Engine, tmp_path: Path) -> None:
    """On either database what was spilled is not set aside because `migrate` has still to be run."""
    journal = Journal(tmp_path / "a.journal")
    batch = read_body(Sent("traces", BODY, PROTOBUF), rules=ResolverConfig(), at=RECEIVED, late_window=None)
    journal.append(encoded(batch, "one"))
    with transaction(engine) as session:
        session.execute(text("ALTER TABLE rollup RENAME TO rollup_of_another_version"))
    with pytest.raises(DatabaseError):
        drain(engine, journal)
    assert journal.counts() == (1, 0)
    with transaction(engine) as session:
        session.execute(text("ALTER TABLE rollup_of_another_version RENAME TO rollup"))
    assert drain(engine, journal) == 1
    assert calls(engine) == {"bot": (1, 100)}


def test_two_processes_that_share_a_journal_remove_only_what_they_counted(tmp_path: Path) -> None:
    """A record that came after both had read is not removed under the number of one that is gone."""
    one, other = Journal(tmp_path / "shared.journal"), Journal(tmp_path / "shared.journal")
    one.append(b"first")
    ((number, _),) = one.waiting(10)
    assert other.waiting(10) == [(number, b"first")]
    one.remove(number)
    one.append(b"second")
    other.remove(number)
    assert [body for _, body in one.waiting(10)] == [b"second"]
