"""The command that runs the pull collectors once."""

from typing import Annotated

import typer

from offramp import clock
from offramp.actions.collect import Collected, chosen, collect
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.sources import ask_sources, configured_sources
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from reports.words import count as plural

_SHOWN = 5


def collect_command(
    sources: Annotated[list[str] | None, typer.Argument(help="Names of sources; all that are configured.")] = None,
    since: Annotated[str | None, typer.Option(help="Read again from this day on.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only ask each source whether it can be read.")] = False,
    as_json: Json = False,
) -> None:
    """Pull usage from the configured sources once. Exit 3: a source failed, or rows were rejected."""
    with ctx.ending(as_json=as_json):
        now = clock.now()
        wanted = chosen(configured_sources(), sources or [])
        if not wanted and not as_json:
            ctx.out.print("No sources are configured: name them in the file of OFFRAMP_SOURCES (docs/collect.md).")
            return
        if check:
            findings = list(ask_sources(wanted, now))
            if as_json:
                ctx.print_json([finding.document() for finding in findings])
            for finding in findings if not as_json else []:
                ctx.out.print(f"{finding.check}: {finding.detail}", markup=False, highlight=False)
                if finding.cure:
                    ctx.out.print(f"  → {finding.cure}", markup=False, highlight=False)
            if not all(finding.ok for finding in findings):
                raise typer.Exit(ctx.NEEDS_A_PERSON)
            return
        engine = ctx.engine(create=True)
        with ctx.log.status("collecting") as status:
            done = collect(engine, wanted, now=now, since=ctx.as_instant(since, "--since"), progress=status.update)
        fill_book(engine, now)
        resolve_names(engine, now)
        if as_json:
            ctx.print_json([item.document() for item in done])
        else:
            for item in done:
                _tell(item)
        if any(item.outcome != "ok" for item in done):
            raise typer.Exit(ctx.NEEDS_A_PERSON)


def _tell(item: Collected) -> None:
    bills = f" and {plural(item.bills, 'line')} of bills" if item.bills else ""
    scores = f" and {plural(item.scores, 'score')}" if item.scores else ""
    words = f"{item.source}: {plural(item.calls, 'call')}{bills}{scores} from {item.start:%Y-%m-%d} on, {item.outcome}"
    if item.final_until:
        words += f"; days before {item.final_until:%Y-%m-%d} are final"
    ctx.out.print(words, markup=False, highlight=False)
    if item.error:
        ctx.log.print(f"  {item.error}" + (f"; {item.cure}" if item.cure else ""), markup=False)
    if item.fewer:
        ctx.log.print(f"  {plural(item.fewer, 'call')} fewer than were counted of these days before", markup=False)
    for why, some in sorted(item.left_out.items()):
        ctx.log.print(f"  {plural(some, 'score was', 'scores were')} left out: {why}", markup=False)
    if item.rejected_rows and not item.error:
        kept = f"; {plural(item.kept_days, 'day')} left as counted before" if item.kept_days else ""
        ctx.log.print(f"  {plural(item.rejected_rows, 'row')} rejected{kept}", markup=False)
    for row in item.rejected[:_SHOWN]:
        ctx.log.print(f"  {row.sentence()}", markup=False)
