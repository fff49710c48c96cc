"""The argument of an advice in plain sentences, headline first."""

from collections.abc import Iterator

from strategy.advice.decide import Decision
from strategy.advice.described import strategy_of
from strategy.advice.disagreements import disagreements
from strategy.advice.gates import NO_RULE
from strategy.advice.phrases import capital, seeds_of
from strategy.advice.stated import Stated
from strategy.kinds import Answer, Code, Outcome, Strategy

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
    Code.NO_PLAN: "“When you write a prompt, also write a note”: when is it too expensive, and what then? (seed 000).",
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
    if decision.outcome is Outcome.WATCH and decision.code is None and not (decision.unfit or decision.proposal):
        said = "nothing is said between 100k and 1M calls a day (seed 002)"
        said = said if stated.voice == "seed002" else "“those costs compound” at this volume (seed 000)"
        yield f"{capital(said)}: “Run the numbers”, for only they can settle it."
    if decision.outcome is Outcome.STAY:
        yield from _why_stay(stated)
    yield from (note for note in decision.notes if not any(hold.because in note for hold in stated.holds))
    yield _economics(stated, target)
    yield from disagreements(stated, target)


_USE = {
    "code": "Write code: a function instead of a model",
    "embed": "Train a classifier on embeddings",
    "distill": "Fine-tune a smaller model",
    "hybrid": "Wrap the model call in code (hybrid)",
    "hybrid:rag": "Give the model its knowledge by retrieval (hybrid:rag)",
    "prompt": "Go back to a prompt",
    "prompt:cheaper_model": "Keep the prompt, on a cheaper model",
    "prompt:tuned": "Keep the prompt, cached or shortened",
}
_WINS = {
    "seed001": "“Under 100M inferences/month: Prompt Engineering wins” (seed 001).",
    "seed002": "“Your volume is low-to-medium (< 100k calls/day)”: prompting wins (seed 002).",
    "seed003": "“For low-volume use cases, prompt engineering is always cheaper” (seed 003).",
}


def _headline(stated: Stated, decision: Decision) -> str:
    now, target = stated.described.current, decision.target or ""
    match decision.outcome:
        case Outcome.DUE:
            return f"{_USE.get(target, f'Move to {target}')}; it runs on {now} now, or would by default."
        case Outcome.BLOCKED:
            return f"It points to {target}, but that is blocked ({decision.code}): keep {now} until it is cured."
        case Outcome.WATCH if decision.unfit and decision.code is None:
            return f"No strategy meets all that is demanded: keep {now} for now, and see which demand can give way."
        case Outcome.WATCH:
            first = (
                _TO_DO[decision.code] if decision.code else "watch it: the figures that would settle it are not stated"
            )
            return f"Keep {now}, and {first}."
        case _:
            return f"Keep {now}: nothing that is stated asks for more."


def _why_stay(stated: Stated) -> Iterator[str]:
    if stated.now is not Strategy.PROMPT:
        return
    for hold in stated.holds:
        yield f"{capital(hold.because)} ({seeds_of(hold.seeds)})."
    if stated.volume_pays is Answer.NO:
        small = "At this volume the cost is small: “The decision depends on the volume, not the technique” (seed 000)."
        yield _WINS.get(stated.voice, small)
    for name, because in NO_RULE:
        if getattr(stated.described, name):
            yield f"It is no task for a rule: {because} (seed 000)."
    if stated.described.candidate is not None or not (stated.holds or stated.volume.label):
        yield "“Should I fine-tune?” is answered by “not yet” (seed 002) until volume, data or a gap asks for it."


def _economics(stated: Stated, target: Strategy) -> str:
    move = stated.money.move(target)
    if move is not None:
        return f"The economics as stated: {move.because}."
    if stated.money.moves:
        return "The economics as stated: " + "; ".join(move.because for move in stated.money.moves) + "."
    if stated.money.claim is not None:
        return f"The economics are stated to be {stated.money.claim}, without the figures behind it."
    if stated.money.no_token_saving:
        return "The economics as stated: a fine-tuned model would not need fewer prompt tokens."
    return "The economics are unknown: no cost is stated, so the matrix and the gates decide."
