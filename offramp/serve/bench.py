"""Where requests do their work: few threads, a short queue, a ceiling on the bytes in hand; full is said at once."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from anyio import CapacityLimiter, fail_after, to_thread

from collectors.otlp_body import LIMIT_BYTES
from collectors.otlp_errors import TooLarge

T = TypeVar("T")

# Two of the largest bodies at once: beyond that memory, not patience, is what runs out.
MOST_BYTES = 2 * LIMIT_BYTES
READ_SECONDS = 30.0


class Busy(Exception):  # noqa: N818 (a state of the server, not a fault)
    """The queue is full: the sender should come again in a moment."""


class Slow(Exception):  # noqa: N818 (what the sender was)
    """The body did not arrive in time."""


class Bench:
    """A bounded queue in front of a bounded number of threads. Lives on one event loop."""

    def __init__(self, *, threads: int, waiting: int) -> None:
        self._limiter = CapacityLimiter(threads)
        self._most = threads + waiting
        self._bytes = 0
        self.busy = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Do the work in a thread, in turn.

        Raises:
            Busy: as many requests as may wait are waiting.
        """
        if self.busy >= self._most:
            raise Busy
        self.busy += 1
        try:
            return await to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self.busy -= 1

    @asynccontextmanager
    async def body(self, chunks: AsyncIterator[bytes], limit_bytes: int = LIMIT_BYTES) -> AsyncIterator[bytes]:
        """The whole body, however it was sent; its bytes are counted until the block ends.

        Raises:
            TooLarge: it is longer than `limit_bytes`; reading stopped there.
            Busy: too many bytes are in hand already.
            Slow: it took longer than READ_SECONDS.
        """
        parts: list[bytes] = []
        held = 0
        try:
            try:
                with fail_after(READ_SECONDS):
                    async for chunk in chunks:
                        parts.append(chunk)
                        held += len(chunk)
                        self._bytes += len(chunk)
                        self._check(held, limit_bytes)
            except TimeoutError:
                raise Slow from None
            yield b"".join(parts)
        finally:
            self._bytes -= held

    def _check(self, held: int, limit_bytes: int) -> None:
        if held > limit_bytes:
            raise TooLarge(f"the body is larger than {limit_bytes} bytes; send smaller batches")
        if self._bytes > MOST_BYTES:
            raise Busy
