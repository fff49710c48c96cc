"""The services of docker-compose.yml, run by hand as compose would: users, read-only folders, roles, environment."""

import re
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psycopg
import pytest
import yaml

from offramp.clock import now
from tests.conftest import ROOT
from tests.offramp.live_server import free_port
from tests.offramp.spans import FEATURE, INPUT_TOKENS, PROTOBUF, protobuf_body
from tests.processes.boxes import boxed, boxed_command, running, stop
from tests.processes.cluster import Cluster, cluster
from tests.processes.waiting import until, wait_until_ready

OFFRAMP = [sys.executable, "-m", "offramp"]


@dataclass
class Stack:
    """The services over one database server, each with its own secrets, its tmpfs and its volumes."""

    services: dict[str, Any]
    server: Cluster
    folder: Path

    def environment(self, name: str) -> dict[str, str]:
        """The service's variables, where this machine has what they name."""
        found = {key: _interpolated(str(value)) for key, value in self.services[name]["environment"].items()}
        places = {"/run/secrets": str(self._secrets(name))}
        places["/dev/shm"] = str(self._made(f"tmp-{name}"))  # noqa: S108 (the container's own)
        places |= {mount.split(":")[1]: str(self._volume(mount)) for mount in self._mounts(name)}
        told = {key: self._placed(value, places) for key, value in found.items()}
        # What the image says beside it.
        return {**told, "HOME": str(self._made(f"tmp-{name}")), "XDG_DATA_HOME": places.get("/data", "/nowhere")}

    def _placed(self, value: str, places: Mapping[str, str]) -> str:
        for theirs, ours in places.items():
            if value == theirs or value.startswith(f"{theirs}/"):
                return ours + value.removeprefix(theirs)
        return value.replace("@db/", f"@127.0.0.1:{self.server.port}/")

    def writable(self, name: str) -> list[Path]:
        """The folders that the service may write to: its tmpfs and its named volumes."""
        volumes = [self._volume(mount) for mount in self._mounts(name) if not mount.endswith(":ro")]
        return [self._made(f"tmp-{name}"), *volumes]

    def _mounts(self, name: str) -> list[str]:
        return list(self.services[name].get("volumes", ()))

    def _volume(self, mount: str) -> Path:
        return self._made("volume-" + mount.partition(":")[0].strip("./"))

    def _secrets(self, name: str) -> Path:
        folder = self._made(f"secrets-{name}")
        for secret in self.services[name]["secrets"]:
            (folder / secret).write_text((self.folder / "secrets" / secret).read_text())
            (folder / secret).chmod(0o644)  # compose mounts the file as it is: the folder around it keeps it secret
        return folder

    def _made(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
        return folder


def _interpolated(value: str) -> str:
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A server, the secrets, and the schema migrated as the one-shot service does it."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    # Not pytest's own folder, into which no other user may look.
    with TemporaryDirectory(prefix="offramp-compose-") as name, cluster() as server:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "secrets").mkdir()
        server.create("offramp")
        for role in ("ingest", "worker", "dashboard"):
            (folder / "secrets" / role).write_text(f"p%@:/{role}\n")
        (folder / "secrets" / "database").write_text(server.password)
        made = Stack(services=services, server=server, folder=folder)
        command, environment = boxed_command(
            [*OFFRAMP, "migrate"], made.writable("migrate"), made.environment("migrate")
        )
        done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "roles: offramp_ingest, offramp_dashboard, offramp_worker" in done.stdout
        yield made


def _connected(stack: Stack, role: str) -> psycopg.Connection[tuple[Any, ...]]:
    password = (stack.folder / "secrets" / role).read_text().strip()
    return psycopg.connect(stack.server.url("offramp", f"offramp_{role}", password), autocommit=True)


def test_the_services_work_shut_in_each_under_its_role(stack: Stack) -> None:
    """A span sent with the first key is counted, the page answers, the jobs run, the API of pages writes; all end."""
    ports = {"ingest": free_port(), "dashboard": free_port()}
    key = (stack.folder / "volume-data" / "first-key").read_text().strip()
    bearer = {"authorization": f"Bearer {key}"}
    with ExitStack() as life:
        started = {}
        for name in ("ingest", "worker", "dashboard"):
            listening = ["--port", str(ports[name])] if name in ports else []
            command = [*OFFRAMP, *stack.services[name]["command"], *listening]
            log = stack.folder / f"{name}.log"
            box = running(command, stack.writable(name), stack.environment(name), log)
            started[name] = life.enter_context(box)
        for port in ports.values():
            wait_until_ready(port)
        ingest, pages = (f"http://127.0.0.1:{port}" for port in ports.values())
        body = protobuf_body(range(1, 11), now() - timedelta(minutes=5))
        for _ in range(2):
            answer = httpx.post(f"{ingest}/v1/traces", content=body, headers={**PROTOBUF, **bearer}, timeout=60)
            assert (answer.status_code, answer.content) == (200, b"")
        feature = {"features": [{"slug": FEATURE, "strategy": "prompt"}]}
        refused = httpx.post(f"{ingest}/api/features", json=feature, headers=bearer, timeout=60)
        assert refused.status_code == 403, refused.text
        assert "database role" in refused.json()["error"]
        assert httpx.post(f"{pages}/api/features", json=feature, timeout=60).status_code == 401
        assert httpx.post(f"{pages}/api/features", json=feature, headers=bearer, timeout=60).status_code == 200
        assert httpx.get(pages, timeout=60).status_code == 200
        pulse = stack.services["worker"]["environment"]["OFFRAMP_PULSE"]
        asked = {"4318": str(ports["ingest"]), "8501": str(ports["dashboard"])}
        asked[pulse] = stack.environment("worker")["OFFRAMP_PULSE"]
        for name in started:
            until(partial(_is_healthy, stack.services[name]["healthcheck"]["test"], asked))
        _strangers_are_kept_out(ports["dashboard"], pages, feature)
        for address in (ingest, pages):
            assert (
                'offramp_records_total{source="otlp",outcome="accepted"} 10'
                in httpx.get(f"{address}/metrics", headers=bearer, timeout=60).text
            )
        with psycopg.connect(stack.server.url("offramp")) as owner:
            until(lambda: _jobs(owner) >= {"collect", "prices", "review", "ledger", "deliver"}, seconds=120)
            assert _failed(owner) == []
            counted = owner.execute("SELECT feature, sum(calls), sum(input_tokens) FROM rollup GROUP BY 1").fetchall()
        assert counted == [(FEATURE, 10, 10 * INPUT_TOKENS)]
        # Each ends by itself, also where it then tells its parent by which signal: none had to be killed.
        assert {stop(process) for process in started.values()} <= {0, -signal.SIGTERM}
    if boxed():
        assert not any((ROOT / name).stat().st_uid == 10001 for name in ("offramp", "docs"))


