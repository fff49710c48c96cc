"""Commands about the price book: what a model costs, at a time, as known at a time; and what may change it."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from collectors.rejected import SourceError
from offramp import clock
from offramp.actions.failure import BadInput, Problem
from offramp.actions.own_prices import take_own_prices
from offramp.actions.price_decisions import accept, proposal_document, reject
from offramp.actions.price_effect import effect_document, moved_by
from offramp.actions.price_refresh import Refreshed, refresh_from, refresh_installed, refresh_online, waiting_now
from offramp.actions.prices import fill_book, prices_of
from offramp.actions.rejudge import rejudge
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.cli.groups import SHOW, ShowByDefault
from offramp.cli.price_asking import changes_command, what_if_command
from offramp.cli.words import listing
from offramp.config import prices_allow_private, prices_url
from offramp.policy import load_policy
from reports.words import count as plural
from strategy.hours import plain

_BY = "cli"


app = typer.Typer(cls=ShowByDefault, no_args_is_help=True, help="What a model costs, and what may change it.")
app.command("changes")(changes_command)
app.command("what-if")(what_if_command)


@app.command(SHOW)
def show_command(
    model: Annotated[str, typer.Argument(help="Model id, such as openai/gpt-5.6-luna.")],
    at: Annotated[str | None, typer.Option(help="The price in force at this time; now by default.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As it was known at this time; now by default.")] = None,
    as_json: Json = False,
) -> None:
    """Tell what a model costs (also: `prices MODEL`); exit code 3 where no price is in force."""
    with ctx.ending(as_json=as_json), ctx.opened() as engine:
        now = clock.now()
        fill_book(engine, now)
        found = prices_of(engine, model, ctx.as_instant(at, "--at") or now, ctx.as_instant(as_of, "--as-of"))
        if as_json:
            ctx.print_json(found)
        elif not found["prices"]:
            ctx.log.print(f"no price in force for {model}: its calls are counted as unpriced", markup=False)
            if found["near"]:
                ctx.log.print(f"  names that look alike: {', '.join(found['near'])}", markup=False)
        else:
            ctx.out.print(_price_table(found))
        if not found["prices"]:
            raise typer.Exit(ctx.NEEDS_A_PERSON)


def _price_table(found: dict[str, Any]) -> Table:
    """The prices of the asked instant; where hours differ, those of the other hours too."""
    others = [line for line in found["other_processing"] if plain(line["processing"]) == "standard"]
    hours = ["hours (UTC)"] if others else []
    names = ("kind", "USD per Mtok", *hours, "for requests above", "from", "until", "source")
    table = listing(*names, numbers=("USD per Mtok",))
    for line in [*found["prices"], *others]:
        table.add_row(
            line["kind"],
            line["usd_per_mtok"],
            *([line.get("hours", "other hours")] if others else []),
            f"{line['tier_min_input_tokens']:,} tokens",
            line["valid_from"],
            line["valid_to"] or "open",
            line["source"],
        )
    return table


@app.command("refresh")
def refresh_command(
    file: Annotated[
        Path | None, typer.Option(help="A data.json of genai-prices, a litellm price JSON, or a CSV.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read a price list and propose what it says differently; exit code 3 where something waits for a person.

    Without a file it is the list behind OFFRAMP_PRICES_URL, and without that the installed package.
    """
    with ctx.ending(as_json=as_json):
        raw = None if file is None else _read(file)
        engine, now = ctx.engine(create=True), clock.now()
        fill_book(engine, now)
        url = prices_url()
        if file is not None and raw is not None:
            done = refresh_from(engine, raw, file.name, at=now)
        elif url is not None:
            try:
                done = refresh_online(engine, url, at=now, allow_private=prices_allow_private())
            except SourceError as failure:
                ctx.log.print(f"the price book stays as it is: {failure}", markup=False)
                raise typer.Exit(ctx.NEEDS_A_PERSON) from None
        else:
            done = refresh_installed(engine, at=now)
        rejudge(engine, load_policy(), now)
        if as_json:
            ctx.print_json(done.document())
        else:
            _tell(done)
        if done.needs_a_person:
            raise typer.Exit(ctx.NEEDS_A_PERSON)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as failure:
        raise BadInput([Problem(error=f"{file}: {failure.strerror}", cure="name a readable price list")]) from None


