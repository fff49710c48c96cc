"""Commands that run something: demo, up, dashboard, ingest, worker, migrate."""

import errno
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer

from db.migrate import upgrade
from db.revision import current
from db.roles import PROCESSES, make_roles
from db.session import Engine, engine_for, shown_url
from offramp import clock, config
from offramp.actions.failure import BadInput, Problem
from offramp.actions.keys import first_key
from offramp.cli import context as ctx
from offramp.demo.build import NotTheDemo, build
from offramp.policy import load_policy

_PAGES = 8501
_OTLP = 4318
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
LateWindow = Annotated[str | None, typer.Option("--late-window", help="How old a pushed span may be: 24h, or off.")]


def migrate(
    roles: Annotated[
        str | None,
        typer.Option("--roles", help="PostgreSQL: a folder of passwords; makes a role of least rights per process."),
    ] = None,
) -> None:
    """Create the schema, or bring it up to this version."""
    with ctx.ending():
        passwords = config.role_passwords(PROCESSES, roles)
        engine = engine_for(ctx.url())
        before = current(engine)
        upgrade(engine)
        ctx.out.print(f"schema {before or 'none'} → {current(engine)}", highlight=False)
        if passwords is not None:
            ctx.out.print(f"roles: {', '.join(_roles(engine, passwords))}", highlight=False)
        file = config.first_key_file()
        if file is not None and first_key(engine, file, clock.now()):
            ctx.out.print(f"a first key was written to {file}", highlight=False)


def _roles(engine: Engine, passwords: Mapping[str, str]) -> list[str]:
    if engine.dialect.name != "postgresql":
        raise BadInput([Problem(error="roles are PostgreSQL's", field="--roles", cure="leave it out on SQLite")])
    return make_roles(engine, passwords)


def demo(
    port: Port = _PAGES,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Build the demo's database and end.")] = False,
) -> None:
    """Build the demo company, offline and without a key, then serve it."""
    with ctx.ending(), _port_free(port, wanted=not no_serve):
        url = ctx.usable(config.demo_url(ctx.shared.db))
        ctx.log.print(f"[dim]database: {shown_url(url)}[/dim]")
        now = clock.now()
        ctx.log.print("the demo company: 14 features over 26 weeks; the first build takes about half a minute")
        with ctx.log.status("building the demo company") as status:
            try:
                built = build(engine_for(url), load_policy(), today=now.date(), now=now, progress=status.update)
            except NotTheDemo as reason:
                raise BadInput([Problem(error=str(reason))]) from None
        ctx.log.print(f"demo ready: {built.days} days built, {built.reviews} reviews", highlight=False)
        if not no_serve:
            _serve(url, port, None)


def up(port: Port = _PAGES, late_window: LateWindow = None) -> None:
    """Serve dashboard, ingest and scheduler as one process on one port."""
    with ctx.ending(), _port_free(port):
        _serve(ctx.url(), port, late_window)


def _serve(url: str, port: int, late_window: str | None) -> None:
    from offramp.serve.up import run_up  # noqa: PLC0415 (Streamlit takes a second to import; other commands need none)

    ctx.log.print(f"dashboard http://127.0.0.1:{port}  ·  OTLP http://127.0.0.1:{port}/v1/traces", highlight=False)
    run_up(url, port=port, late_window=config.late_window(late_window))


def dashboard(port: Port = _PAGES) -> None:
    """Serve the dashboard alone."""
    with ctx.ending(), _port_free(port):
        from offramp.serve.dashboard import run_dashboard  # noqa: PLC0415 (as in _serve)

        url = ctx.url()
        ctx.engine(url, create=True)
        ctx.log.print(f"dashboard http://127.0.0.1:{port}", highlight=False)
        run_dashboard(url, port=port)


def ingest(port: Port = _OTLP, late_window: LateWindow = None) -> None:
    """Serve the OTLP receiver and the API alone."""
    with ctx.ending(), _port_free(port):
        from offramp.serve.ingest import run_ingest  # noqa: PLC0415 (as in _serve)

        url = ctx.url()
        ctx.engine(url, create=True)
        ctx.log.print(f"OTLP http://127.0.0.1:{port}/v1/traces", highlight=False)
        run_ingest(url, port=port, late_window=config.late_window(late_window))


def worker() -> None:
    """Run the scheduler alone."""
    with ctx.ending():
        from offramp.serve.worker import run_worker  # noqa: PLC0415 (as in _serve)

        url = ctx.url()
        ctx.engine(url, create=True)
        ctx.log.print("worker started")
        run_worker(url)


@contextmanager
def _port_free(port: int, *, wanted: bool = True) -> Iterator[None]:
    """Refuse a port that is taken before any work is done."""
    if wanted:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((config.listen_address(), port))
            except OSError as failure:
                if failure.errno != errno.EADDRINUSE:
                    raise
                raise BadInput(
                    [Problem(error=f"port {port} is in use", field="--port", cure="name another port")]
                ) from None
    yield
