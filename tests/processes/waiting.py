"""Waiting for real processes: until something holds, or an error that says what did not."""

import time
from collections.abc import Callable

import httpx


def until(holds: Callable[[], bool], *, seconds: float = 60) -> None:
    """Return as soon as it holds.

    Raises:
        TimeoutError: it did not within so many seconds.
    """
    ends = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends:
            raise TimeoutError(f"{holds} did not hold within {seconds} s")
        time.sleep(0.05)


def wait_until_ready(port: int, *, seconds: float = 180) -> None:
    """Return when the server on this port says that it is ready."""

    def ready() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    until(ready, seconds=seconds)
