"""The command that looks after the installation: doctor."""

from typing import Annotated

import typer

from offramp import clock, config
from offramp.actions.doctor import doctor
from offramp.actions.sources import source_findings
from offramp.cli import context as ctx


def doctor_command(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Check everything a newcomer gets wrong: one line each, with its cure. Exit 3 where something needs a person."""
    with ctx.ending(as_json=as_json):
        found = doctor(
            config.database_url(ctx.shared.db),
            config.setting_troubles(),
            timezone=config.timezone_name(),
            now=clock.now(),
        )
        found += source_findings(clock.now())
        if as_json:
            ctx.print_json([finding.document() for finding in found])
        else:
            for finding in found:
                mark = "[green]ok[/green]  " if finding.ok else "[red]look[/red]"
                ctx.out.print(mark, finding.check.ljust(16), end=" ", highlight=False)
                ctx.out.print(finding.detail, markup=False, highlight=False)
                if finding.cure:
                    ctx.out.print(" " * 21, f"→ {finding.cure}", markup=False, highlight=False, style="bold")
        if not all(finding.ok for finding in found):
            raise typer.Exit(ctx.NEEDS_A_PERSON)
