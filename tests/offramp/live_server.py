"""A real uvicorn server on a port of its own, in a thread."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from offramp.actions.usage import usage
from offramp.serve.draining import Lifespan
from offramp.serve.guard import LOOPBACK, Guard
from offramp.serve.http import routes
from offramp.serve.keyed import Keyed, KeyRing
from offramp.serve.service import Service

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
WINDOW = timedelta(hours=24)
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))  # noqa: TID251 (which of the workers this is)
_FIRST_PORT = 20_001 + 1000 * (_WORKER % 10)
# Two runs of tests on one machine begin at different ones.
_ports = cycle(_FIRST_PORT + (os.getpid() + number) % 1000 for number in range(1000))


@dataclass(frozen=True)
class Live:
    """A running server: its service, its port, and a client that speaks to it."""

    service: Service
    port: int
    client: httpx.Client

    def counted(self) -> dict[str | None, tuple[int, int, int]]:
        """Calls, input and output tokens by feature."""
        rows = usage(
            self.service.engine, by=("feature",), start=AT - timedelta(days=400), end=AT + timedelta(days=1)
        ).rows
        return {row.feature: (row.calls, row.input_tokens, row.output_tokens) for row in rows}


def free_port() -> int:
    """A port that nobody listens on, nor will before it is used.

    Below those that systems hand out by themselves (Linux from 32768 on), and each process of tests has its own.
    """
    while True:
        with socket.socket() as probe, suppress(OSError):
            port = next(_ports)
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def serving(service: Service, keys_known_for: timedelta = WINDOW, lifespan: Lifespan | None = None) -> Iterator[Live]:
    """Serve the routes behind the guard until the block ends; keys are read again after `keys_known_for`."""
    keyed = Middleware(Keyed, service=service, ring=KeyRing(service, keys_known_for))
    app = Starlette(routes=routes(service), middleware=[Middleware(Guard, hosts=LOOPBACK), keyed], lifespan=lifespan)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # so that a client that is quicker than the thread waits
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    port = listener.getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield Live(service=service, port=port, client=client)
    server.should_exit = True
    thread.join()
    listener.close()
