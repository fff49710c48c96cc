"""The command that lists scores."""

from typing import Annotated

import typer

from offramp.actions.explain import unheard_of
from offramp.actions.scores import ScoreRow, list_scores, without_feature
from offramp.cli import context as ctx
from offramp.cli.facts import Json
from offramp.cli.words import count, listing
from reports.words import count as plural
from strategy.facts import Score


def scores_command(
    feature: Annotated[str | None, typer.Argument(help="Only this feature's.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="From this instant on.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Up to, not including, this instant.")] = None,
    as_json: Json = False,
) -> None:
    """Tell which scores are kept: of which items, by which evaluator, on which scale, and where they are from."""
    with ctx.ending(as_json=as_json):
        engine = ctx.engine()
        rows = list_scores(engine, feature, start=ctx.as_instant(start, "--from"), end=ctx.as_instant(end, "--to"))
        if as_json:
            ctx.print_json([row.document() for row in rows])
        elif rows:
            ctx.out.print(_table(rows))
        else:
            ctx.log.print("no scores here: `offramp load FILE` takes those of evals (docs/collect.md)", markup=False)
        if feature and not rows and (cure := unheard_of(engine, feature)):
            ctx.log.print(f"warning: no feature {feature!r} is registered or in any traffic; {cure}", markup=False)
        if not feature and (lost := without_feature(engine)):
            told = f"{plural(lost, 'score')} of single answers {'belongs' if lost == 1 else 'belong'} to no feature"
            ctx.log.print(f"{told}: name it on their calls (docs/collect.md)", markup=False)


def _table(rows: list[ScoreRow]) -> object:
    shown = listing(
        "feature",
        "day",
        "metric",
        "score",
        "scale",
        "n",
        "scored",
        "evaluator",
        "run",
        "source",
        numbers=("score", "n"),
    )
    for row in rows:
        score = row.score
        shown.add_row(
            score.feature if row.registered else f"{score.feature} (not registered)",
            f"{score.at:%Y-%m-%d}",
            score.metric,
            f"{score.score:.6g}",
            _scale(score),
            "unknown" if score.n is None else count(score.n),
            score.strategy or "the present one",
            " ".join(part for part in (score.evaluator, score.evaluator_version) if part) or "unknown",
            score.run_id or "",
            score.source,
        )
    return shown


def _scale(score: Score) -> str:
    ends = [None if end is None else f"{end:.6g}" for end in (score.scale_min, score.scale_max)]
    told = " to ".join(end or "?" for end in ends) if any(ends) else "unknown"
    return told if score.higher_is_better else f"{told}, lower is better"