def _tell(done: Refreshed) -> None:
    for row in done.refused:
        ctx.log.print(f"refused: {row.sentence()}", markup=False)
    for found in done.proposals:
        ctx.out.print(
            f"{found.id} {found.model} {found.kind}: {found.change}, {found.status} ({found.why})", markup=False
        )
    if done.retirements:
        ctx.out.print(
            f"{plural(done.retirements, 'last day of a model', 'last days of models')} that nobody told before",
            highlight=False,
        )
    ctx.out.print(
        f"{plural(len(done.proposals), 'new proposal')}, {done.waiting} waiting for a person", highlight=False
    )


@app.command("proposals")
def proposals_command(as_json: Json = False) -> None:
    """List what waits for a person's yes or no."""
    with ctx.ending(as_json=as_json), ctx.opened() as engine:
        now = clock.now()
        found = waiting_now(engine)
        if as_json:
            moved = [effect_document(moved_by(engine, each, now)) for each in found]
            documents = [proposal_document(each) for each in found]
            ctx.print_json([told | {"effect": effect} for told, effect in zip(documents, moved, strict=True)])
            return
        table = listing("id", "model", "kind", "change", "from", "to", "since", "status", "why", numbers=("from", "to"))
        for each in found:
            shown = proposal_document(each)
            names = ("id", "model", "kind", "change", "old", "new", "valid_from", "status", "why")
            table.add_row(*(str(shown[name]) if shown[name] is not None else "none" for name in names))
        ctx.out.print(table)


@app.command("accept")
def accept_command(
    which: Annotated[list[str], typer.Argument(metavar="ID…|all", help="Proposals, or all that are open.")],
    as_json: Json = False,
) -> None:
    """Take proposed prices into the book; `all` leaves out what is quarantined."""
    with ctx.ending(as_json=as_json):
        engine, now = ctx.engine(), clock.now()
        done = accept(engine, None if which == ["all"] else _ids(which), by=_BY, at=now)
        rejudge(engine, load_policy(), now)
        _decided([proposal_document(each) for each in done], as_json=as_json)


@app.command("reject")
def reject_command(
    which: Annotated[list[str], typer.Argument(metavar="ID…", help="Proposals.")], as_json: Json = False
) -> None:
    """Refuse proposed prices; the same list proposes them no more."""
    with ctx.ending(as_json=as_json):
        done = reject(ctx.engine(), _ids(which), by=_BY, at=clock.now())
        _decided([proposal_document(each) for each in done], as_json=as_json)


def _ids(which: list[str]) -> list[int]:
    wrong = [word for word in which if not word.isdecimal()]
    if wrong:
        raise BadInput([Problem(error=f"{wrong[0]!r} is no id", field="ID", cure="see `offramp prices proposals`")])
    return [int(word) for word in which]


def _decided(documents: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        ctx.print_json(documents)
        return
    for each in documents:
        ctx.out.print(f"{each['id']} {each['model']} {each['kind']}: {each['status']}", markup=False, highlight=False)
    if not documents:
        ctx.log.print("nothing was open")


@app.command("own")
def own_command(file: Annotated[Path, typer.Argument(help="YAML with prices, discounts, self_hosted.")]) -> None:
    """Take prices of your own into the book: they win over every list; exit code 3 where a row was refused."""
    with ctx.ending():
        raw = _read(file)
        engine, now = ctx.engine(create=True), clock.now()
        fill_book(engine, now)
        done = take_own_prices(engine, raw, file.name, at=now)
        rejudge(engine, load_policy(), now)
        for row in done.refused:
            ctx.log.print(f"refused: {row.sentence()}", markup=False)
        ctx.out.print(f"{plural(done.written, 'new line')} in the price book", highlight=False)
        if done.refused:
            raise typer.Exit(ctx.NEEDS_A_PERSON)
