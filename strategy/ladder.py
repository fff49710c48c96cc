"""The ladder of seeds 002 and 003 for output that is not good enough: better prompt, then retrieval, then training.

A rung is due only when the one below it was tried and measured; retrieval is skipped where the gap is not knowledge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from strategy.kinds import Strategy
from strategy.profile import TaskProfile

LLM = frozenset({Strategy.PROMPT, Strategy.HYBRID})
"""What runs on a prompt, and so can be bettered by one."""

_CHAIN = 2


class Rung(StrEnum):
    """The next thing to do about quality."""

    BETTER_PROMPT = "better_prompt"
    RETRIEVAL = "retrieval"
    FINE_TUNE = "fine_tune"
    SAY_WHY = "say_why"


@dataclass(frozen=True, slots=True)
class Step:
    """A rung and the sentence that names it."""

    rung: Rung
    because: str
    seeds: tuple[str, ...]


def next_step(gap_cause: str | None, tried: tuple[str, ...] | None, *, exhausted: bool | None) -> Step:
    """The rung that a quality gap asks for. `tried` None: nothing was said of what was tried."""
    prompted = exhausted if exhausted is not None else "prompt" in (tried or ())
    if gap_cause == "knowledge" and (prompted or (tried is None and exhausted is None)) and "rag" not in (tried or ()):
        return Step(Rung.RETRIEVAL, "“If the model lacks knowledge, give it knowledge”", ("seed002",))
    if not prompted or (gap_cause == "instructions" and exhausted is not True):
        return Step(
            Rung.BETTER_PROMPT,
            "“Try structured output, few-shot examples, and chain-of-thought before anything else”",
            ("seed002", "seed003"),
        )
    if gap_cause is None and exhausted is None and "rag" not in (tried or ()):
        return Step(
            Rung.SAY_WHY,
            "a better prompt was tried; whether retrieval or training comes next hangs on why it falls short",
            ("seed002",),
        )
    return Step(
        Rung.FINE_TUNE,
        "prompting “has been optimized and still falls short”, and training is for behaviour "
        "“that prompting can’t achieve”",
        ("seed003", "seed002"),
    )


def is_unexhausted(task: TaskProfile) -> bool:
    """Whether it is said that prompting was not taken as far as it goes (seed 003: exhaust it before fine-tuning)."""
    if task.prompt_exhausted is not None:
        return not task.prompt_exhausted
    return task.tried is not None and "prompt" not in task.tried


def is_exhausted(task: TaskProfile) -> bool:
    """Whether it is said that prompting was taken as far as it goes, or tried and measured."""
    return not is_unexhausted(task) and (task.prompt_exhausted is True or "prompt" in (task.tried or ()))


def is_overbuilt(task: TaskProfile) -> bool:
    """Seed 001: "Over-engineering prompts for simple tasks": a chain of prompts where one would do."""
    return bool(task.task_simple) and task.prompt_chain_steps is not None and task.prompt_chain_steps >= _CHAIN


def lacks_knowledge(task: TaskProfile) -> bool:
    """Whether it needs knowledge that the model lacks, that changes, or that must be cited."""
    return bool(task.private_data or task.knowledge_changes or task.needs_citation)


_TOLD = {
    Rung.BETTER_PROMPT: "Its output is not good enough; a better prompt comes first",
    Rung.RETRIEVAL: "Its output is not good enough for want of knowledge; retrieval under hybrid comes next",
    Rung.SAY_WHY: "Its output is not good enough; say why, for that settles what comes next",
    Rung.FINE_TUNE: "Its output is not good enough and prompting is exhausted; training comes next",
}


def needs_told(task: TaskProfile, now: Strategy) -> Iterator[str]:
    """What quality and knowledge ask for, money apart, of a feature that runs on a prompt or a hybrid."""
    if now not in LLM:
        return
    if lacks_knowledge(task):
        yield "It needs knowledge the model lacks or must cite: that points to retrieval under hybrid (seed 002)."
    if task.quality_gap:
        step = next_step(task.gap_cause, task.tried, exhausted=task.prompt_exhausted)
        seeds = ", ".join(seed.replace("seed", "seed ") for seed in step.seeds)
        yield f"{_TOLD[step.rung]}: {step.because} ({seeds})."
    if task.behaviour_locked and task.change_frequency != "high":
        yield "Its behaviour must never vary, which prompts alone cannot promise: that pulls to distill (seed 001)."
