"""What the handlers share: the engine, the clock, the benches and the count of answers."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from collectors.otlp_errors import BodyError
from db.failures import MIGRATE, DatabaseError, database_words, is_denied, is_unmigrated
from db.journal import Journal, JournalFull
from db.session import Engine
from offramp.actions.failure import BadInput
from offramp.serve.bench import Bench, Busy, Slow
from offramp.serve.turns import Turns

T = TypeVar("T")

_log = logging.getLogger(__name__)
_WRITES_WAITING = 64
_READ_THREADS, _READS_WAITING = 4, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One serving process' database, time and limits. Writes take turns, so that reads and pages stay quick."""

    engine: Engine
    now: Callable[[], datetime]
    late_window: timedelta | None
    journal: Journal | None = None
    writes: Bench = field(default_factory=lambda: Bench(threads=1, waiting=_WRITES_WAITING))
    reads: Bench = field(default_factory=lambda: Bench(threads=_READ_THREADS, waiting=_READS_WAITING))
    turns: Turns = field(default_factory=Turns)
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)


_AWAY = (503, "the database cannot be reached; nothing was stored, send again")
NO_SCHEMA = "the database does not have the schema of this version"
_UNMIGRATED = (503, f"{NO_SCHEMA}: {MIGRATE}; nothing was stored, send again")
_DENIED = (403, "the database role of this process may not do that; ask the port of the dashboard")
_PRESSED = {
    Busy: (429, "too much is waiting already; send again in a moment"),
    Slow: (408, "the body did not arrive in time"),
}


def status_of(error: Exception, path: str) -> tuple[int, str]:
    """The HTTP status and the words for a failure. Never 500: exporters throw away what a 500 answers.

    What nobody expected is logged by its kind and place; its text could hold what was sent.
    """
    if isinstance(error, BodyError):
        return error.status, str(error)
    if isinstance(error, BadInput):
        return 400, str(error)
    if isinstance(error, Busy | Slow):
        return _PRESSED[type(error)]
    if isinstance(error, DatabaseError):
        _log.warning("%s: the database failed: %s", path, database_words(error))
        return _failed(error)
    if isinstance(error, JournalFull):
        _log.error("%s: the database is away and the journal takes no more (%s)", path, error)
        return 503, "the database cannot be reached and the journal is full; nothing was stored, send again"
    _log.error("%s: unexpected %s %s", path, type(error).__name__, _place(error))
    return 503, "something unexpected went wrong; nothing was stored, send again"


def _failed(error: DatabaseError) -> tuple[int, str]:
    if is_unmigrated(error):
        return _UNMIGRATED
    return _DENIED if is_denied(error) else _AWAY


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"in {trace.tb_frame.f_code.co_qualname}, line {trace.tb_lineno}"
