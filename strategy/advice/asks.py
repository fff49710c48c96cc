"""What was not spoken of, the decisive first: each question with what a different answer would change."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from strategy.advice.decide import Decision, decide
from strategy.advice.described import Described
from strategy.advice.stated import Stated, read
from strategy.fields import TASK_FIELDS_BY_NAME
from strategy.kinds import Outcome
from strategy.tell_us import answer_told, becomes, tell_us

_TASK: dict[str, tuple[Any, ...]] = {
    "determinism": TASK_FIELDS_BY_NAME["determinism"].allowed,
    "input_space": TASK_FIELDS_BY_NAME["input_space"].allowed,
    "output_space": TASK_FIELDS_BY_NAME["output_space"].allowed,
    "error_cost": TASK_FIELDS_BY_NAME["error_cost"].allowed,
    "labelled_examples": (0,),
    "latency_budget_ms": (5, 30, 200),
    "change_frequency": ("high",),
}
_VOLUME = ("low", "medium", "high")


_Changed = tuple[object, Decision]
Asked = tuple[str, str, tuple[_Changed, ...]]
"""An unspoken name, its question, and the answers that would change the advice, each with what it would become."""


def unspoken(stated: Stated, decision: Decision) -> tuple[Asked, ...]:
    """Everything that was not spoken of."""
    return tuple((name, ask, tuple(_changes(stated, decision, others))) for name, ask, others in _open(stated))


def missing(asked: tuple[Asked, ...]) -> tuple[str, ...]:
    """The questions, those whose answer would change the advice first, with what it would become."""
    return tuple(_line(*each) for each in sorted(asked, key=lambda each: not each[2]))


def most_telling(asked: tuple[Asked, ...], decision: Decision) -> str | None:
    """The one answer that would change the advice most, to or from a move that is due first; None where none would."""
    found = [(name, value, then) for name, _, changes in asked for value, then in changes]
    most = max(found, key=lambda each: Outcome.DUE in {each[2].outcome, decision.outcome}, default=None)
    if most is None:
        return None
    name, value, then = most
    return tell_us(name, value, becomes(then.outcome, then.code, then.target, then.strategy))


def _line(name: str, question: str, changes: tuple[_Changed, ...]) -> str:
    told = "; ".join(f"if {answer_told(value)}: {then.outcome} {then.strategy}" for value, then in changes)
    return f"{name}: {question}" + (f" ({told})" if told else "")


def _open(stated: Stated) -> Iterator[tuple[str, str, dict[object, Described]]]:
    """Each unspoken name, its question, and the description with each answer put in."""
    described = stated.described
    for name, values in _TASK.items():
        if getattr(described.task, name) is None:
            others = {value: replace(described, task=replace(described.task, **{name: value})) for value in values}
            yield name, TASK_FIELDS_BY_NAME[name].question, others
    if stated.volume.label is None:
        yield "volume", "How often is it called?", {word: replace(described, volume=word) for word in _VOLUME}
    if not stated.money.known:
        yield "cost_per_year", "What does a year cost with each strategy?", {}


def _changes(stated: Stated, decision: Decision, others: dict[object, Described]) -> Iterator[_Changed]:
    for value, described in others.items():
        other = decide(read(described, stated.voice, stated.policy))
        if (other.outcome, other.strategy) != (decision.outcome, decision.strategy):
            yield value, other
