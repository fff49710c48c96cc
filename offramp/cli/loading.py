"""The command that imports files, with a progress bar and every rejected row named."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from db.failures import DatabaseError
from db.session import Engine
from offramp import clock
from offramp.actions.failure import BadInput, Problem
from offramp.actions.load import load_file, load_parts, with_unpriced
from offramp.actions.load_options import LoadOptions
from offramp.actions.loaded import Loaded
from offramp.actions.prices import fill_book, resolve_names
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.cli.refused import refused_rows, tell_rejected
from offramp.cli.words import count
from reports.words import count as plural


def load_command(
    paths: Annotated[
        list[Path],
        typer.Argument(help="CSV, JSONL, JSON, Parquet (also .gz), or what an LLM tool exports: docs/collect.md."),
    ],
    kind: Annotated[
        Literal["auto", "calls", "evals", "invoice", "focus"], typer.Option(help="What the files hold.")
    ] = "auto",
    set_columns: Annotated[list[str] | None, typer.Option("--set", help="Fill an absent column: COLUMN=VALUE.")] = None,
    renamed: Annotated[
        list[str] | None, typer.Option("--rename", help="Read a column of the file as ours: THEIRS=OURS.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="The zone of times that say none, such as UTC or Europe/Berlin.")
    ] = None,
    parts: Annotated[
        bool, typer.Option("--parts", help="The files are one bill in parts, as clouds export it.")
    ] = False,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check, write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Import calls, evals and bills; a file loaded again changes no figure. Exit 3: some rows were rejected."""
    with ctx.ending(as_json=as_json):
        given, names = assignments(set_columns or []), renames(renamed or [])
        wanted = LoadOptions(kind=kind, set_columns=given, renamed=names, zone=zone, dry_run=dry_run)
        with ctx.opened(writes=not dry_run) as engine:
            load = _load_parts if parts else _load_each
            done, unreadable = load(engine, paths, wanted, as_json=as_json)
        if not done:
            raise BadInput(unreadable)
        if as_json:
            ctx.print_json([item.document() for item in done])
        for problem in unreadable:
            ctx.log.print(f"error: {problem.sentence()}; the other files were read", markup=False)
        if unreadable or any(item.rejected_rows for item in done):
            raise typer.Exit(ctx.NEEDS_A_PERSON)


def _load_each(
    engine: Engine, paths: Sequence[Path], wanted: LoadOptions, *, as_json: bool
) -> tuple[list[Loaded], list[Problem]]:
    """What became of each file that could be read, told as soon as it is known; and why the others could not."""
    now, done, unreadable = clock.now(), list[Loaded](), list[Problem]()
    for path in paths:
        try:
            with _progress(path) as (rows, share), refused_rows(path, dry_run=wanted.dry_run) as refused:
                options = replace(wanted, progress=rows, read=share, refused=refused)
                loaded = load_file(engine, path, at=now, options=options)
        except BadInput as bad:
            unreadable += bad.problems
            continue
        except (DatabaseError, KeyboardInterrupt):
            if not wanted.dry_run:
                told = f"{path.name} may be counted in part: load it again, and each row counts once"
                ctx.log.print(told, markup=False, highlight=False)
            raise
        if not wanted.dry_run:
            fill_book(engine, now)
        done.append(with_unpriced(engine, loaded))
        if not as_json:
            _tell(done[-1], dry_run=wanted.dry_run)
    if done and not wanted.dry_run:
        resolve_names(engine, now)
    return done, unreadable


def _load_parts(
    engine: Engine, paths: Sequence[Path], wanted: LoadOptions, *, as_json: bool
) -> tuple[list[Loaded], list[Problem]]:
    """What became of the files of one bill; it is loaded whole or, where one of them cannot be read, not at all."""
    if len({path.resolve() for path in paths}) < len(paths):
        raise BadInput([Problem(error="a part is named twice", field="--parts", cure="name each file once")])
    with ExitStack() as open_files:
        refused = {path: open_files.enter_context(refused_rows(path, dry_run=wanted.dry_run)) for path in paths}
        files = {path: replace(wanted, refused=write) for path, write in refused.items()}
        done = load_parts(engine, files, at=clock.now())
    if not as_json:
        for item in done:
            _tell(item, dry_run=wanted.dry_run)
    return done, []


@contextmanager
def _progress(path: Path) -> Iterator[tuple[Callable[[int], None], Callable[[float], None]]]:
    """Shows the rows read so far, or the share of the file where that is known, on stderr, while a file is loaded."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=ctx.log, transient=True) as bar:
        task = bar.add_task(path.name, total=None)
        yield (
            lambda rows: bar.update(task, description=f"{path.name}: {plural(rows, 'row')}", total=None),
            lambda share: bar.update(task, description=f"{path.name}: {share:.0%} read", total=1, completed=share),
        )


def assignments(texts: Sequence[str]) -> dict[str, str]:
    """What `--set COLUMN=VALUE` says, by column. Raises BadInput where a text is not of that form."""
    wrong = [text for text in texts if "=" not in text]
    if wrong:
        raise BadInput(
            [Problem(error=f"{wrong[0]!r} is not COLUMN=VALUE", field="--set", cure="such as --set model=x")]
        )
    return dict(text.split("=", 1) for text in texts)


def renames(texts: Sequence[str]) -> dict[str, str]:
    """What `--rename THEIRS=OURS` says, by the file's name. Raises BadInput where a text is not of that form."""
    found: dict[str, str] = {}
    for text in texts:
        theirs, _, ours = (part.strip() for part in text.rpartition("="))
        if not theirs or not ours:
            error, cure = f"{text!r} is not THEIRS=OURS", "such as --rename ts=timestamp"
            raise BadInput([Problem(error=error, field="--rename", cure=cure)])
        if theirs in found:
            raise BadInput([Problem(error=f"{theirs} is named twice", field="--rename", cure="name it once")])
        found[theirs] = ours.lower()
    return found


def _tell(item: Loaded, *, dry_run: bool) -> None:
    verb = "would be loaded" if dry_run else "loaded"
    ctx.out.print(
        f"{item.path.name}: {plural(item.accepted, 'row')} of {item.kind} {verb}, "
        f"{count(item.duplicates)} known already, {count(item.rejected_rows)} rejected",
        markup=False,
        highlight=False,
    )
    if item.layout:
        ctx.log.print(f"  read as: {item.layout}", markup=False)
    tell_rejected(item, written=not dry_run, counted=not dry_run)
    for warning in item.warnings():
        ctx.log.print(f"  {warning}", markup=False)
