"""The standard jobs, run for real, and the processes that tick them."""

import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import httpx
from sqlalchemy import Engine

from db.queries.jobs import JobRun, job_history
from db.queries.prices import unsettled_names
from db.session import engine_for, reading, transaction
from db.store.usage import hour_of
from db.tables import HourTotal, Rollup
from offramp.actions.jobs import run_due
from offramp.actions.prices import fill_book
from offramp.actions.register import register
from offramp.actions.report import load_report
from offramp.actions.schedule import report_rule, standard_jobs
from offramp.clock import now
from offramp.policy import load_policy
from offramp.serve.pulse import Pulse
from offramp.serve.scheduler import tick_once, ticking
from offramp.slots import slots_between
from tests.conftest import ROOT
from tests.offramp.live_server import free_port
from tests.offramp.spans import FEATURE, PROTOBUF, protobuf_body
from tests.processes.waiting import until

_SUNDAY = datetime(2026, 11, 22, 10, 7, tzinfo=UTC)
_OURS, _THEIRS = "http://localhost:8501", "http://evil.example"
_HANDSHAKES = [
    ("localhost", _OURS),
    ("evil.example", _THEIRS),
    ("evil.example", _OURS),
    ("localhost", _THEIRS),
]
_NAMES = ["collect", "prices", "review", "ledger", "report", "deliver"]


def _runs(engine: Engine, at: datetime) -> list[JobRun]:
    with reading(engine) as session:
        return job_history(session, at)


def test_a_new_database_runs_all_jobs_once_and_in_order(engine: Engine) -> None:
    """Collect, prices, review, report, deliver: each says what it did; a second scheduler finds nothing left."""
    register(engine, [{"slug": FEATURE, "strategy": "prompt"}], at=_SUNDAY, by="t")
    jobs = standard_jobs(load_policy(), "Europe/Berlin")
    results = run_due(engine, jobs, owner="a", at=_SUNDAY, starting=True)
    assert [(item.job, item.outcome) for item in results] == [(name, "ok") for name in _NAMES]
    details = {item.job: item.detail for item in results}
    done = ("no sources configured", "0 model names found", "0 keys of old spans forgotten", "0 days folded")
    assert details["collect"] == "; ".join(done)
    assert re.match(
        r"[1-9],\d{3} new lines in the price book; \d+ events, 1 feature judged again; 0 prices wait", details["prices"]
    )
    assert details["review"] == "1 feature judged, 0 changed"
    assert details["report"] == "2026-W46; nothing to tell yet"
    assert details["deliver"] == "nothing to send"
    assert load_report(engine, "2026-W46") is not None
    assert run_due(engine, jobs, owner="b", at=_SUNDAY + timedelta(seconds=20), starting=True) == []


def test_the_report_comes_on_monday_at_nine_for_the_week_before(engine: Engine) -> None:
    """The week that ended the day before, in the organisation's zone; not a second time in that week."""
    jobs = [job for job in standard_jobs(load_policy(), "Pacific/Auckland") if job.name == "report"]
    told = []
    for hour in range(24 * 8):
        at = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(hours=hour)
        told += [(item.slot, item.detail) for item in run_due(engine, jobs, owner="a", at=at)]
    assert told == [
        (datetime(2026, 11, 16, 0, tzinfo=UTC), "2026-W46; nothing to tell yet"),
        (datetime(2026, 11, 23, 0, tzinfo=UTC), "2026-W47; nothing to tell yet"),
    ]


def test_in_every_zone_the_reported_week_is_over() -> None:
    """Weeks end at midnight UTC: where Monday 09:00 comes before that, the letter waits for it."""
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    for zone in sorted(available_timezones()):
        for slot in slots_between(report_rule(zone), start, end):
            local = slot.astimezone(ZoneInfo(zone))
            monday = datetime(local.year, local.month, local.day, tzinfo=UTC)
            assert slot >= monday, zone
            assert local.hour >= 9, zone


def test_the_ticker_ticks_at_start_and_goes_on(sqlite_url: str) -> None:
    """The first tick comes at once; leaving the block ends the thread."""
    engine = engine_for(sqlite_url)
    with ticking(engine, standard_jobs(load_policy(), "UTC")[:1], now, seconds=0.2):
        until(lambda: bool(_runs(engine, now())))
    assert [(run.job, run.state) for run in _runs(engine, now())] == [("collect", "ok")]


