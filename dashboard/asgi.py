"""The dashboard as an ASGI application, and how it is run: the serving processes need not know Streamlit."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from dashboard.launch import SCRIPT, options
from dashboard.warm import read_pages
from offramp.actions.sign_in import SignIn

Lifespan = Callable[[st.App], AbstractAsyncContextManager[dict[str, Any] | None]]


@asynccontextmanager
async def _nothing_more(_app: st.App) -> AsyncIterator[None]:
    yield


def make_app(
    routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan = _nothing_more,
    middleware: Sequence[Middleware] = (),
    script: Path = SCRIPT,
    sign_in: SignIn | None = None,
) -> st.App:
    """The pages, read before it answers, with our own routes before Streamlit's; `lifespan` spans the server's life.

    With `sign_in`, the pages ask the provider it names who comes.
    """

    @asynccontextmanager
    async def life(app: st.App) -> AsyncIterator[dict[str, Any] | None]:
        read_pages()
        async with lifespan(app) as state:
            yield state

    secrets = None if sign_in is None else {"auth": sign_in.auth_secrets()}
    return st.App(script, routes=list(routes), lifespan=life, middleware=list(middleware), secrets=secrets)


def serve_app(app: st.App, *, port: int, address: str, more_hosts: Sequence[str] = ()) -> None:
    """Serve until SIGTERM or Ctrl-C, with the packaged settings: an installed wheel behaves like a checkout.

    `more_hosts` are host names, beside the packaged ones, under which people reach a server on loopback.
    """
    chosen = options(port=port, address=address)
    if "server.allowedHosts" in chosen:
        chosen["server.allowedHosts"] = [*chosen["server.allowedHosts"], *more_hosts]
    app.run(config=chosen)
