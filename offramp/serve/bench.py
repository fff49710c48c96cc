"""Where requests do their work: few threads, a short queue, a ceiling on the bytes in hand; full is said at once."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
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

    def __init__(self, *, threads: int, waiting: int, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._limiter = CapacityLimiter(threads)
        self._most = threads + waiting
        self._bytes = 0
        self.busy = 0

    def check_room(self) -> None:
        """Raise Busy where as many requests as may wait are waiting."""
        if self.busy >= self._most:
            raise Busy

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among those that wait or are at work, until the block ends.

        Raises:
            Busy: as many requests as may wait are waiting.
        """
        self.check_room()
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1

    async def run(self, work: Callable[[], T]) -> T:
        """Do the work in a thread, in turn.

        Raises:
            Busy: as many requests as may wait are waiting.
        """
        with self.place():
            return await self.work(work)

    async def work(self, work: Callable[[], T]) -> T:
        """`run` of somebody who has a place."""
        return await to_thread.run_sync(work, limiter=self._limiter)

    @asynccontextmanager
    async def body(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The whole body, however it was sent; its bytes are counted until the block ends.

        Raises:
            TooLarge: it is longer than the limit; what follows was thrown away, as far as a second limit.
            Busy: too many bytes are in hand already.
            Slow: it took longer than READ_SECONDS.
        """
        parts: list[bytes] = []
        try:
            try:
                with fail_after(READ_SECONDS):
                    await self._gather(chunks, parts)
            except TimeoutError:
                raise Slow from None
            yield b"".join(parts)
        finally:
            self._bytes -= sum(map(len, parts))

    async def _gather(self, chunks: AsyncIterator[bytes], parts: list[bytes]) -> None:
        held = 0
        async for chunk in chunks:
            held += len(chunk)
            if held <= self._limit_bytes:
                parts.append(chunk)
                self._bytes += len(chunk)
            # A sender reads the answer only when it has sent all: an honest one is heard out, an endless one is not.
            elif held > 2 * self._limit_bytes:
                break
            if self._bytes > MOST_BYTES:
                raise Busy
        if held > self._limit_bytes:
            raise TooLarge(f"the body is larger than {self._limit_bytes} bytes; send smaller batches")
