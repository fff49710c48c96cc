"""The command that gives what was counted to other tools."""

import csv
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, Annotated

import typer

from offramp import clock
from offramp.actions.failure import BadInput, Problem
from offramp.actions.focus_export import COLUMNS, FocusMonth, focus_month
from offramp.cli import context as ctx
from offramp.cli.words import count, usd
from reports.words import count as plural


def export_command(
    focus: Annotated[str, typer.Option("--focus", metavar="FILE", help="The CSV to write, or - for standard output.")],
    month: Annotated[str | None, typer.Option("--month", help="Such as 2026-11; by default the present one.")] = None,
) -> None:
    """Write a month's spend per feature as FOCUS 1.2, for tools of cloud costs. Exit 3: some calls have no price."""
    with ctx.ending(as_json=False):
        found = focus_month(ctx.engine(), at=clock.now(), month=month)
        with _opened(focus) as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(found.rows)
        _tell(found, focus)


def _opened(target: str) -> AbstractContextManager[IO[str]]:
    try:
        return nullcontext(sys.stdout) if target == "-" else Path(target).open("w", encoding="utf-8", newline="")
    except OSError as failure:
        problem = Problem(
            error=f"{target}: {failure.strerror}", field="--focus", cure="name a file that can be written"
        )
        raise BadInput([problem]) from None


def _tell(found: FocusMonth, target: str) -> None:
    where = "" if target == "-" else f" to {target}"
    ctx.log.print(
        f"{plural(len(found.rows), 'row')} of {found.month:%Y-%m}, {usd(found.total_usd)}{where}",
        markup=False,
        highlight=False,
    )
    left = found.unpriced_calls + found.calls_without_tokens
    if left:
        bare = f" ({count(found.calls_without_tokens)} came without tokens)" if found.calls_without_tokens else ""
        words = (
            f"{plural(left, 'call has', 'calls have')} no known cost and no row{bare}: see `offramp usage --by model`"
        )
        ctx.log.print(words, markup=False, highlight=False)
        raise typer.Exit(ctx.NEEDS_A_PERSON)
