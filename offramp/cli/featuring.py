"""Commands about features: list, show and export them, rename and merge them, and say which source counts."""

import sys
from collections.abc import Sequence
from shlex import quote
from typing import Annotated, Literal

import typer

from db.session import Engine
from offramp import clock
from offramp.actions.discovered import discovered
from offramp.actions.end import end, resume
from offramp.actions.ended import list_ended, resume_words
from offramp.actions.export import export_csv, export_yaml, feature_documents
from offramp.actions.features import FeatureLine, is_registered, list_features
from offramp.actions.record import choose_record
from offramp.actions.rematch import rematch
from offramp.actions.rename import Renamed, merge, rename
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.cli.groups import SHOW, ShowByDefault
from offramp.cli.words import count, listing, usd
from offramp.config import user_name
from offramp.policy import load_policy
from reports.words import count as plural

app = typer.Typer(
    cls=ShowByDefault, no_args_is_help=False, help="The features, registered or discovered, and whose figures count."
)

Slug = Annotated[str, typer.Argument(help="The feature.")]


@app.command(SHOW)
def show_command(
    slug: Annotated[
        str | None,
        typer.Argument(help="Show one feature's document; of a discovered one the document that it suggests."),
    ] = None,
    export: Annotated[Literal["yaml", "csv"] | None, typer.Option(help="Export the registered features.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that ended.")] = False,
    as_json: Json = False,
) -> None:
    """List features, registered or discovered in traffic; show or export them."""
    with ctx.ending(as_json=as_json):
        engine = ctx.engine()
        if slug is not None:
            _show(engine, slug, as_json=as_json)
        elif export == "yaml":
            sys.stdout.write(export_yaml(engine))
        elif export == "csv":
            sys.stdout.write(export_csv(engine))
        else:
            _list(list_features(engine, clock.now(), ended=everything), as_json=as_json)


def _show(engine: Engine, slug: str, *, as_json: bool) -> None:
    """One feature's document; of a discovered one what was measured, and the document that it suggests."""
    gone = list_ended(engine).get(slug)
    if gone is not None:
        said = f"{slug} ended on {gone.at.date()} ({gone.by}: {gone.why}); {resume_words(slug)} takes that back"
        ctx.log.print(said, markup=False, highlight=False, soft_wrap=True)
    if gone is None and not is_registered(engine, slug):
        (traffic,) = discovered(engine, clock.now(), slug)
        document, text = traffic.document(), traffic.text()
    else:
        document, text = feature_documents(engine, [slug])[0], export_yaml(engine, [slug])
    if as_json:
        ctx.print_json(document)
    else:
        sys.stdout.write(text)


def _list(lines: Sequence[FeatureLine], *, as_json: bool) -> None:
    if as_json:
        ctx.print_json([line.document() for line in lines])
        return
    if not lines:
        ctx.out.print("No features yet. Register some with `offramp register FILE`, or send traffic.")
    numbers = ("calls 28 d", "cost 28 d")
    table = listing("feature", "strategy", "verdict", "target", *numbers, "owner", numbers=numbers)
    for line in lines:
        verdict = line.verdict or ("not judged yet" if line.registered else "not registered")
        if line.ended is not None:
            verdict = f"ended {line.ended.at.date()}" + (", still called" if line.ended.called else "")
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
    for line in lines:
        if line.ended is not None and line.ended.called:
            words = f"{line.slug} ended on {line.ended.at.date()}, and calls still come: find who makes them, or"
            ctx.out.print(f"{words} {resume_words(line.slug)}", markup=False, highlight=False)
    found = [line.slug for line in lines if not line.registered and line.ended is None]
    if found:
        name = quote(found[0])
        words = f"{count(len(found))} only in traffic: `offramp features {name}` suggests a registration"
        ctx.out.print(words, markup=False, highlight=False)


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


Why = Annotated[str, typer.Option("--why", help="Why, in a sentence; who reads it in a year will want to know.")]
Who = Annotated[str | None, typer.Option("--by", help="Who says so; the name you are logged in by, by default.")]


