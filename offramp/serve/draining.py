"""The thread that counts what the journal holds as soon as the database is back."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from threading import Event, Thread

from anyio import to_thread

from db.failures import DatabaseError
from offramp.actions.spill import drain
from offramp.serve.service import Service

TRY_EVERY_SECONDS = 1.0

_log = logging.getLogger(__name__)
Lifespan = Callable[[object], AbstractAsyncContextManager[None]]


def drain_lifespan(service: Service, seconds: float = TRY_EVERY_SECONDS) -> Lifespan:
    """An ASGI lifespan in which the journal is tried every second; nothing happens where there is none."""

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        stopped = Event()
        thread = Thread(target=_drain_until, args=(service, stopped, seconds), name="drain", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            await to_thread.run_sync(thread.join)

    return lifespan


def both(outer: Lifespan, inner: Lifespan) -> Lifespan:
    """Two lifespans as one."""

    @asynccontextmanager
    async def lifespan(app: object) -> AsyncIterator[None]:
        async with outer(app), inner(app):
            yield

    return lifespan


def _drain_until(service: Service, stopped: Event, seconds: float) -> None:
    journal = service.journal
    while journal is not None and not stopped.is_set():
        try:
            done = drain(service.engine, journal)
            # An outage that spilled nothing is over too: the next body asks the database again.
            journal.away = False
            if done:
                _log.warning("%d records of the journal were counted", done)
        except DatabaseError:
            pass
        except Exception as error:  # noqa: BLE001 (a record or a disk may fail in any way: the others must not wait for ever)
            _log.error("the journal could not be read: %s", type(error).__name__)
        stopped.wait(seconds)
