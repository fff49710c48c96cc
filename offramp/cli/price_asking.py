"""Commands that ask the price book and change nothing: its history, and what other prices would mean."""

from decimal import Decimal
from typing import Annotated

import typer

from offramp import clock
from offramp.actions.failure import BadInput, Problem
from offramp.actions.price_changes import changes
from offramp.actions.price_effect import what_if
from offramp.actions.prices import fill_book
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.cli.words import listing, usd
from offramp.policy import load_policy
from reports.words import count as plural


def changes_command(
    model: Annotated[str | None, typer.Argument(help="Only this model; else all that are in use.")] = None,
    as_json: Json = False,
) -> None:
    """List every price the book holds or held, with what became of it."""
    with ctx.ending(as_json=as_json), ctx.opened() as engine:
        now = clock.now()
        fill_book(engine, now)
        found = changes(engine, model, now)
        if as_json:
            ctx.print_json(found)
            return
        table = listing("from", "model", "kind", "was", "is", "status", "known since", "source", numbers=("was", "is"))
        for row in found:
            names = ("valid_from", "model", "kind", "old", "new", "status", "recorded_at", "source")
            table.add_row(*(row[name] or "" for name in names))
        ctx.out.print(table)
        if not found:
            ctx.log.print("no model is in use yet: name one, such as openai/gpt-5.6-luna")


def what_if_command(
    prices: Annotated[
        list[str], typer.Argument(metavar="MODEL=PRICE…", help="USD per Mtok: MODEL=INPUT or MODEL=INPUT:OUTPUT.")
    ],
    as_of: Annotated[str | None, typer.Option(help="Judge as of this day's 00:00 UTC.")] = None,
    as_json: Json = False,
) -> None:
    """Tell which verdicts would flip at other prices, and what a month would cost; saves nothing."""
    with ctx.ending(as_json=as_json), ctx.opened() as engine:
        now = clock.now()
        fill_book(engine, now)
        when = ctx.day_start(ctx.as_instant(as_of, "--as-of") or now)
        found = what_if(engine, load_policy(), _asked(prices), as_of=when).document()
        if as_json:
            ctx.print_json(found)
            return
        table = listing("feature", "now a month", "then", "verdict now", "then ", numbers=("now a month", "then"))
        for row in found["features"]:
            now_, then = (_verdict(row[name]) for name in ("now", "then"))
            told = then if row["flips"] else "the same"
            table.add_row(row["feature"], _usd(row["now_usd_month"]), _usd(row["then_usd_month"]), now_, told)
        ctx.out.print(table)
        flips = sum(row["flips"] for row in found["features"])
        said = f"a month costs {_usd(found['now_usd_month'])} and would cost {_usd(found['then_usd_month'])}"
        ctx.out.print(f"{plural(flips, 'verdict')} would flip; {said}; nothing saved", highlight=False)


def _asked(prices: list[str]) -> dict[str, str]:
    pairs = [text.rpartition("=") for text in prices]
    wrong = [text for text, (model, _, price) in zip(prices, pairs, strict=True) if not model or not price]
    if wrong:
        raise BadInput([Problem(error=f"{wrong[0]!r} names no model and price", cure="write openai/gpt-5.6-luna=0.20")])
    return {model: price for model, _, price in pairs}


def _verdict(told: dict[str, str | None]) -> str:
    target = f" → {told['target']}" if told["target"] else ""
    code = f" ({told['code']})" if told["code"] else ""
    return f"{told['verdict']}{code}{target}"


def _usd(text: str | None) -> str:
    return usd(None if text is None else Decimal(text))
