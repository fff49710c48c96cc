"""Commands about API keys: create, list, revoke."""

from typing import Annotated

import typer

from offramp import clock
from offramp.actions.keys import create_key, end_key, keys_document, list_keys
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.cli.words import listing

app = typer.Typer(help="API keys for what is sent and read over HTTP.", no_args_is_help=True)


@app.command("create")
def create(
    name: Annotated[str, typer.Option(help="Whose key it is, for the list.")] = "",
    scope: Annotated[list[str] | None, typer.Option(help="ingest (default), read, write; may be repeated.")] = None,
    expires: Annotated[str | None, typer.Option(help="The day it ends, such as 2027-06-30.")] = None,
    as_json: Json = False,
) -> None:
    """Make a key and show it, once. From then on every request needs one."""
    with ctx.ending(as_json=as_json):
        at = clock.now()
        made = create_key(
            ctx.engine(create=True),
            name=name,
            scopes=scope or ["ingest"],
            at=at,
            expires_at=ctx.as_instant(expires, "--expires"),
        )
        if as_json:
            ctx.print_json(made.document())
            return
        typer.echo(made.text)
        ctx.log.print(
            "[dim]This is shown once. Send it as `Authorization: Bearer …`; revoke it by its first part:[/dim]"
        )
        ctx.log.print(f"[dim]offramp keys revoke {made.id}[/dim]", highlight=False)


@app.command("list")
def list_command(as_json: Json = False) -> None:
    """List every key, ended ones too; secrets are not kept."""
    with ctx.ending(as_json=as_json):
        at = clock.now()
        found = keys_document(list_keys(ctx.engine()), at)
        if as_json:
            ctx.print_json(found)
            return
        if not found:
            ctx.out.print(
                "No keys: servers listen on this machine only and ask for none. `offramp keys create` makes one."
            )
            return
        columns = ("id", "name", "scopes", "state", "created_at", "expires_at", "last_used_at")
        table = listing(*columns)
        for key in found:
            scopes = key["scopes"]
            shown = key | {"scopes": ", ".join(scopes) if isinstance(scopes, list) else ""}
            table.add_row(*(str(shown[column] or "") for column in columns))
        ctx.out.print(table)


@app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(help="The key's id, as listed.")]) -> None:
    """End a key for good; servers refuse it within five seconds."""
    with ctx.ending():
        end_key(ctx.engine(), key_id, clock.now())
        ctx.out.print(f"{key_id[:20]} revoked", highlight=False, markup=False)
