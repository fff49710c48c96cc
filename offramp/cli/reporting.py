"""The command about the letter: report."""

import sys
from datetime import datetime
from typing import Annotated, Literal

import typer

from db.session import Engine
from offramp import clock, config
from offramp.actions.channels import load_channels
from offramp.actions.deliver import deliver
from offramp.actions.failure import BadInput, Problem
from offramp.actions.report import build_report, previous_week, report_slices
from offramp.actions.send_report import Copy, copies, enqueue_report, send_test, standing
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.cli.words import listing
from reports.answer import Fate
from reports.channels import Channels
from reports.render import render
from reports.value import WeeklyReport


def report_command(
    week: Annotated[str | None, typer.Option(help="ISO week, such as 2026-W47; last week by default.")] = None,
    form: Annotated[Literal["text", "md", "html", "json"], typer.Option("--format", help="How to write it.")] = "text",
    send: Annotated[bool, typer.Option("--send", help="Send it to every channel that takes it, once.")] = False,
    test: Annotated[
        str | None, typer.Option("--test", metavar="ADDRESS", help="Send one to an address, or to a channel by name.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say who would get it; send and keep nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Build the weekly report, print it or send it; `--json` is `--format json`."""
    form = "json" if as_json else form
    with ctx.ending(as_json=form == "json"):
        if test and (send or dry_run):
            raise BadInput([Problem(error="--test goes alone", field="--test", cure="leave out --send and --dry-run")])
        engine, now = ctx.engine(), clock.now()
        which = week or previous_week(now, config.timezone_name())
        if not (send or test or dry_run):
            sys.stdout.write(render(build_report(engine, which, now), form).rstrip("\n") + "\n")
            return
        letters = report_slices(engine, which, now)
        channels = load_channels(config.channels_file(), config.timezone_name())
        if test:
            _test(channels, letters(None), test, now)
            return
        made = copies(channels, letters, now)
        if send and not dry_run:
            build_report(engine, which, now)
            enqueue_report(engine, made, now)
            deliver(engine, channels, clock.now)
        _tell(engine, made, form)


def _test(channels: Channels, report: WeeklyReport, to: str, now: datetime) -> None:
    answer = send_test(channels, report, to, now)
    ctx.out.print(f"{to}: {answer.words}", markup=False, highlight=False)
    if answer.fate is not Fate.TAKEN:
        raise typer.Exit(ctx.FAILED)


def _tell(engine: Engine, made: list[Copy], form: str) -> None:
    """What stands in the outbox for each copy; 3 where one has not arrived."""
    found = standing(engine, made)
    if form == "json":
        ctx.print_json([line.document() for line in found])
    else:
        table = listing("channel", "to", "subject", "state", "detail")
        for line in found:
            table.add_row(line.channel, line.recipient, line.subject, line.state, line.detail)
        ctx.out.print(table)
    if any(line.state not in {"sent", "would send"} for line in found):
        raise typer.Exit(ctx.NEEDS_A_PERSON)