def test_the_pulse_beats_while_the_scheduler_moves(sqlite_url: str, tmp_path: Path) -> None:
    """The file is touched at every tick and no more when nothing ticks."""
    file = tmp_path / "pulse"
    with ticking(engine_for(sqlite_url), [], now, seconds=0.05, pulse=Pulse(file, now)):
        for _ in range(2):
            until(file.exists)
            file.unlink()
    file.unlink(missing_ok=True)
    time.sleep(0.2)
    assert not file.exists()


def test_a_tick_that_hangs_stops_the_pulse(tmp_path: Path) -> None:
    """While a run is at work for less than an hour it beats; after that a health check must see that nothing moves."""
    at = [datetime(2026, 11, 22, 10, tzinfo=UTC)]
    file, other = tmp_path / "pulse", timedelta(minutes=61)
    pulse = Pulse(file, lambda: at[0])
    with pulse.working():
        at[0] += timedelta(minutes=59)
        pulse.beat()
        assert file.exists()
        file.unlink()
        at[0] += other
        pulse.beat()
        assert not file.exists()
    pulse.beat()
    assert file.exists()


def test_a_tick_looks_up_the_names_of_models_that_came_since(engine: Engine) -> None:
    """What a call costs is known within a tick, not when the hourly job comes."""
    at = datetime(2026, 11, 22, 10, tzinfo=UTC)
    fill_book(engine, at)
    with transaction(engine) as session:
        seen = {"provider": "openai", "model": "gpt-4o", "tier": 0, "processing": "standard", "source": "otlp"}
        session.add_all([HourTotal(hour=hour_of(at), **seen), Rollup(feature="shop", hour=hour_of(at), **seen)])
    with reading(engine) as session:
        assert unsettled_names(session) == [("openai", "gpt-4o")]
    tick_once(engine, (), owner="a", at=at, starting=False)
    with reading(engine) as session:
        assert unsettled_names(session) == []


def _until(condition: str, process: subprocess.Popen[bytes], url: str) -> httpx.Response:
    answers: list[httpx.Response] = []

    def answered() -> bool:
        assert process.poll() is None, condition
        with suppress(httpx.HTTPError):
            answers.append(httpx.get(url, timeout=60))
        return bool(answers) and answers[-1].status_code == httpx.codes.OK

    until(answered, seconds=150)
    return answers[-1]


def _handshake(port: int, host: str, origin: str) -> str:
    head = f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
    rest = "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
        raw.sendall((head + rest).encode())
        return raw.recv(4096).decode("latin-1").split(" ")[1]


def _finished(engine: Engine) -> list[JobRun]:
    until(lambda: sum(run.state == "ok" for run in _runs(engine, now())) >= len(_NAMES), seconds=150)
    return _runs(engine, now())


def test_one_process_serves_pages_receiver_and_scheduler(database_url: str) -> None:
    """`offramp up`: the page, a counted body, the guard, the jobs; SIGTERM ends it cleanly."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "offramp", "--db", database_url, "up", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            page = _until("the page answers", process, base)
            body = protobuf_body(range(1, 4), now() - timedelta(minutes=1))
            sent = httpx.post(f"{base}/v1/traces", content=body, headers=PROTOBUF, timeout=30)
            missing = httpx.get(f"{base}/api/nope", timeout=30)
            rebound = httpx.get(base, headers={"host": "evil.example"}, timeout=30)
            health = httpx.get(f"{base}/_stcore/health", timeout=30)
            handshakes = [_handshake(port, *names) for names in _HANDSHAKES]
            runs = _finished(engine_for(database_url))
            process.send_signal(signal.SIGTERM)
            ended = process.wait(timeout=120)
        finally:
            process.kill()
    assert "<title>" in page.text
    assert handshakes == ["101", "403", "403", "403"]
    assert page.headers["content-security-policy"] == "frame-ancestors 'none'"
    statuses = [answer.status_code for answer in (sent, missing, rebound, health)]
    assert statuses == [200, 404, 403, 200]
    assert sorted(run.job for run in runs) == sorted(_NAMES)
    assert ended in (0, -signal.SIGTERM, 128 + signal.SIGTERM)


def test_a_worker_runs_the_jobs_and_ends_on_sigterm(database_url: str) -> None:
    """`offramp worker`: the jobs run at start, and SIGTERM ends it with 0."""
    command = [sys.executable, "-m", "offramp", "--db", database_url, "worker"]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            runs = _finished(engine_for(database_url))
            process.send_signal(signal.SIGTERM)
            ended = process.wait(timeout=120)
        finally:
            process.kill()
    assert sorted(run.job for run in runs) == sorted(_NAMES)
    assert ended == 0
