"""A live server for the tests of HTTP."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import Engine

from offramp.serve.service import Service
from tests.offramp.live_server import AT, WINDOW, Live, serving


@pytest.fixture
def live(engine: Engine) -> Iterator[Live]:
    """A server on a migrated, empty database; its clock stands still."""
    with serving(Service(engine=engine, now=lambda: AT, late_window=WINDOW)) as found:
        yield found


@pytest.fixture
def client(live: Live) -> httpx.Client:
    """A client of that server."""
    return live.client
