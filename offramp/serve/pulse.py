"""A file that is touched while the scheduler moves: a health check asks how old it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

# No run takes so long: the worker's statements end after a quarter of an hour (db.roles).
PATIENCE = timedelta(hours=1)


class Pulse:
    """Beats while the scheduler wakes up and no tick has been at work for longer than `patience`."""

    def __init__(self, file: Path, now: Callable[[], datetime], patience: timedelta = PATIENCE) -> None:
        self._file = file
        self._now = now
        self._patience = patience
        self._since: datetime | None = None

    @contextmanager
    def working(self) -> Iterator[None]:
        """A tick is at work while the block lasts."""
        self._since = self._now()
        try:
            yield
        finally:
            self._since = None

    def beat(self) -> None:
        """Touch the file, unless a tick hangs."""
        if self._since is None or self._now() - self._since < self._patience:
            self._file.touch()
