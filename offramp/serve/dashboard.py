"""The dashboard alone, with the API of what pages show and do; ingest and worker run elsewhere."""

from ipaddress import ip_address

from dashboard.asgi import make_app, serve_app
from db.session import engine_for
from offramp import config
from offramp.actions.sign_in import load_sign_in
from offramp.serve.assemble import guard_for, keyed_for, service_for
from offramp.serve.http import asked_routes
from offramp.serve.tracing import tracing


def run_dashboard(url: str, *, port: int) -> None:
    """Serve the pages until SIGTERM or Ctrl-C."""
    config.export_database_url(url)
    address = config.listen_address()
    service = service_for(engine_for(url), None, counts=False)
    asked = load_sign_in(config.sign_in_file())
    # Who puts a proxy before pages that ask for sign-in does not mean the API behind them to be open.
    keyed = keyed_for(service, always=asked is not None or not ip_address(address).is_loopback)
    app = make_app(asked_routes(service), middleware=[*tracing(), guard_for(address), keyed], sign_in=asked)
    serve_app(app, port=port, address=address, more_hosts=config.allowed_hosts())
