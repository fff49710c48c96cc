"""A real uvicorn server on a port of its own, in a thread."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
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
