"""The `offramp` command: its options, its commands, and nothing else."""

import gc
import logging
import os
import sys
import threading
from typing import Annotated, NoReturn

import typer

from offramp import __version__
from offramp.cli import context
from offramp.cli.on_demand import on_demand

_GARBAGE_AT_LEAST = 100_000
_PLACES = {
    "demo": "running:demo",
    "up": "running:up",
    "dashboard": "running:dashboard",
    "ingest": "running:ingest",
    "worker": "running:worker",
    "migrate": "running:migrate",
    "register": "facts:register_command",
    "load": "loading:load_command",
    "collect": "collecting:collect_command",
    "usage": "facts:usage_command",
    "scores": "scoring:scores_command",
    "reconcile": "reconciling:reconcile_command",
    "export": "exporting:export_command",
    "review": "judging:review_command",
    "explain": "judging:explain_command",
    "ledger": "alerting:ledger_command",
    "report": "reporting:report_command",
    "advise": "advising:advise_command",
    "replay": "replaying:replay_command",
    "backup": "keeping:backup_command",
    "restore": "keeping:restore_command",
    "copy": "keeping:copy_command",
    "doctor": "health:doctor_command",
    "scan": "scanning:scan_command",
    "features": "featuring:app",
    "alerts": "alerting:app",
    "prices": "pricing:app",
    "keys": "keyring:app",
}
app = typer.Typer(
    cls=on_demand(_PLACES),
    name="offramp",
    help="Knows, for each LLM feature, when to leave its present strategy, for which one, and why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"offramp {__version__}")
        raise typer.Exit


@app.callback()
def options(
    db: Annotated[
        str | None, typer.Option("--db", help="Database URL; else OFFRAMP_DATABASE_URL, else a file.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options that stand before the command."""
    del version  # its callback has printed and left
    context.shared.db = db


def main() -> NoReturn:
    """Run the command line."""
    # Imports and the rows of a file are kept, not thrown away: a search for garbage among them finds nothing.
    gc.set_threshold(_GARBAGE_AT_LEAST)
    try:
        app()
    except SystemExit as ended:
        context.close()
        _end(ended.code)
    sys.exit()


def _end(code: str | int | None) -> NoReturn:
    """End here: to take hundreds of modules apart again takes as long as a short command's work."""
    if threading.active_count() > 1 or not isinstance(code, int):
        sys.exit(code)
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
