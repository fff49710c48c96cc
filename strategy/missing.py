"""What a person or time could supply that the verdict would use, most useful first; when, and what it is worth."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from strategy.awaited import awaited
from strategy.case import Case
from strategy.core import Finding, chance_of
from strategy.fields import TASK_FIELDS_BY_NAME
from strategy.kinds import Code, Outcome, Strategy
from strategy.money import ZERO, dollars
from strategy.prospect import Prospect
from strategy.quality import Evidence
from strategy.unknowns import Matter
from strategy.wanted import Wanted

_DECISIVE = "determinism", "input_space", "output_space", "error_cost", "latency_budget_ms", "labelled_examples"
_NOTE = "exit_note: At what volume is this too expensive, and what would its successor look like?"
_WHOLE = Decimal(1)


def missing(
    case: Case, finding: Finding, found_to_matter: tuple[Matter, ...], breakeven: int | None
) -> tuple[Wanted, ...]:
    """What would be used, most useful first; a question with what answers change. Each thing is told once."""
    found = list(awaited(case, finding, breakeven))
    found += [*_money(finding), *_work(case, finding)]
    chosen, task = finding.chosen, case.snapshot.feature.task
    asks = finding.need.asks if finding.need is not None else chosen.asks if chosen is not None else ()
    found += [_question(name, found_to_matter, chosen) for name in asks]
    found += [] if chosen is None else _eval_wanted(case, finding, chosen)
    note = case.snapshot.feature.strategy is Strategy.PROMPT and case.snapshot.feature.exit_note is None
    if note and finding.code is Code.NO_PLAN:
        found.append(Wanted(kind="note", text=_NOTE))
    most = [each.name for each in found_to_matter[:1]]
    open_ = (name for name in (*most, *_DECISIVE) if getattr(task, name) is None and name not in asks)
    found += [_question(name, found_to_matter, None) for name in dict.fromkeys(open_)]
    if note and finding.code is not Code.NO_PLAN:
        found.append(Wanted(kind="note", text=_NOTE))
    return tuple({each.text: each for each in reversed(found)}[text] for text in dict.fromkeys(e.text for e in found))


def _money(finding: Finding) -> Iterator[Wanted]:
    """What keeps today's spend from being told, before anything else is asked."""
    if finding.present is not None or finding.code is Code.COLD_START:
        return
    for model in finding.load.unpriced_models:
        yield Wanted(kind="price", text=f"price: none in force for {model}")
    if not finding.load.unpriced_models:
        yield Wanted(kind="calls", text="traffic: no calls with token counts")


def _work(case: Case, finding: Finding) -> Iterator[Wanted]:
    """What is to be done at the present strategy before anything else is asked of it."""
    task, now = case.snapshot.feature.task, case.snapshot.feature.strategy
    if finding.code is Code.BETTER_PROMPT:
        yield Wanted(kind="work", text="prompt: a better one, scored like today's, and `prompt` said under `tried`")
    if finding.code is Code.EXHAUST_PROMPT and task.prompt_exhausted is not None:
        yield Wanted(kind="work", text="prompt: one taken as far as it goes, and `prompt_exhausted: true` said")
    if finding.code is Code.SHORTEN:
        yield Wanted(kind="work", text=f"{now}: one model call in the place of {task.prompt_chain_steps}")


def _question(name: str, found_to_matter: Sequence[Matter], chosen: Prospect | None) -> Wanted:
    """A question with what its answers change, and the most that one of them could save a month."""
    answers = [each for each in found_to_matter if each.name == name]
    due = [each.usd_month for each in answers if each.outcome is Outcome.DUE]
    usd = max([*due, chosen.saving_usd_month if chosen else ZERO])
    told = [each.note() for each in answers] + ([f"worth up to {dollars(usd)} a month"] if usd else [])
    text = f"{name}: {TASK_FIELDS_BY_NAME[name].question}" + (f" ({'; '.join(told)})" if told else "")
    return Wanted(kind="answer", text=text, usd_month=usd or None)


def _eval_wanted(case: Case, finding: Finding, chosen: Prospect) -> list[Wanted]:
    """The eval that would settle it: on how many items, what a pass would save, and what knowing is worth."""
    said = _asked_for(chosen.evidence)
    if said is None:
        return []
    month = chosen.saving_usd_month or None
    ready = max((each.npv for each in finding.prospects if each.worth and each.code is None), default=0.0)
    sure = chosen.evidence.sure
    chance = chance_of(case, chosen) if sure is None else float(sure)
    gain = Decimal(max(0.0, chance * (chosen.npv - ready))).quantize(_WHOLE)
    if not month or not gain:
        return [Wanted(kind="eval", text=said, items=chosen.evidence.items, usd_month=month)]
    saves = "the move that it may allow" if chosen.code is Code.NO_BASELINE else "a pass"
    text = (
        f"{said}; {saves} would save {dollars(month)} a month, and at a chance of {chance:.0%} "
        f"the answer is worth about ${gain:,}"
    )
    return [Wanted(kind="eval", text=text, items=chosen.evidence.items, usd_month=month, usd=gain)]


def _asked_for(evidence: Evidence) -> str | None:
    match evidence.code:
        case Code.NO_BASELINE:
            return "eval: score today's answers, so that there is something to hold the next against"
        case Code.NEEDS_EVAL if evidence.items is not None:
            return f"eval: score {evidence.option} on {evidence.items:,} items with the same metric and evaluator"
        case Code.NEEDS_EVAL:
            return (
                f"eval: score {evidence.option} with the same metric, evaluator and version, and say on how many items"
            )
        case _:
            return None
