"""Keys are shown once, kept as digests, asked for once there is one, and refused the moment they end."""

import json
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from db.session import reading
from db.tables import ApiKey
from offramp.actions.failure import BadInput
from offramp.actions.keys import create_key, end_key, first_key, holder, keys_document, list_keys
from offramp.cli.main import app
from offramp.serve.assemble import address_for
from offramp.serve.keyed import KNOWN_FOR
from offramp.serve.service import Service
from tests.offramp.live_server import AT, WINDOW, serving

_USAGE = [{"timestamp": AT.isoformat(), "model": "gpt-5.6-luna", "input_tokens": 5, "output_tokens": 5}]
_DAY = timedelta(days=1)


@pytest.fixture
def http(engine: Engine) -> Iterator[httpx.Client]:
    """A server that reads its keys again at every request."""
    service = Service(engine=engine, now=lambda: AT, late_window=WINDOW)
    with serving(service, keys_known_for=timedelta()) as live:
        yield live.client


def _bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def test_without_keys_nothing_is_asked_for(http: httpx.Client) -> None:
    """A new installation on this machine takes calls at once."""
    assert http.post("/api/usage", json=_USAGE).status_code == 200


def test_once_there_is_a_key_it_is_needed(engine: Engine, http: httpx.Client) -> None:
    """No key and a wrong one are 401 with the cure, the right one is let in, health needs none."""
    key = create_key(engine, name="app", scopes=["ingest"], at=AT)
    refused = http.post("/api/usage", json=_USAGE)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "offramp keys create" in refused.json()["cure"]
    assert http.post("/api/usage", json=_USAGE, headers=_bearer(key.text[:-1] + "x")).status_code == 401
    assert http.post("/api/usage", json=_USAGE, headers={"Authorization": key.text}).status_code == 401
    assert http.post("/api/usage", json=_USAGE, headers=_bearer(key.text)).status_code == 200
    assert http.get("/healthz").status_code == 200
    assert http.get("/readyz").status_code == 200


@pytest.mark.parametrize(("kind", "start"), [("application/json", b"{"), ("application/x-protobuf", b"\x08")])
def test_exporters_are_refused_in_their_own_format(engine: Engine, http: httpx.Client, kind: str, start: bytes) -> None:
    """An OTLP request without a key is answered with a google.rpc.Status in its content type."""
    create_key(engine, name="app", scopes=["ingest"], at=AT)
    refused = http.post("/v1/traces", content=b"", headers={"Content-Type": kind})
    assert (refused.status_code, refused.headers["content-type"]) == (401, kind)
    assert refused.content.startswith(start)


def test_a_key_reaches_as_far_as_its_scopes(engine: Engine, http: httpx.Client) -> None:
    """An ingest key reads nothing, a read key writes nothing; metrics are read."""
    ingest = create_key(engine, name="app", scopes=["ingest"], at=AT)
    reader = create_key(engine, name="script", scopes=["read"], at=AT)
    refused = http.get("/api/features", headers=_bearer(ingest.text))
    assert refused.status_code == 403
    assert refused.json()["error"] == f"key {ingest.id} has not the scope read"
    assert http.get("/api/features", headers=_bearer(reader.text)).status_code == 200
    assert http.get("/metrics", headers=_bearer(reader.text)).status_code == 200
    assert http.post("/api/features", json=[], headers=_bearer(reader.text)).status_code == 403
    assert http.post("/api/usage", json=_USAGE, headers=_bearer(reader.text)).status_code == 403


def test_a_revoked_key_is_refused(engine: Engine, http: httpx.Client) -> None:
    """Two keys live side by side, so that one can be replaced without a pause; the old one ends for good."""
    old = create_key(engine, name="app", scopes=["ingest"], at=AT)
    new = create_key(engine, name="app", scopes=["ingest"], at=AT)
    assert http.post("/api/usage", json=_USAGE, headers=_bearer(old.text)).status_code == 200
    end_key(engine, old.id, AT)
    assert http.post("/api/usage", json=_USAGE, headers=_bearer(old.text)).status_code == 401
    assert http.post("/api/usage", json=_USAGE, headers=_bearer(new.text)).status_code == 200
    with pytest.raises(BadInput, match="no active key"):
        end_key(engine, old.id, AT)


