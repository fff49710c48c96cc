"""Commands about features: list, show and export them, and say which source counts."""

import sys
from typing import Annotated, Literal

import typer

from offramp import clock
from offramp.actions.export import export_csv, export_yaml, feature_documents
from offramp.actions.features import list_features
from offramp.actions.record import choose_record
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.cli.groups import SHOW, ShowByDefault
from offramp.cli.words import count, listing, usd
from offramp.config import user_name

app = typer.Typer(
    cls=ShowByDefault, no_args_is_help=False, help="The features, registered or discovered, and whose figures count."
)

Slug = Annotated[str, typer.Argument(help="The feature.")]


@app.command(SHOW)
def show_command(
    slug: Annotated[str | None, typer.Argument(help="Show one feature's document.")] = None,
    export: Annotated[Literal["yaml", "csv"] | None, typer.Option(help="Export the registered features.")] = None,
    as_json: Json = False,
) -> None:
    """List features, registered or discovered in traffic; show or export them."""
    with ctx.ending(as_json=as_json):
        engine = ctx.engine()
        if as_json and slug is not None:
            ctx.print_json(feature_documents(engine, [slug])[0])
            return
        if export == "yaml" or slug is not None:
            sys.stdout.write(export_yaml(engine, [slug] if slug else None))
            return
        if export == "csv":
            sys.stdout.write(export_csv(engine))
            return
        lines = list_features(engine, clock.now())
        if as_json:
            ctx.print_json([line.document() for line in lines])
            return
        if not lines:
            ctx.out.print("No features yet. Register some with `offramp register FILE`, or send traffic.")
        table = listing(
            "feature",
            "strategy",
            "verdict",
            "target",
            "calls 28 d",
            "cost 28 d",
            "owner",
            numbers=("calls 28 d", "cost 28 d"),
        )
        for line in lines:
            verdict = line.verdict or ("not registered" if not line.registered else "not judged yet")
            table.add_row(
                line.slug,
                line.strategy or "",
                verdict,
                line.target or "",
                count(line.calls_28d),
                usd(line.cost_usd_28d),
                line.owner or "",
            )
        ctx.out.print(table)


@app.command("record")
def record_command(
    slug: Slug,
    source: Annotated[str, typer.Argument(help="A source as `usage --by source` names it, `all`, or `default`.")],
    measure: Annotated[str | None, typer.Option(help="Only this measure: usage or latency.")] = None,
    as_json: Json = False,
) -> None:
    """Say which source's figures count where several tell of the same calls; the past is read anew."""
    with ctx.ending(as_json=as_json):
        done = choose_record(ctx.engine(), slug, source, at=clock.now(), by=user_name(), measure=measure)
        if as_json:
            ctx.print_json(done.document())
            return
        words = {"unchanged": "as it was"}.get(done.change, "the sources of record are now as you said")
        ctx.out.print(f"{slug}: {words}; the next review judges on their figures.", markup=False, highlight=False)
