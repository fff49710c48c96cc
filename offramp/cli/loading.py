"""The command that imports files, with a progress bar and every rejected row named."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from offramp import clock
from offramp.actions.failure import BadInput, Problem
from offramp.actions.load import Loaded, load_file
from offramp.actions.prices import fill_book, resolve_names
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.cli.words import count

_SHOWN = 5


def load_command(
    paths: Annotated[list[Path], typer.Argument(help="CSV, JSONL or Parquet files, also .gz.")],
    kind: Annotated[Literal["auto", "calls", "evals"], typer.Option(help="What the files hold.")] = "auto",
    set_columns: Annotated[list[str] | None, typer.Option("--set", help="Fill an absent column: COLUMN=VALUE.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check, write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Import calls and evals from files; a file loaded again changes no figure. Exit 3: some rows were rejected."""
    with ctx.ending(as_json=as_json):
        given = assignments(set_columns or [])
        engine, now = ctx.engine(), clock.now()
        done = []
        with Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=ctx.log, transient=True
        ) as bar:
            for path in paths:
                task = bar.add_task(path.name, total=None)
                done.append(
                    load_file(
                        engine,
                        path,
                        at=now,
                        kind=kind,
                        set_columns=given,
                        dry_run=dry_run,
                        progress=lambda rows, task=task, path=path: bar.update(  # type: ignore[misc]  # (mypy cannot infer a lambda with defaults)
                            task, description=f"{path.name}: {count(rows)} rows"
                        ),
                    )
                )
        if not dry_run:
            fill_book(engine, now)
            resolve_names(engine, now)
        if as_json:
            ctx.print_json([item.document() for item in done])
        else:
            for item in done:
                _tell(item, dry_run=dry_run)
        if any(item.rejected_rows for item in done):
            raise typer.Exit(ctx.NEEDS_A_PERSON)


def assignments(texts: Sequence[str]) -> dict[str, str]:
    """What `--set COLUMN=VALUE` says, by column. Raises BadInput where a text is not of that form."""
    wrong = [text for text in texts if "=" not in text]
    if wrong:
        raise BadInput(
            [Problem(error=f"{wrong[0]!r} is not COLUMN=VALUE", field="--set", cure="such as --set model=x")]
        )
    return dict(text.split("=", 1) for text in texts)


def _tell(item: Loaded, *, dry_run: bool) -> None:
    verb = "would be loaded" if dry_run else "loaded"
    ctx.out.print(
        f"{item.path.name}: {count(item.accepted)} {item.kind} rows {verb}, {count(item.duplicates)} known already, "
        f"{count(item.rejected_rows)} rejected",
        markup=False,
        highlight=False,
    )
    tell_rejected(item, write=not dry_run)


def tell_rejected(item: Loaded, *, write: bool = True) -> None:
    """Tell which columns nothing reads and which rows were rejected; all of these go to NAME.rejected.csv."""
    if item.ignored_columns:
        ctx.log.print(f"  columns not read: {', '.join(item.ignored_columns)}", markup=False)
    for row in item.rejected[:_SHOWN]:
        ctx.log.print(f"  row {row.row}, {row.field}: {row.error}; {row.cure}", markup=False)
    if item.rejected and write:
        target = Path(f"{item.path.name}.rejected.csv")
        with target.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("row", "field", "error", "cure"))
            writer.writerows((row.row, row.field, row.error, row.cure) for row in item.rejected)
        ctx.log.print(f"  all rejected rows: {target}", markup=False)
