"""What a person could supply that the verdict would use, most useful first."""

from strategy.case import Case
from strategy.core import Finding
from strategy.fields import TASK_FIELDS_BY_NAME
from strategy.kinds import Code, Strategy
from strategy.quality import Evidence
from strategy.unknowns import Matter

_DECISIVE = "determinism", "input_space", "output_space", "error_cost", "latency_budget_ms", "labelled_examples"


def missing(case: Case, finding: Finding, found_to_matter: tuple[Matter, ...]) -> tuple[str, ...]:
    """What a person could supply that the verdict would use, most useful first; a question with what answers change."""
    snapshot, chosen = case.snapshot, finding.chosen
    found: list[str] = []
    if finding.code is Code.COLD_START:
        found.append("traffic: at least 14 days of it are needed before anything is said")
    if finding.present is None and finding.code is not Code.COLD_START:
        found += [f"price: none in force for {model}" for model in finding.load.unpriced_models]
        found += [] if finding.load.unpriced_models else ["traffic: no calls with token counts"]
    asks = finding.need.asks if finding.need is not None else chosen.asks if chosen is not None else ()
    found += [_question(name, found_to_matter) for name in asks]
    found += [] if chosen is None else _eval_wanted(chosen.evidence)
    task = snapshot.feature.task
    most = [each.name for each in found_to_matter[:1]]
    found += [_question(name, found_to_matter) for name in (*most, *_DECISIVE) if getattr(task, name) is None]
    if snapshot.feature.strategy is Strategy.PROMPT and snapshot.feature.exit_note is None:
        found.append("exit_note: At what volume is this too expensive, and what would its successor look like?")
    return tuple(dict.fromkeys(found))


def _question(name: str, found_to_matter: tuple[Matter, ...]) -> str:
    changes = "; ".join(each.note() for each in found_to_matter if each.name == name)
    return f"{name}: {TASK_FIELDS_BY_NAME[name].question}" + (f" ({changes})" if changes else "")


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
