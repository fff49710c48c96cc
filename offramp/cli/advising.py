"""The command that judges described tasks, without a database."""

from typing import Annotated, Literal

import typer

from offramp import clock
from offramp.actions.advise import advise_on
from offramp.cli import context as ctx
from offramp.cli.facts import Json, read_text
from offramp.policy import load_policy
from strategy.advice import Advice, advice_document

Voice = Literal["breakeven", "seed000", "seed001", "seed002", "seed003"]


def advise_command(
    file: Annotated[str, typer.Argument(help="Task profiles in YAML or JSONL, or - for standard input.")],
    policy: Annotated[Voice, typer.Option(help="Whose volume bands decide, where a profile names none.")] = "breakeven",
    as_json: Json = False,
) -> None:
    """Say which strategy a described task asks for, and why. Needs no database and stores nothing."""
    with ctx.ending(as_json=as_json):
        as_of = ctx.day_start(clock.now())
        found = advise_on(read_text(file), load_policy(), voice=policy, as_of=as_of)
        if as_json:
            ctx.print_json([advice_document(each) for each in found])
            return
        for place, each in enumerate(found):
            _tell(each, first=place == 0)


def _tell(advice: Advice, *, first: bool) -> None:
    """One advice as a person reads it: the answer, the argument, what would sharpen it."""
    verdict = advice.verdict
    if not first:
        _line("")
    code = f" ({verdict.code})" if verdict.code else ""
    _line(f"{advice.id}: {verdict.outcome}{code} — {advice.strategy}")
    for reason in verdict.reasons:
        _line(f"  {reason}")
    for gate in verdict.gates:
        _line(f"  gate {gate.gate}: {gate.answer} — {gate.because}")
    for question in verdict.missing:
        _line(f"  not said: {question}")


def _line(text: str) -> None:
    ctx.out.print(text, markup=False, highlight=False, soft_wrap=True)
