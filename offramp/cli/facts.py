"""Commands that bring facts in and list them: register, usage."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from db.session import Engine
from offramp import clock
from offramp.actions.explain import unheard_of
from offramp.actions.failure import BadInput, Problem
from offramp.actions.prices import fill_book, without_price
from offramp.actions.register import read_yaml, register
from offramp.actions.usage import UsageRow, beside, usage
from offramp.cli import context as ctx
from offramp.cli.words import count, listing, usd
from reports.words import count as plural

# Not .json: that is YAML as well.
_LOADED = {".csv", ".tsv", ".jsonl", ".parquet", ".gz"}

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def read_text(file: str) -> str:
    """The text of a file, or of standard input for `-`.

    Raises:
        BadInput: it cannot be read as UTF-8 text.
    """
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "is not UTF-8 text"
        raise BadInput([Problem(error=f"{file}: {reason}", cure="name a readable YAML file")]) from None


def register_command(
    file: Annotated[str, typer.Argument(help="YAML with a `features:` list, or - for standard input.")],
    as_json: Json = False,
) -> None:
    """Register or update features from YAML; running it again changes nothing."""
    with ctx.ending(as_json=as_json):
        if Path(file).suffix.lower() in _LOADED:
            problem = Problem(error=f"{file} is no YAML of features", cure=f"calls and evals: `offramp load {file}`")
            raise BadInput([problem])
        text, now = read_text(file), clock.now()
        with ctx.named(file):
            documents = read_yaml(text)
            engine = ctx.engine(create=True)
            done = register(engine, documents, at=now, by="cli")
        _warn_of_unpriced(engine, [str(item["model"]) for item in documents if item.get("model")], now)
        if as_json:
            ctx.print_json([item.document() for item in done])
            return
        for item in done:
            moved = f": {', '.join(item.fields)}" if item.fields and item.change == "updated" else ""
            ctx.out.print(f"{item.slug} {item.change}{moved}", markup=False, highlight=False)


def _warn_of_unpriced(engine: Engine, models: list[str], now: datetime) -> None:
    if not models:
        return
    fill_book(engine, now)
    for model, near in without_price(engine, models).items():
        alike = f"; names that look alike: {', '.join(near)}" if near else ""
        cure = "its calls will be unpriced until it has a price (docs/prices.md)"
        ctx.log.print(f"warning: the price book has no {model}: {cure}{alike}", markup=False)


def usage_command(
    by: Annotated[Literal["feature", "model", "day", "source"], typer.Option(help="Group by.")] = "feature",
    feature: Annotated[str | None, typer.Option(help="Only this feature.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="From this instant on.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Up to, not including, this instant.")] = None,
    as_json: Json = False,
) -> None:
    """Tell what was counted: calls, errors, tokens, cost, latency; unattributed and unpriced included."""
    with ctx.ending(as_json=as_json):
        engine, first, last = ctx.engine(), ctx.as_instant(start, "--from"), ctx.as_instant(end, "--to")
        table = usage(engine, by=(by,), start=first, end=last, feature=feature)
        if feature and not table.rows and (cure := unheard_of(engine, feature)):
            ctx.log.print(f"warning: no feature {feature!r} is registered or in any traffic; {cure}", markup=False)
        for source, calls in beside(engine, start=first, end=last, feature=feature).items():
            told = f"{plural(calls, 'call')} of {source} {'is' if calls == 1 else 'are'} in no figure"
            why = "another source is the record of the same features and days"
            ctx.log.print(f"{told}: {why} (`offramp reconcile`)", markup=False)
        if as_json:
            ctx.print_json(table.document())
            return
        names = ("calls", "errors", "input tok", "output tok", "cost", "unpriced calls", "without tokens")
        shown = listing(by, *names[:5], "basis", *names[5:], numbers=names)
        models = [row.model for row in table.rows]
        for row in (*table.rows, table.total):
            # Two providers may call a model the same.
            of = f" ({row.provider or 'no provider'})" if models.count(row.model) > 1 else ""
            name = {
                "feature": row.feature or "(unattributed)",
                "model": f"{row.model}{of}",
                "day": row.day,
                "source": row.source,
            }
            shown.add_row(
                "total" if row is table.total else str(name[by]),
                count(row.calls),
                count(row.errors),
                _tokens(row, row.input_tokens),
                _tokens(row, row.output_tokens),
                usd(row.shown_cost_usd),
                row.basis or "",
                count(row.unpriced_calls),
                count(row.calls_without_tokens),
            )
        ctx.out.print(shown)
        if table.total.basis == "billed" and any(row.basis != "billed" for row in table.rows):
            told = "the total is what was billed, and its rows do not add up to it: bills know days, not more"
            ctx.log.print(f"{told}; `offramp reconcile` holds both side by side", markup=False)


def _tokens(row: UsageRow, tokens: int) -> str:
    """A sum of tokens; unknown where calls told none at all."""
    told_none = row.calls_without_tokens and not row.input_tokens + row.output_tokens
    return "unknown" if told_none else count(tokens)
