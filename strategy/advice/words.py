"""The argument of an advice in plain sentences, headline first."""

from collections.abc import Iterator

from strategy.advice.decide import Decision, seeds_of
from strategy.advice.described import strategy_of
from strategy.advice.disagreements import disagreements
from strategy.advice.stated import Stated
from strategy.fields import TASK_FIELDS_BY_NAME
from strategy.kinds import Answer, Code, Outcome, Strategy

_DECISIVE = ("determinism", "input_space", "output_space", "error_cost", "latency_budget_ms", "labelled_examples")
_TO_DO = {
    Code.BETTER_PROMPT: "better the prompt first",
    Code.EXHAUST_PROMPT: "exhaust the prompt first",
    Code.UNMEASURED: "measure what is open first",
    Code.SHORTEN: "shorten the prompt chain: the task is simple",
    Code.NO_PLAN: "write down at what volume this becomes too expensive, and what its successor would look like",
    Code.APPROACHING: "the volume is growing towards a move",
    Code.COLD_START: "wait until it is known what really comes in",
}
_QUOTES = {
    Code.SHORTEN: "“Complex prompt chains add latency and cost without proportional benefit” (seed 001).",
    Code.NO_PLAN: "“At what volume does this become too expensive? What would the distilled version look like?” (seed 000).",
    Code.UNMEASURED: "“No baseline … making it impossible to measure improvement” (seed 001).",
}


def reasons(stated: Stated, decision: Decision) -> tuple[str, ...]:
    """The sentences of an advice."""
    target = strategy_of(decision.target) if decision.target else stated.now
    return tuple(_sentences(stated, decision, target))


def _sentences(stated: Stated, decision: Decision, target: Strategy) -> Iterator[str]:
    yield _headline(stated, decision)
    if decision.unfit:
        yield f"Why it should not stay: {decision.unfit}."
    proposal = decision.proposal
    if proposal is not None and proposal.because:
        yield f"Why {proposal.option}: {proposal.because} ({seeds_of(proposal.seeds)})."
    for lack in decision.lacks:
        yield f"In the way: {lack.because}{f' ({seeds_of(lack.seeds)})' if lack.seeds else ''}."
    if decision.code in _QUOTES and proposal is None:
        yield _QUOTES[decision.code]
    if decision.code is Code.BETTER_PROMPT:
        yield "“Try structured output, few-shot examples, and chain-of-thought before anything else” (seed 002)."
    if decision.code is Code.EXHAUST_PROMPT and not decision.lacks:
        yield "“Always exhaust prompt engineering before fine-tuning” (seed 003)."
    if decision.outcome is Outcome.WATCH and decision.code is None and decision.unfit is None:
        yield "“those costs compound” at this volume (seed 000): run the numbers, for only they can settle it."
    if decision.outcome is Outcome.STAY:
        yield from _why_stay(stated)
    yield from decision.notes
    yield _economics(stated, target)
    yield from disagreements(stated, target)


def _headline(stated: Stated, decision: Decision) -> str:
    now, target = stated.described.current, decision.target
    match decision.outcome:
        case Outcome.DUE:
            return f"Use {target} instead of {now}." if now != "prompt" else f"Use {target}: do not prompt for it."
        case Outcome.BLOCKED:
            return f"It points to {target}, but that is blocked for now ({decision.code}): keep {now} until it is cured."
        case Outcome.WATCH:
            first = _TO_DO[decision.code] if decision.code else "the answer is open, so watch it"
            return f"Keep {now}, and {first}."
        case _:
            return f"Keep {now}: nothing that is stated asks for more."


def _why_stay(stated: Stated) -> Iterator[str]:
    if stated.now is not Strategy.PROMPT:
        return
    for hold in stated.holds:
        yield f"{hold.because[0].upper()}{hold.because[1:]} ({seeds_of(hold.seeds)})."
    if stated.volume_pays is Answer.NO:
        yield "At this volume the costs are small: “The decision depends on the volume, not the technique” (seed 000)."
    yield "“Should I fine-tune?” is answered by “not yet” (seed 002) until volume, data or a measured gap asks for it."


def _economics(stated: Stated, target: Strategy) -> str:
    move = stated.money.move(target)
    if move is not None:
        return f"The economics as stated: {move.because}."
    if stated.money.known:
        claim = stated.money.claim or "negative"
        return f"The economics are stated to be {claim}, without the figures behind it."
    return "The economics are unknown: no cost is stated, so the matrix and the gates decide."


def missing(stated: Stated) -> tuple[str, ...]:
    """What was not spoken of and could change the answer, most useful first."""
    task, found = stated.described.task, []
    found += [f"{name}: {TASK_FIELDS_BY_NAME[name].question}" for name in _DECISIVE if getattr(task, name) is None]
    if stated.volume.label is None:
        found.append("calls_per_day: How often is it called?")
    if not stated.money.known:
        found.append("cost_per_year: What does a year cost with each strategy?")
    return tuple(found)
