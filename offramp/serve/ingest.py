"""The HTTP receiver and API alone."""

from datetime import timedelta

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from db.session import engine_for
from offramp import config
from offramp.serve.assemble import address_for, guard_for, keyed_for, service_for, steady_memory
from offramp.serve.draining import drain_lifespan
from offramp.serve.http import Unknown, routes
from offramp.serve.logs import log_as
from offramp.serve.tracing import tracing


def ingest_app(url: str, late_window: timedelta | None) -> Starlette:
    """The receiver as an ASGI application."""
    service = service_for(engine_for(url), late_window)
    guards = [*tracing(), guard_for(config.listen_address()), keyed_for(service)]
    every = [*routes(service), Route("/{rest:path}", Unknown())]
    return Starlette(routes=every, middleware=guards, lifespan=drain_lifespan(service))


def run_ingest(url: str, *, port: int, late_window: timedelta | None) -> None:
    """Serve until SIGTERM or Ctrl-C; requests in flight are answered first."""
    log_as(config.log_form())
    app = ingest_app(url, late_window)
    steady_memory()
    uvicorn.run(app, host=address_for(engine_for(url)), port=port, access_log=False, log_level="warning")