def test_a_key_is_rotated_without_a_pause_and_the_old_one_ends_within_ten_seconds(engine: Engine) -> None:
    """Old and new are both let in for as long as both are active; revoked, the old one is refused ten seconds later."""
    at = [AT]
    service = Service(engine=engine, now=lambda: at[0], late_window=WINDOW)
    old = create_key(engine, name="app", scopes=["ingest"], at=AT)
    with serving(service, keys_known_for=KNOWN_FOR) as live:

        def sent(text: str) -> int:
            return live.client.post("/api/usage", json=_USAGE, headers=_bearer(text)).status_code

        assert sent(old.text) == 200
        new = create_key(engine, name="app", scopes=["ingest"], at=AT)
        at[0] += KNOWN_FOR
        assert (sent(old.text), sent(new.text)) == (200, 200)
        end_key(engine, old.id, at[0])
        at[0] += timedelta(seconds=10)
        assert (sent(old.text), sent(new.text)) == (401, 200)
    assert timedelta(seconds=10) >= KNOWN_FOR


def test_when_a_key_was_used_is_remembered(engine: Engine, http: httpx.Client) -> None:
    """The next reading of the keys writes it down."""
    key = create_key(engine, name="app", scopes=["ingest"], at=AT)
    for _ in range(2):
        http.post("/api/usage", json=_USAGE, headers=_bearer(key.text))
    (listed,) = list_keys(engine)
    assert listed.last_used_at == AT


def test_a_key_ends_on_its_day(engine: Engine) -> None:
    """Until then it is active; a day already past is refused when the key is made."""
    key = create_key(engine, name="app", scopes=["ingest"], at=AT, expires_at=AT + _DAY)
    ring = {stored.id: stored for stored in list_keys(engine)}
    assert holder(ring, key.text, AT) is not None
    assert holder(ring, key.text, AT + _DAY) is None
    assert keys_document(list_keys(engine), AT + _DAY)[0]["state"] == "expired"
    with pytest.raises(BadInput, match="ended already"):
        create_key(engine, name="app", scopes=["ingest"], at=AT, expires_at=AT)


def test_the_secret_is_nowhere_in_the_database(engine: Engine, database_url: str) -> None:
    """Neither the row nor any listing holds it."""
    key = create_key(engine, name="app", scopes=["ingest"], at=AT)
    secret = key.text.rpartition("_")[2]
    with reading(engine) as session:
        row = session.scalars(select(ApiKey)).one()
        stored = repr({column.name: getattr(row, column.name) for column in ApiKey.__table__.columns})
    assert secret not in stored
    assert secret not in CliRunner().invoke(app, ["--db", database_url, "keys", "list", "--json"]).stdout


def test_a_wrong_scope_is_named(engine: Engine) -> None:
    """The scopes there are stand in the cure."""
    with pytest.raises(BadInput, match="use ingest, read, write"):
        create_key(engine, name="app", scopes=["all"], at=AT)


def test_the_first_key_is_written_once(engine: Engine, tmp_path: Path) -> None:
    """Mode 600, every scope, and never again once there is a key; where it cannot be written no key is kept."""
    with pytest.raises(BadInput, match="cannot be written"):
        first_key(engine, tmp_path / "none" / "key", AT)
    assert list_keys(engine) == []
    file = tmp_path / "key"
    assert first_key(engine, file, AT)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (stored,) = list_keys(engine)
    assert holder({stored.id: stored}, file.read_text().strip(), AT) == stored
    before = file.read_text()
    assert not first_key(engine, file, AT)
    assert file.read_text() == before


def test_without_a_key_nobody_outside_is_listened_to(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """OFFRAMP_LISTEN counts only once there is a key, and the log says why."""
    monkeypatch.setenv("OFFRAMP_LISTEN", "0.0.0.0")  # noqa: S104 (that it is refused is the test)
    assert address_for(engine) == "127.0.0.1"
    assert "offramp keys create" in caplog.text
    create_key(engine, name="app", scopes=["ingest"], at=AT)
    assert address_for(engine) == "0.0.0.0"  # noqa: S104 (who asks for it with a key gets it)


def test_the_commands(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Create shows the key on stdout alone, list tells its state, revoke ends it, migrate writes the first."""
    run = CliRunner().invoke
    monkeypatch.setenv("OFFRAMP_FIRST_KEY_FILE", str(tmp_path / "first"))
    assert "a first key was written" in run(app, ["--db", database_url, "migrate"]).stdout
    made = run(app, ["--db", database_url, "keys", "create", "--name", "ci", "--scope", "read"])
    assert made.stdout.startswith("ofr_")
    assert len(made.stdout.split()) == 1
    listed = json.loads(run(app, ["--db", database_url, "keys", "list", "--json"]).stdout)
    assert [(key["name"], key["scopes"], key["state"]) for key in listed] == [
        ("first", ["ingest", "read", "write"], "active"),
        ("ci", ["read"], "active"),
    ]
    assert run(app, ["--db", database_url, "keys", "revoke", made.stdout.strip()]).exit_code == 0
    assert run(app, ["--db", database_url, "keys", "revoke", listed[1]["id"]]).exit_code == 2
    assert "revoked" in run(app, ["--db", database_url, "keys", "list"]).stdout
