"""One process: dashboard, ingest and scheduler on one port."""

from datetime import timedelta

from dashboard.asgi import make_app, serve_app
from db.migrate import upgrade
from db.session import engine_for
from offramp import config
from offramp.serve.assemble import guard_for, service_for
from offramp.serve.http import routes
from offramp.serve.scheduler import scheduler_lifespan


def run_up(url: str, *, port: int, late_window: timedelta | None) -> None:
    """Bring the schema up to date and serve everything until SIGTERM or Ctrl-C."""
    engine = engine_for(url)
    upgrade(engine)
    config.export_database_url(url)
    address = config.listen_address()
    app = make_app(routes(service_for(engine, late_window)), scheduler_lifespan(engine), [guard_for(address)])
    serve_app(app, port=port, address=address, more_hosts=config.allowed_hosts())
