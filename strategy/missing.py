"""What a person could supply that the verdict would use, most useful first."""

from strategy.case import Case
from strategy.core import Finding
from strategy.fields import TASK_FIELDS_BY_NAME
from strategy.kinds import Code, Strategy
from strategy.quality import Evidence


def missing(case: Case, finding: Finding) -> tuple[str, ...]:
    """What a person could supply that the verdict would use, most useful first."""
    snapshot, chosen = case.snapshot, finding.chosen
    found: list[str] = []
    if finding.code is Code.COLD_START:
        found.append("traffic: at least 14 days of it are needed before anything is said")
    if finding.present is None and finding.code is not Code.COLD_START:
        found += [f"price: none in force for {model}" for model in finding.load.unpriced_models]
        found += [] if finding.load.unpriced_models else ["traffic: no calls with token counts"]
    if finding.need is not None:
        found += [_question(name) for name in finding.need.asks]
    if chosen is not None:
        found += [] if finding.need else [_question(name) for name in chosen.asks]
        found += _eval_wanted(chosen.evidence)
    task = snapshot.feature.task
    found += [_question(name) for name in _decisive() if getattr(task, name) is None]
    if snapshot.feature.strategy is Strategy.PROMPT and snapshot.feature.exit_note is None:
        found.append("exit_note: At what volume is this too expensive, and what would its successor look like?")
    return tuple(dict.fromkeys(found))


def _decisive() -> tuple[str, ...]:
    return "determinism", "input_space", "output_space", "error_cost", "latency_budget_ms", "labelled_examples"


def _question(name: str) -> str:
    return f"{name}: {TASK_FIELDS_BY_NAME[name].question}"


def _eval_wanted(evidence: Evidence) -> list[str]:
    match evidence.code:
        case Code.NO_BASELINE:
            return ["eval: score today's answers, so that there is something to hold the next against"]
        case Code.NEEDS_EVAL if evidence.items is not None:
            return [f"eval: score {evidence.option} on {evidence.items:,} items with the same metric and evaluator"]
        case Code.NEEDS_EVAL:
            return [
                f"eval: score {evidence.option} with the same metric, evaluator and version, and say on how many items"
            ]
        case _:
            return []
