"""What was not spoken of, the decisive first: each question with what a different answer would change."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from strategy.advice.decide import Decision, decide
from strategy.advice.described import Described
from strategy.advice.stated import Stated, read
from strategy.fields import TASK_FIELDS_BY_NAME

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


def missing(stated: Stated, decision: Decision) -> tuple[str, ...]:
    """The questions still open, those whose answer would change the advice first, with what it would become."""
    asked = [(name, question, tuple(_changes(stated, decision, others))) for name, question, others in _open(stated)]
    lines = [(not changes, _line(name, question, changes)) for name, question, changes in asked]
    return tuple(line for _, line in sorted(lines, key=lambda each: each[0]))


def _line(name: str, question: str, changes: tuple[str, ...]) -> str:
    return f"{name}: {question}" + (f" ({'; '.join(changes)})" if changes else "")


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


def _changes(stated: Stated, decision: Decision, others: dict[object, Described]) -> Iterator[str]:
    for value, described in others.items():
        other = decide(read(described, stated.voice, stated.policy))
        if (other.outcome, other.strategy) != (decision.outcome, decision.strategy):
            yield f"if {value}: {other.outcome} {other.strategy}"
