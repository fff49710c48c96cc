"""Bodies that wait for the one writing thread are taken together by whichever turn comes first."""

from asyncio import Lock
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from anyio import sleep

from offramp.actions.ingest import IngestResult, Sent
from offramp.actions.receive import Outcome
from offramp.serve.bench import Bench

# More bodies a transaction save little and keep the first of them waiting; more bytes are memory.
_MOST_BODIES, _MOST_BYTES = 16, 2**21
# Who is answered sends the next: where several were, the first to come again waits this long for the others.
_OTHERS_SECONDS = 0.004


@dataclass(slots=True, eq=False)
class _Turn:
    sent: Sent
    at: datetime
    outcome: Outcome | None = None


class Turns:
    """A queue of bodies in front of a bench of one thread. Lives on one event loop."""

    def __init__(self) -> None:
        self._waiting: deque[_Turn] = deque()
        self._at_work = Lock()
        self._several = False

    async def take(
        self,
        bench: Bench,
        sent: Sent,
        at: datetime,
        work: Callable[[Sequence[tuple[Sent, datetime]]], Sequence[Outcome]],
    ) -> IngestResult:
        """What becomes of a body, once `work` has been done on it and on what waits beside it.

        Raises:
            Busy: as many requests as may wait are waiting.
            Exception: whatever `work` gives as the outcome of this body.
        """
        turn = _Turn(sent, at)
        with bench.place():
            self._waiting.append(turn)
            try:
                if self._several:
                    await sleep(_OTHERS_SECONDS)
                # Whose turn was done by somebody else needs no thread: to wake one costs as much as reading some spans.
                async with self._at_work:
                    while turn.outcome is None:
                        await bench.work(lambda: self._work(work))
            finally:
                if turn in self._waiting:
                    self._waiting.remove(turn)
        if not isinstance(turn.outcome, Exception):
            return turn.outcome
        try:
            raise turn.outcome
        finally:
            # The error knows this frame, and the frame the body: else only a later sweep would free it.
            turn.outcome = None

    def _work(self, work: Callable[[Sequence[tuple[Sent, datetime]]], Sequence[Outcome]]) -> None:
        turns = self._next()
        self._several = len(turns) > 1
        try:
            outcomes = work([(turn.sent, turn.at) for turn in turns])
        except Exception as error:  # noqa: BLE001 (everybody whose turn it was is told)
            outcomes = [error for _ in turns]
        for turn, outcome in zip(turns, outcomes, strict=True):
            turn.outcome = outcome

    def _next(self) -> list[_Turn]:
        turns: list[_Turn] = []
        size = 0
        while self._waiting and len(turns) < _MOST_BODIES:
            size += len(self._waiting[0].sent.body)
            if turns and size > _MOST_BYTES:
                break
            turns.append(self._waiting.popleft())
        return turns
