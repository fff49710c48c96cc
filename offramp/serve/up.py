"""One process: dashboard, ingest and scheduler on one port."""

from datetime import timedelta

from dashboard.asgi import make_app, serve_app
from db.migrate import upgrade
from db.session import engine_for
from offramp import config
from offramp.actions.sign_in import load_sign_in
from offramp.serve.assemble import address_for, guard_for, keyed_for, service_for, steady_memory
from offramp.serve.draining import both, drain_lifespan
from offramp.serve.http import routes
from offramp.serve.scheduler import scheduler_lifespan
from offramp.serve.tracing import tracing


def run_up(url: str, *, port: int, late_window: timedelta | None) -> None:
    """Bring the schema up to date and serve everything until SIGTERM or Ctrl-C."""
    engine = engine_for(url)
    upgrade(engine)
    config.export_database_url(url)
    address = address_for(engine)
    service = service_for(engine, late_window)
    life = both(scheduler_lifespan(engine), drain_lifespan(service))
    asked = load_sign_in(config.sign_in_file())
    keyed = keyed_for(service, always=asked is not None)
    app = make_app(routes(service), life, [*tracing(), guard_for(address), keyed], sign_in=asked)
    steady_memory()
    serve_app(app, port=port, address=address, more_hosts=config.allowed_hosts())
