"""The ladder: a rung is due only when the one below it was tried, and retrieval only where knowledge is lacking."""

from dataclasses import replace

import pytest

from strategy.hold import holds
from strategy.judge import judge
from strategy.kinds import Answer, Gate, Strategy
from strategy.ladder import Rung, needs_told, next_step
from strategy.profile import TaskProfile
from tests.strategy.made import FREE_TEXT, LABELS, POLICY, feature, snapshot


@pytest.mark.parametrize(
    ("cause", "tried", "exhausted", "rung"),
    [
        (None, None, None, Rung.BETTER_PROMPT),
        (None, (), None, Rung.BETTER_PROMPT),
        ("style", (), None, Rung.BETTER_PROMPT),
        ("instructions", ("prompt",), None, Rung.BETTER_PROMPT),
        ("instructions", ("prompt",), True, Rung.FINE_TUNE),
        ("style", ("prompt",), False, Rung.BETTER_PROMPT),
        ("knowledge", None, None, Rung.RETRIEVAL),
        ("knowledge", (), None, Rung.BETTER_PROMPT),
        ("knowledge", ("prompt",), None, Rung.RETRIEVAL),
        ("knowledge", ("prompt", "rag"), None, Rung.FINE_TUNE),
        ("style", ("prompt",), None, Rung.FINE_TUNE),
        ("domain", None, True, Rung.FINE_TUNE),
        (None, ("prompt",), None, Rung.SAY_WHY),
        (None, ("prompt", "rag"), None, Rung.FINE_TUNE),
        (None, None, True, Rung.FINE_TUNE),
    ],
)
def test_the_next_rung(cause: str | None, tried: tuple[str, ...] | None, exhausted: bool | None, rung: Rung) -> None:  # noqa: FBT001 (one row of the table)
    """By the cause of the gap and what was tried and measured."""
    step = next_step(cause, tried, exhausted=exhausted)
    assert step.rung is rung
    assert step.seeds


def test_what_must_change_often_is_held() -> None:
    """Seeds 001 to 003: nothing trained, and what is trained already must leave; code and retrieval stay open."""
    (often,) = holds(TaskProfile(change_frequency="high"))
    (switching,) = holds(TaskProfile(must_switch_models=True))
    assert often.closed == switching.closed == {Strategy.EMBED, Strategy.DISTILL}
    assert often.leaves
    assert switching.leaves
    assert holds(TaskProfile(change_frequency="low", must_switch_models=False)) == ()


def test_the_live_judge_holds_and_tells_of_it() -> None:
    """A held feature's gates say no to what is trained, whatever the labels and the money."""
    gates = judge(snapshot(feature(replace(LABELS, must_switch_models=True))), POLICY).gates
    answers = {gate.gate: gate.answer for gate in gates}
    assert answers[Gate.CLASSIFICATION] is Answer.NO
    assert answers[Gate.DISTILLABLE] is Answer.NO


def test_the_live_judge_tells_of_the_ladder() -> None:
    """Knowledge, a quality gap and locked behaviour are told beside the money."""
    task = replace(FREE_TEXT, private_data=True, quality_gap=True, gap_cause="instructions", behaviour_locked=True)
    told = " ".join(judge(snapshot(feature(task)), POLICY).reasons)
    assert "that points to retrieval under hybrid (seed 002)" in told
    assert "a better prompt comes first" in told
    assert "that pulls to distill (seed 001)" in told
    assert list(needs_told(task, Strategy.EMBED)) == []
