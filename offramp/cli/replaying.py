"""The command that judges a past: a recorded one in a folder, or one's own."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from offramp import clock
from offramp.actions.failure import BadInput, Problem
from offramp.actions.replay import replay_folder
from offramp.actions.replay_own import Course, Replayed, replay_own
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.cli.words import listing
from offramp.policy import load_policy
from reports.words import count as plural
from reports.words import strategy, usd


def replay_command(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder with a history: meta.json and five CSV files.")
    ] = None,
    own: Annotated[bool, typer.Option("--own", help="Replay your own database instead; saves nothing.")] = False,
    start: Annotated[
        str | None, typer.Option("--from", help="With --own: from this day on; a year by default.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Judge a past day by day, without looking ahead: a history in DIR (writes DIR/verdicts.csv), or your own."""
    with ctx.ending(as_json=as_json):
        _check(folder, start, own=own)
        if folder is not None:
            count = replay_folder(folder, load_policy())
            target = folder / "verdicts.csv"
            if as_json:
                ctx.print_json({"verdicts": count, "file": str(target)})
            ctx.log.print(f"{plural(count, 'verdict')} written to {target}", markup=False)
            return
        done = _replay_own(start)
        if as_json:
            ctx.print_json(done.document())
        else:
            _tell(done)


def _check(folder: Path | None, start: str | None, *, own: bool) -> None:
    if own and folder is not None:
        raise BadInput([Problem(error="DIR and --own are two pasts", cure="give one: offramp replay DIR, or --own")])
    if not own and folder is None:
        raise BadInput([Problem(error="no past is named", cure="name a folder with a history, or give --own")])
    if start is not None and not own:
        raise BadInput([Problem(error="belongs to --own", field="--from", cure="leave it out: DIR is judged whole")])


def _replay_own(start: str | None) -> Replayed:
    engine, since = ctx.engine(), ctx.as_instant(start, "--from")
    columns = (TextColumn("judging day {task.completed} of {task.total}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=ctx.log, transient=True) as bar:
        task = bar.add_task("", total=None)
        return replay_own(
            engine,
            load_policy(),
            now=clock.now(),
            start=since,
            progress=lambda done, every: bar.update(task, completed=done, total=every),
        )


def _tell(done: Replayed) -> None:
    if done.ended:
        ctx.log.print(f"Left out, because they have ended: {', '.join(done.ended)}", markup=False)
    if not done.courses:
        ctx.out.print("No features yet. Register some with `offramp register FILE`; then their past can be judged.")
        return
    total = done.total()
    _line(
        f"From {done.first} to {done.last}, {total['due']} of {plural(total['features'], 'feature')} would have been "
        f"due. Moving then would have saved {usd(Decimal(total['saved_usd']))} until now, less "
        f"{usd(Decimal(total['one_off_usd']))} once: {usd(Decimal(total['net_usd']))}."
    )
    if done.due:
        numbers = ("spent since", "would have saved", "one-off", "net")
        table = listing("feature", "due on", "move", "live on", *numbers, numbers=numbers)
        for course in done.due:
            table.add_row(*_cells(course, done.last))
        amounts = [usd(Decimal(total[name])) for name in ("spent_usd", "saved_usd", "one_off_usd", "net_usd")]
        table.add_row("total", "", "", "", *amounts)
        ctx.out.print(table)
    for course in done.due:
        if course.missed.unknown_days:
            days = f"{plural(course.missed.unknown_days, 'day')} since then without a known cost, counted for nothing"
            ctx.log.print(f"{course.feature}: {days}", markup=False)


def _cells(course: Course, last: date) -> tuple[str, ...]:
    due = course.due
    if due is None:
        return (course.feature,)
    ahead = ", not yet" if due.live_on > last else ""
    live = due.live_on.isoformat() + (f", really moved {course.moved_on}" if course.moved_on else ahead)
    amounts = (course.missed.spent, course.saved_usd, course.one_off_usd, course.net_usd)
    return course.feature, due.on.isoformat(), f"{due.strategy} to {strategy(due.target)}", live, *map(usd, amounts)


def _line(text: str) -> None:
    ctx.out.print(text, markup=False, highlight=False, soft_wrap=True)
