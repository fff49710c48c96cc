"""The command that scans a call log without a database."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from offramp import clock
from offramp.actions.failure import BadInput, Problem
from offramp.actions.scan import Scanned, scan_files
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.cli.loading import assignments, renames
from offramp.cli.refused import refused_rows, tell_rejected
from offramp.cli.words import listing
from offramp.policy import load_policy
from reports.scan_page import scan_page
from reports.scan_words import cost_words, headline, look_first, said

_SHOWN = 10


def scan_command(
    files: Annotated[list[Path], typer.Argument(help="Call logs: CSV, JSONL or Parquet, also .gz.")],
    page: Annotated[Path, typer.Option("--out", help="Where to write the page.")] = Path("scan.html"),
    set_columns: Annotated[list[str] | None, typer.Option("--set", help="Fill an absent column: COLUMN=VALUE.")] = None,
    renamed: Annotated[
        list[str] | None, typer.Option("--rename", help="Read a column of the file as ours: THEIRS=OURS.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Price and judge a call log without a database, and write what was found as one HTML page.

    Exit 3: some rows were rejected.
    """
    with ctx.ending(as_json=as_json):
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        with Progress(*columns, console=ctx.log, transient=True) as bar:
            task = bar.add_task("", total=None)
            done = scan_files(
                files,
                load_policy(),
                now=clock.now(),
                set_columns=assignments(set_columns or []),
                renamed=renames(renamed or []),
                progress=lambda words: bar.update(task, description=words),
            )
        _write(page, scan_page(done.scan))
        for item in done.loaded:
            with refused_rows(item.path) as refused:
                if refused:
                    refused(item.rejected)
            tell_rejected(item)
        if as_json:
            ctx.print_json(done.documents())
        else:
            _tell(done)
        ctx.log.print(f"page: {page.resolve()}", markup=False, soft_wrap=True)
        if done.scan.rejected_rows:
            raise typer.Exit(ctx.NEEDS_A_PERSON)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as bad:
        problem = Problem(error=f"{path}: {bad.strerror}", field="--out", cure="name a file that can be written")
        raise BadInput([problem]) from None


def _tell(done: Scanned) -> None:
    scan = done.scan
    ctx.out.print(f"{headline(scan)}, from {scan.first} to {scan.last}.", markup=False, highlight=False)
    table = listing("feature", "calls", "cost", "look first at", "verdict", numbers=("calls", "cost"))
    for row in scan.rows[:_SHOWN]:
        name = row.feature or "(unattributed)"
        table.add_row(name, f"{row.calls:,}", cost_words(row, row.cost_usd), look_first(row), said(row.verdict))
    if len(scan.rows) > _SHOWN:
        table.add_row(f"… {len(scan.rows) - _SHOWN} more on the page", "", "", "", "")
    table.add_row("total", f"{scan.total.calls:,}", cost_words(scan.total, scan.total.cost_usd), "", "")
    ctx.out.print(table)
