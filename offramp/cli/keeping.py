"""Commands that keep the facts safe: backup, restore, copy."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from db.session import engine_for, normal_url, shown_url
from offramp.actions.backup import BackupError, Moved, Unequal, back_up, copy_to, restore
from offramp.actions.failure import BadInput, Problem
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from reports.words import count as plural

Work = Callable[[Callable[[str, int], None]], Moved]


def backup_command(
    file: Annotated[Path, typer.Argument(help="The SQLite file to write; it must not exist.")], as_json: Json = False
) -> None:
    """Write the whole database into one SQLite file, while everything goes on running."""
    with ctx.ending(as_json=as_json):
        engine = ctx.engine()
        _done(
            _watched(lambda progress: back_up(engine, file, progress)),
            f"backed up to {file}",
            "checked",
            as_json=as_json,
        )


def restore_command(
    file: Annotated[Path, typer.Argument(help="A file that `offramp backup` wrote.")], as_json: Json = False
) -> None:
    """Fill an empty database (--db) from a back-up; rows are compared on both sides."""
    with ctx.ending(as_json=as_json):
        url = ctx.url()
        engine = engine_for(url)
        _done(
            _watched(lambda progress: restore(engine, file, progress)),
            f"restored {shown_url(url)}",
            "compared",
            as_json=as_json,
        )


def copy_command(
    to: Annotated[str, typer.Option("--to", help="URL of an empty database, SQLite or PostgreSQL.")],
    as_json: Json = False,
) -> None:
    """Move to another database: copy everything, compare every row, change nothing here."""
    with ctx.ending(as_json=as_json):
        engine = ctx.engine()
        target = engine_for(ctx.usable(to, "--to"))
        if normal_url(to) == engine.url.render_as_string(hide_password=False):
            raise BadInput([Problem(error="that is this database", field="--to", cure="name another")])
        _done(
            _watched(lambda progress: copy_to(engine, target, progress)),
            f"copied to {shown_url(to)}",
            "compared",
            as_json=as_json,
        )


def _watched(work: Work) -> Moved:
    with ctx.log.status("copying") as status:
        try:
            return work(lambda table, rows: status.update(f"{table}: {plural(rows, 'row')}"))
        except (BackupError, Unequal) as failure:
            ctx.log.print(f"[red]error:[/red] {failure}")
            raise typer.Exit(ctx.FAILED) from None


def _done(moved: Moved, words: str, how: str, *, as_json: bool) -> None:
    if as_json:
        ctx.print_json(moved.document())
        return
    ctx.out.print(
        f"{words}: {plural(moved.rows, 'row')} in {plural(len(moved.tables), 'table')}, all {how}", highlight=False
    )
