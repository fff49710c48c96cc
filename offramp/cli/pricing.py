"""Commands about the price book: what a model costs, at a time, as known at a time."""

from typing import Annotated

import typer

from offramp import clock
from offramp.actions.prices import fill_book, prices_of
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.cli.words import listing


def prices_command(
    model: Annotated[str, typer.Argument(help="Model id, such as openai/gpt-5.6-luna.")],
    at: Annotated[str | None, typer.Option(help="The price in force at this time; now by default.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As it was known at this time; now by default.")] = None,
    as_json: Json = False,
) -> None:
    """Tell what a model costs; exit code 3 where no price is in force."""
    with ctx.ending(as_json=as_json):
        engine, now = ctx.engine(), clock.now()
        fill_book(engine, now)
        found = prices_of(engine, model, ctx.as_instant(at, "--at") or now, ctx.as_instant(as_of, "--as-of"))
        if as_json:
            ctx.print_json(found)
        elif not found["prices"]:
            ctx.log.print(f"no price in force for {model}: its calls are counted as unpriced", markup=False)
            if found["near"]:
                ctx.log.print(f"  names that look alike: {', '.join(found['near'])}", markup=False)
        else:
            table = listing(
                "kind", "USD per Mtok", "for requests above", "from", "until", "source", numbers=("USD per Mtok",)
            )
            for line in found["prices"]:
                table.add_row(
                    line["kind"],
                    line["usd_per_mtok"],
                    f"{line['tier_min_input_tokens']:,} tokens",
                    line["valid_from"],
                    line["valid_to"] or "open",
                    line["source"],
                )
            ctx.out.print(table)
        if not found["prices"]:
            raise typer.Exit(ctx.NEEDS_A_PERSON)