def _is_healthy(check: Sequence[str], asked: Mapping[str, str]) -> bool:
    """What compose would run in the container, where this machine has what it asks for."""
    script = check[-1]
    for theirs, ours in asked.items():
        script = script.replace(theirs, ours)
    return subprocess.run([sys.executable, "-c", script], check=False, capture_output=True).returncode == 0


def _strangers_are_kept_out(port: int, pages: str, feature: dict[str, Any]) -> None:
    """A foreign page or a rebound name opens no WebSocket and no path; a header that names a person is not believed."""
    assert _handshake(port, "127.0.0.1", "http://127.0.0.1") == 101
    assert _handshake(port, "dashboard", "http://dashboard") == 101
    assert _handshake(port, "127.0.0.1", "https://evil.example") == 403
    assert _handshake(port, "evil.example", "https://evil.example") == 403
    assert httpx.get(pages, headers={"host": "evil.example"}, timeout=60).status_code == 403
    believed = {"x-forwarded-user": "admin", "x-forwarded-for": "127.0.0.1", "remote-user": "admin"}
    assert httpx.post(f"{pages}/api/features", json=feature, headers=believed, timeout=60).status_code == 401
    strict = httpx.get(pages, timeout=60).headers
    assert strict["content-security-policy"] == "frame-ancestors 'none'"
    assert strict["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in strict


def _handshake(port: int, host: str, origin: str) -> int:
    """The status with which the pages' WebSocket answers a browser that comes from `origin` and means `host`."""
    key = b64encode(b"sixteen bytes ok").decode()
    lines = ["GET /_stcore/stream HTTP/1.1", f"Host: {host}:{port}", f"Origin: {origin}:{port}", "Upgrade: websocket"]
    lines += ["Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sent:
        sent.sendall("\r\n".join(lines).encode())
        return int(sent.recv(100).split()[1])


def _jobs(owner: psycopg.Connection[tuple[Any, ...]]) -> set[str]:
    found = owner.execute("SELECT job FROM job_slot WHERE done_at IS NOT NULL").fetchall()
    owner.rollback()
    return {job for (job,) in found}


def _failed(owner: psycopg.Connection[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return owner.execute("SELECT job, outcome, detail FROM job_slot WHERE outcome = 'failed'").fetchall()


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("ingest", "SELECT * FROM price"),
        ("ingest", "SELECT * FROM alert"),
        ("ingest", "UPDATE feature SET owner = 'me'"),
        ("ingest", "UPDATE api_key SET revoked_at = NULL"),
        ("ingest", "INSERT INTO api_key (id) VALUES ('x')"),
        ("ingest", "DELETE FROM usage_ledger"),
        ("ingest", "DROP TABLE rollup"),
        ("dashboard", "UPDATE hour_total SET calls = 0"),
        ("dashboard", "DELETE FROM verdict"),
        ("dashboard", "UPDATE price SET usd_per_mtok = 0"),
        ("dashboard", "CREATE TABLE mine (x int)"),
        ("worker", "SELECT digest FROM api_key"),
        ("worker", "ALTER TABLE rollup ADD COLUMN x int"),
        ("worker", "CREATE ROLE me SUPERUSER"),
        ("worker", "COPY rollup TO PROGRAM 'cat'"),
    ],
)
def test_a_role_may_not_do_what_its_process_never_does(stack: Stack, role: str, statement: str) -> None:
    """PostgreSQL itself refuses: a stolen password is worth no more than the process it was stolen from."""
    with _connected(stack, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_several_starters_migrate_one_database_once(stack: Stack) -> None:
    """Three processes that migrate an empty database at the same time all succeed, and there is one schema."""
    url = stack.server.create("several")
    processes = [
        subprocess.Popen([*OFFRAMP, "--db", url, "migrate"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(3)
    ]
    told = [(process.wait(), process.communicate()[0].decode()) for process in processes]
    assert [code for code, _ in told] == [0] * 3, told
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchall() == [(1,)]
