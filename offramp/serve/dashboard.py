"""The dashboard alone, with its health paths; ingest and worker run elsewhere."""

from dashboard.asgi import make_app, serve_app
from db.session import engine_for
from offramp import config
from offramp.serve.assemble import guard_for, service_for
from offramp.serve.http import health_routes


def run_dashboard(url: str, *, port: int) -> None:
    """Serve the pages until SIGTERM or Ctrl-C."""
    config.export_database_url(url)
    address = config.listen_address()
    app = make_app(health_routes(service_for(engine_for(url), None)), middleware=[guard_for(address)])
    serve_app(app, port=port, address=address, more_hosts=config.allowed_hosts())
