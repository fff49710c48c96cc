"""Commands about verdicts: review, explain."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from offramp import clock
from offramp.actions.ended import ended_told
from offramp.actions.explain import explain
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.review import explained, review
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.policy import load_policy
from strategy.bands import opinions


def review_command(
    as_of: Annotated[str | None, typer.Option(help="Judge as of this day's 00:00 UTC.")] = None,
    feature: Annotated[str | None, typer.Option(help="Only this feature.")] = None,
    explain_only: Annotated[
        bool, typer.Option("--explain", help="Print what would be stored, and save nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Judge all features again; store what changed, open and close alerts."""
    with ctx.ending(as_json=as_json):
        engine, now, policy = ctx.engine(), clock.now(), load_policy()
        when = ctx.day_start(ctx.as_instant(as_of, "--as-of") or now)
        slugs = None if feature is None else (feature,)
        if explain_only:
            documents = explained(engine, policy, as_of=when, slugs=slugs)
            flips = 0
        else:
            fill_book(engine, now)
            resolve_names(engine, now)
            with _progress() as told:
                done = review(engine, policy, as_of=when, now=now, slugs=slugs, progress=told)
            documents, flips = [item.document for item in done], sum(item.flipped for item in done)
        if as_json:
            ctx.print_json(documents)
            return
        for document in documents:
            print_verdict(document, whole=explain_only)
        ctx.log.print(f"{len(documents)} judged, {flips} flipped{', nothing saved' if explain_only else ''}")


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Shows how many are judged, on stderr, while there are more to come."""
    columns = (TextColumn("judged {task.completed:,} of {task.total:,}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=ctx.log, transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)
        yield lambda done, every: bar.update(task, completed=done, total=every, visible=True)


def explain_command(
    slug: Annotated[str, typer.Argument(help="The feature.")],
    as_of: Annotated[str | None, typer.Option(help="The verdict of this day.")] = None,
    as_json: Json = False,
) -> None:
    """Show a feature's stored verdict with its whole argument."""
    with ctx.ending(as_json=as_json):
        found = explain(ctx.engine(), slug, ctx.as_instant(as_of, "--as-of"))
        if as_json:
            ctx.print_json(found)
        else:
            print_verdict(found, whole=True)
        if told := ended_told(ctx.engine(), slug):
            ctx.log.print(f"This is its last verdict: {told}", markup=False, highlight=False)


def print_verdict(document: dict[str, Any], *, whole: bool) -> None:
    """A verdict in a line, or with its argument."""
    target = f" → {document['target']}" if document["target"] else ""
    code = f" ({document['code']})" if document["code"] else ""
    ctx.out.print(
        f"{document['feature']}: {document['verdict']}{code}, {document['now']}{target}", markup=False, highlight=False
    )
    if not whole:
        return
    for reason in document["reasons"]:
        ctx.out.print(f"  {reason}", markup=False, highlight=False)
    if told := opinions(document["bands"]):
        ctx.out.print(f"  {told}", markup=False, highlight=False)
    if document["due_by"]:
        start, why = document["start_by"], document.get("due_by_reason") or ""
        ctx.out.print(f"  act by {document['due_by']}, start by {start}: {why}", markup=False, highlight=False)
    for gate in document["gates"]:
        ctx.out.print(f"  gate {gate['gate']}: {gate['answer']} — {gate['because']}", markup=False, highlight=False)
    for missing in document["missing"]:
        ctx.out.print(f"  missing: {missing}", markup=False, highlight=False)