@app.command("end")
def end_command(slug: Slug, why: Why, by: Who = None, as_json: Json = False) -> None:
    """Say that a feature is no more: it is judged and counted no longer, and its past stays."""
    with ctx.ending(as_json=as_json):
        done = end(ctx.engine(), slug, by=by or user_name(), why=why, at=clock.now())
        if as_json:
            ctx.print_json(done.document())
            return
        words = f"{slug} ended ({done.by}: {done.why}). Its history, savings and spend stay; {resume_words(slug)}"
        ctx.out.print(f"{words} takes that back.", markup=False, highlight=False)


@app.command("resume")
def resume_command(slug: Slug, why: Why, by: Who = None, as_json: Json = False) -> None:
    """Take the end of a feature back: it is judged again at once."""
    with ctx.ending(as_json=as_json):
        done = resume(ctx.engine(), load_policy(), slug, by=by or user_name(), why=why, at=clock.now())
        if as_json:
            ctx.print_json(done.document())
            return
        words = f"{slug} runs again ({done.by}: {done.why}) and was judged; `offramp explain {quote(slug)}` tells how"
        ctx.out.print(f"{words} it stands.", markup=False, highlight=False)


Dry = Annotated[bool, typer.Option("--dry-run", help="Only say what would move.")]


@app.command("rename")
def rename_command(
    old: Annotated[str, typer.Argument(help="A feature, registered or discovered.")],
    new: Annotated[str, typer.Argument(help="Its name from now on.")],
    dry_run: Dry = False,
    as_json: Json = False,
) -> None:
    """Call a feature by another name: its past goes along, and what still comes under the old name counts for it."""
    with ctx.ending(as_json=as_json):
        done = rename(ctx.engine(), old, new, at=clock.now(), by=user_name(), dry_run=dry_run)
        _tell([done], dry_run=dry_run, as_json=as_json)


@app.command("merge")
def merge_command(
    old: Annotated[str, typer.Argument(help="A feature, registered or discovered.")],
    into: Annotated[str, typer.Argument(help="The registered feature that takes its past and its traffic.")],
    dry_run: Dry = False,
    as_json: Json = False,
) -> None:
    """Give one feature's past and traffic to another, for ever: sums cannot be taken apart again."""
    with ctx.ending(as_json=as_json):
        done = merge(ctx.engine(), old, into, at=clock.now(), by=user_name(), dry_run=dry_run)
        _tell([done], dry_run=dry_run, as_json=as_json)


@app.command("rematch")
def rematch_command(
    slug: Annotated[str | None, typer.Argument(help="Only the rules of this feature; else of all.")] = None,
    dry_run: Dry = False,
    as_json: Json = False,
) -> None:
    """Give the past to the match rules: what was filed under a name that a rule now claims."""
    with ctx.ending(as_json=as_json):
        found = rematch(ctx.engine(), slug, at=clock.now(), by=user_name(), dry_run=dry_run)
        _tell(found.moved, dry_run=dry_run, as_json=as_json)
        for name, attribute in found.unknowable:
            words = f"{name}: the past holds names, no attribute {attribute}: that rule holds for what comes"
            ctx.log.print(words, markup=False, highlight=False)
        if not found.moved and not as_json:
            ctx.out.print("No discovered name is claimed by a rule.")


def _tell(done: Sequence[Renamed], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        ctx.print_json([item.document() for item in done])
        return
    for item in done:
        what = f"{plural(item.calls, 'call')} in {plural(item.rows, 'hourly row')} and {plural(item.scores, 'score')}"
        verb = {"renamed": "is", "merged": "is part of"}.get(item.change, "was already")
        words = f"{item.old} {verb} {item.new}: {what} moved; what comes as {item.old} counts for {item.new}."
        if dry_run:
            words = f"{item.old} → {item.new}: {what} would move. Nothing was written."
        ctx.out.print(words, markup=False, highlight=False)
