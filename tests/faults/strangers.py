"""Foreign pages and rebound names at the door of real processes: how many are let in, which is none."""

import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.conftest import ROOT
from tests.faults.outcome import Outcome
from tests.offramp.live_server import free_port
from tests.processes.boxes import stop
from tests.processes.waiting import wait_until_ready

_NAMES = (
    *("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil-localhost", "xn--lcalhost-x3a.example"),
    *("10.0.0.1", "169.254.169.254", "127.0.0.2", "[::2]", "0.0.0.1", "2130706433", "0x7f.1", "127.1", "local host"),
    *("127.0.0.1@evil.example", "user:127.0.0.1@evil.example", "LOCALHOST.EVIL.EXAMPLE", "localhost%00.evil.example"),
)
_FORMS = ("http://{name}", "https://{name}", "http://{name}:8501", "https://{name}/", "chrome-extension://{name}")
_BARE = ("null", "file://", "", "data:", "//", "http://", "about:blank")
_WRITES = ("/api/features", "/api/usage", "/v1/traces")


def strangers(url: str) -> Outcome:
    """Origins and hosts of others: a page's WebSocket, and what writes; 101 and anything but a refusal are counted."""
    origins = [form.format(name=name) for name in _NAMES for form in _FORMS] + [bare for bare in _BARE if bare]
    hosts = [f"{name}:8501" for name in _NAMES] + list(_NAMES)
    with _pages(url) as port:
        own = f"127.0.0.1:{port}"
        assert _handshake(port, own, f"http://{own}") == 101, "its own page is let in"
        sockets = sum(_handshake(port, own, origin) == 101 for origin in origins)
        sockets += sum(_handshake(port, host, f"http://{host}") == 101 for host in hosts)
        tried = len(origins) + len(hosts)
        writes = frames = 0
        with httpx.Client(base_url=f"http://{own}", timeout=30) as client:
            for path in _WRITES:
                for headers in (*({"origin": origin} for origin in origins), *({"host": host} for host in hosts)):
                    answer = client.post(path, headers={**headers, "content-type": "application/json"}, content=b"{}")
                    writes += answer.status_code not in {400, 403}
                    frames += "frame-ancestors 'none'" not in answer.headers.get("content-security-policy", "")
                    tried += 1
    return Outcome(
        fault="foreign origins and hosts",
        database="sqlite",
        done=f"{tried:,} requests and WebSockets of {len(origins)} origins, {len(hosts)} hosts",
        wrong=sockets + writes + frames,
        also=f"{sockets} WebSockets opened, {writes} requests not refused, {frames} answers that may be framed",
    )


@contextmanager
def _pages(url: str) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "offramp", "--db", url, "dashboard", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_ready(port)
        yield port
    finally:
        stop(process)


def _handshake(port: int, host: str, origin: str) -> int:
    key = b64encode(b"sixteen bytes ok").decode()
    lines = ["GET /_stcore/stream HTTP/1.1", f"Host: {host}", f"Origin: {origin}", "Upgrade: websocket"]
    lines += ["Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sent:
        sent.sendall("\r\n".join(lines).encode())
        words = sent.recv(100).split()
    return int(words[1]) if len(words) > 1 else 0
