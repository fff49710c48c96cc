"""A server of a benchmark's own: started on a port that is free, waited for, and ended with the benchmark."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_WITHIN = 240


@contextmanager
def serving(
    module: Callable[[int], Sequence[str]], settings: Mapping[str, str], *, output: int | None = None
) -> Iterator[str]:
    """Serves what `python -m` this module (and its arguments, given the port) serves; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    values = [f"{name}={value}" for name, value in settings.items()]
    command = ["env", *values, f"PYTHONPATH={ROOT}", sys.executable, "-m", *module(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=output) as server:
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(f"{address}/_stcore/health", server)
            yield address
        finally:
            server.terminate()


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _WITHIN
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 (our own server)
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.3)
    sys.exit("a server did not start")
