"""Where the seeds do not agree on a description: told in sentences that name them, whoever decides."""

from collections.abc import Iterator
from decimal import Decimal

from strategy.advice.stated import Stated
from strategy.hold import TRAINED
from strategy.kinds import Answer, Gate, Strategy

_VOTE = {"prompt": "keeps prompting", "hybrid": "asks for hybrid", "distill": "asks for fine-tuning"}
_OPEN = {"seed000": "says that the costs compound", "seed002": "leaves it open"}


def disagreements(stated: Stated, target: Strategy) -> Iterator[str]:
    """Every disagreement that touches the answer; `target` is the strategy that the verdict is about."""
    yield from _on_volume(stated, target)
    yield from _on_labels(stated, target)
    yield from _on_order(stated)
    yield from _on_behaviour(stated, target)
    yield from _on_tokens(stated)


def _on_volume(stated: Stated, target: Strategy) -> Iterator[str]:
    votes = {seed: vote for seed, vote in stated.volume.votes if seed != "seed003"}
    if len(set(votes.values())) > 1:
        said = ", ".join(
            f"{_name(seed)} {_OPEN.get(seed) if vote == 'grey' else _VOTE[vote]}" for seed, vote in votes.items()
        )
        settles = f"{_name(stated.voice)} decides, as asked"
        if stated.voice in {"breakeven", "seed003"}:
            settles = (
                "the break-even by stated money decides" if stated.money.known else "only a break-even can settle it"
            )
        yield f"By volume alone the seeds disagree: {said}; {settles}."
    elif votes and stated.volume.calls_per_day is None and "prompt" not in votes.values():
        yield (
            "The volume is stated without a number, and the seeds mean different ones: seed 000 millions of calls a "
            "month, seed 001 over 1B a month, seed 002 over 1M a day; seed 003 leaves it to the break-even."
        )
    if target in TRAINED and votes.get("seed000") == "prompt" and stated.voice == "breakeven":
        yield "At low volume seed 003 calls prompting “always cheaper”; here another reason than volume decides."


def _on_labels(stated: Stated, target: Strategy) -> Iterator[str]:
    """The same label task is a prompt's, a hybrid's and an embedding's example, by what else is there."""
    if stated.described.task.output_space not in {"label", "retrieved"} or target is Strategy.CODE:
        return
    labels = stated.described.task.labelled_examples
    if target is Strategy.EMBED:
        yield (
            "The seeds use such a task in different places: seed 000 for an embedding classifier, and in another "
            "example for a hybrid; seed 002 calls it “a prompting problem, not a fine-tuning problem”."
        )
        return
    few = labels is not None and labels < stated.policy.number("min_labels")
    why = "the missing labelled set decides" if few else "what else is stated decides"
    yield (
        "The seeds disagree on a task whose output is one of a known set: seed 000 asks for an embedding model "
        "(Strategy 5) but also gives classifying as a prompt's and a hybrid's example, seed 002 calls it “a prompting "
        f"problem, not a fine-tuning problem”; {why}."
    )


def _on_order(stated: Stated) -> Iterator[str]:
    both = (stated.gates[Gate.DISTILLABLE].answer, stated.gates[Gate.SEPARABLE].answer)
    if both == (Answer.YES, Answer.YES):
        yield (
            "Seed 000 does not say whether hybrid or distill comes first: its flowchart goes from cheap to flexible, "
            "its lifecycle from hybrid to distill; distill is asked first here, for its condition is the stricter one."
        )


def _on_behaviour(stated: Stated, target: Strategy) -> Iterator[str]:
    task = stated.described.task
    if task.behaviour_locked and stated.closed(Strategy.DISTILL):
        yield "Seed 001 asks for fine-tuning where behaviour is locked and for prompting where it changes: both hold."
    elif task.behaviour_locked and (task.prompt_exhausted is False or stated.volume_pays is Answer.NO):
        yield "Seed 001 asks for fine-tuning where behaviour is locked; 002 and 003 ask to exhaust the prompt first."
    if task.change_frequency == "high" and task.private_data and target is Strategy.HYBRID:
        yield "Seed 001 keeps prompting where behaviour changes often; seed 002 puts fresh knowledge into retrieval."


def _on_tokens(stated: Stated) -> Iterator[str]:
    before, after = stated.described.prompt_tokens, stated.described.ft_tokens
    if before is None or after is None or after >= before:
        return
    less = (1 - after / before) * Decimal(100)
    yield (
        f"Seed 003 says that fine-tuning “often pays for itself through reduced prompt tokens” ({less:.0f} % fewer)"
        ", not always: seed 001 and seed 002 keep prompting at a lower volume; seed 000 asks to “run the numbers”, "
        "also against a cached or shortened prompt."
    )


def _name(seed: str) -> str:
    return seed.replace("seed", "seed ")
