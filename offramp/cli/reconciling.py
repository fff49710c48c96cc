"""The command that holds what was counted against what was billed."""

from typing import Annotated

import typer

from offramp import clock
from offramp.actions.differences import ProviderDay
from offramp.actions.reconcile import reconcile
from offramp.actions.tellings import Telling
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.cli.words import count, listing, usd


def reconcile_command(
    month: Annotated[str | None, typer.Option("--month", help="Such as 2026-11; by default the newest bill's.")] = None,
    as_json: Json = False,
) -> None:
    """Hold tracked cost against bills, by provider and day, with coverage and what would explain a difference."""
    with ctx.ending(as_json=as_json):
        found = reconcile(ctx.engine(), at=clock.now(), month=month)
        if as_json:
            ctx.print_json(found.document())
            return
        numbers = ("calls", "tracked", "billed", "difference", "coverage", "unattributed", "unpriced calls")
        table = listing("provider", "day", *numbers, numbers=numbers)
        for row in found.days:
            table.add_row(row.provider, str(row.day), *_cells(row))
        for row, _ in found.providers:
            table.add_row(row.provider, f"{found.month:%Y-%m}", *_cells(row))
        table.add_row("total", f"{found.month:%Y-%m}", *_cells(found.total))
        ctx.out.print(table)
        if any(telling.beside_calls for telling in found.tellings):
            ctx.out.print("Beside the sources of record (of the same features and days, in no figure):", markup=False)
            names = ("calls counted", "tracked", "calls beside", "cost beside", "record counted there")
            listed = listing("provider", "source", *names, numbers=names)
            for telling in found.tellings:
                listed.add_row(telling.provider, telling.source, *_told(telling))
            ctx.out.print(listed)
        for provider, words in found.providers:
            for sentence in words:
                ctx.out.print(f"{provider.provider}: {sentence}", markup=False, highlight=False)


def _cells(row: ProviderDay) -> tuple[str, ...]:
    difference = row.difference_usd
    return (
        count(row.calls),
        usd(row.tracked_usd),
        "no bill" if row.billed_usd is None else usd(row.billed_usd),
        "" if difference is None else usd(difference),
        "" if row.coverage is None else f"{row.coverage:.1%}",
        usd(row.unattributed_usd),
        count(row.unpriced_calls),
    )


def _told(telling: Telling) -> tuple[str, ...]:
    counted = (count(telling.calls), usd(telling.cost_usd)) if telling.calls else ("", "")
    if not telling.beside_calls:
        return (*counted, "", "", "")
    return (*counted, count(telling.beside_calls), usd(telling.beside_usd), count(telling.record_calls))
