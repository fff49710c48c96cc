"""Commands about alerts: what is due, the moves that people make with it, and what came of them."""

import sys
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

import typer

from offramp import clock
from offramp.actions.alert_moves import Moved, claim, dismiss, reopen, snooze
from offramp.actions.alerts import alerts_document, list_alerts
from offramp.actions.failure import BadInput, Problem
from offramp.actions.finish import finish
from offramp.actions.ledger import ledger_document, list_ledger
from offramp.actions.plans import alerts_listing, plan_for
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.cli.groups import SHOW, ShowByDefault
from offramp.cli.words import listing, usd
from offramp.config import user_name
from offramp.policy import load_policy
from reports.plan import plan_issue, plan_markdown
from strategy.lifecycle import Dismissal

app = typer.Typer(cls=ShowByDefault, no_args_is_help=False, help="What is due, and what people do about it.")

Slug = Annotated[str, typer.Argument(help="The feature.")]
By = Annotated[str | None, typer.Option("--by", help="Who moves it; the name you are logged in by, by default.")]
Note = Annotated[str | None, typer.Option("--note", help="Why, in a sentence.")]


@app.command(SHOW)
def show_command(
    state: Annotated[str | None, typer.Option(help="Only this state; `all` includes what is over.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only this owner's.")] = None,
    as_json: Json = False,
) -> None:
    """List the migration alerts: what a date forces first, then by saving times how sure it is."""
    with ctx.ending(as_json=as_json):
        engine = ctx.engine()
        found = list_alerts(engine, state=state, owner=owner)
        if as_json:
            ctx.print_json(alerts_listing(engine, found, load_policy()))
            return
        if not found:
            ctx.out.print("No alerts. `offramp features` shows what was judged, `offramp review` judges again.")
            return
        numbers = ("saving a month", "sure")
        table = listing(
            "feature", "state", "severity", "now", "target", *numbers, "since", "due by", "owner", numbers=numbers
        )
        for alert, told in zip(found, alerts_document(found), strict=True):
            sure = "unknown" if alert.confidence is None else f"{alert.confidence:.0%}"
            table.add_row(
                alert.feature,
                alert.state,
                told["severity"],
                alert.now,
                alert.target,
                usd(alert.saving_usd_month),
                sure,
                alert.opened_at.date().isoformat(),
                told["due_by"] or "",
                alert.owner or "",
            )
        ctx.out.print(table)
        for alert in found:
            if alert.due_by_reason:
                said = f"{alert.feature} is due by {alert.due_by}: {alert.due_by_reason}"
                ctx.out.print(said, markup=False, highlight=False, soft_wrap=True)


@app.command("claim")
def claim_command(
    slug: Slug,
    due: Annotated[str, typer.Option(help="The day by which it will be done.")],
    by: By = None,
    note: Note = None,
    as_json: Json = False,
) -> None:
    """Take an alert; what it rests on is frozen until it is finished or given back."""
    with ctx.ending(as_json=as_json):
        engine, now = ctx.engine(), clock.now()
        day = ctx.as_day(due, "--due")
        _tell(claim(engine, slug, by=by or user_name(), due=day, at=now, note=note), as_json=as_json)


@app.command("snooze")
def snooze_command(
    slug: Slug,
    until: Annotated[str | None, typer.Option(help="The day on which it comes back.")] = None,
    saving_at_least: Annotated[str | None, typer.Option(help="The saving in USD a month at which it does.")] = None,
    by: By = None,
    note: Note = None,
    as_json: Json = False,
) -> None:
    """Let an alert rest until a day, or until it saves more."""
    with ctx.ending(as_json=as_json):
        engine, now = ctx.engine(), clock.now()
        day = None if until is None else ctx.as_day(until, "--until")
        amount = None if saving_at_least is None else _amount(saving_at_least)
        done = snooze(engine, slug, by=by or user_name(), at=now, until=day, saving_at_least=amount, note=note)
        _tell(done, as_json=as_json)


@app.command("dismiss")
def dismiss_command(
    slug: Slug,
    reason: Annotated[
        Dismissal,
        typer.Option(help="not_worth_it, quality_risk, planned_retirement, wrong_facts, no_capacity or other."),
    ],
    note: Annotated[str, typer.Option(help="Why, in a sentence.")],
    by: By = None,
    as_json: Json = False,
) -> None:
    """Say no; it stays silent until the facts move materially."""
    with ctx.ending(as_json=as_json):
        engine, now = ctx.engine(), clock.now()
        _tell(dismiss(engine, slug, by=by or user_name(), reason=reason, note=note, at=now), as_json=as_json)


@app.command("reopen")
def reopen_command(slug: Slug, by: By = None, note: Note = None, as_json: Json = False) -> None:
    """Take a no back, end a snooze, or give a claimed alert back."""
    with ctx.ending(as_json=as_json):
        engine, now = ctx.engine(), clock.now()
        _tell(reopen(engine, slug, by=by or user_name(), at=now, note=note), as_json=as_json)


@app.command("finish")
def finish_command(
    slug: Slug,
    model: Annotated[str | None, typer.Option(help="The model it runs on now; else traffic tells.")] = None,
    by: By = None,
    note: Note = None,
    as_json: Json = False,
) -> None:
    """Say that the migration is live: the feature runs on the target now, and what it saves is measured."""
    with ctx.ending(as_json=as_json):
        engine, now = ctx.engine(), clock.now()
        done = finish(engine, load_policy(), slug, by=by or user_name(), at=now, model=model, note=note)
        _tell(done, as_json=as_json)


def _tell(done: Moved, *, as_json: bool) -> None:
    if as_json:
        ctx.print_json(done.document())
    else:
        ctx.out.print(f"{done.feature} is {done.state}: {done.why}", markup=False, highlight=False)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite():
        problem = Problem(error=f"{text!r} is no amount", field="--saving-at-least", cure="write 2500 or 2500.00")
        raise BadInput([problem])
    return amount.quantize(Decimal("0.01"))


def ledger_command(as_json: Json = False) -> None:
    """Tell what finished migrations brought: promised, realised, and what moved the cost."""
    with ctx.ending(as_json=as_json):
        found = list_ledger(ctx.engine())
        if as_json:
            ctx.print_json(ledger_document(found))
            return
        if not found:
            ctx.out.print("No migration is finished yet. `offramp alerts finish SLUG` says that one is live.")
            return
        numbers = ("promised a month", "realised a month", "volume", "price", "strategy", "total")
        table = listing("feature", "from", "to", "finished", *numbers, "state", numbers=numbers)
        for told in ledger_document(found):
            money = (told["promised_usd_month"], told["realised_usd_month"])
            effects = (told[f"{name}_usd"] for name in ("volume_effect", "price_effect", "strategy_effect", "total"))
            cells = [usd(None if text is None else Decimal(text)) for text in (*money, *effects)]
            table.add_row(told["feature"], told["from"], told["to"], told["finished_at"][:10], *cells, told["state"])
        ctx.out.print(table)
        ctx.out.print("Realised is the strategy's own part. Effects are the change in cost; below zero is cheaper.")


@app.command("plan")
def plan_command(
    slug: Slug,
    form: Annotated[Literal["md", "issue"], typer.Option("--format", help="How to write it.")] = "md",
) -> None:
    """Write the plan of a feature's migration: steps, data, the eval that must pass, the way back, what to expect."""
    with ctx.ending():
        plan = plan_for(ctx.engine(), load_policy(), slug)
        sys.stdout.write(plan_markdown(plan) if form == "md" else plan_issue(plan))
