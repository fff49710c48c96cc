"""The flowchart asks five questions in order, and says why it answers as it does."""

from dataclasses import replace
from decimal import Decimal

import pytest

from strategy.gates import answers
from strategy.kinds import Answer, Code, Gate, Source
from strategy.profile import TaskProfile
from tests.strategy.made import FREE_TEXT, FUNCTION, LABELS, POLICY

NOTHING = TaskProfile()
SHARED_OUT = replace(FREE_TEXT, share_deterministic=Decimal("0.2"), code_share=Decimal(0))


def told(task: TaskProfile, pays: Answer = Answer.YES) -> str:
    """The five answers as letters."""
    return "".join({"unknown": "?"}.get(a.answer, a.answer[0]) for a in answers(task, pays, POLICY))


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (NOTHING, "?????"),
        (FUNCTION, "yn??n"),
        (replace(FUNCTION, input_space=None), "?n???"),
        (replace(FUNCTION, output_space="retrieved"), "n????"),
        (replace(FUNCTION, input_space="open"), "nn???"),
        (LABELS, "nyy?n"),
        (replace(LABELS, labelled_examples=None), "n????"),
        (replace(LABELS, labelled_examples=40), "nnn??"),
        (replace(LABELS, output_space="retrieved", examples_diverse=False), "nnn??"),
        (FREE_TEXT, "nny?n"),
        (replace(SHARED_OUT, change_frequency="high"), "nnnny"),
        (replace(SHARED_OUT, must_switch_models=True), "nnnny"),
        (replace(FREE_TEXT, code_share=Decimal("0.4")), "nnyyn"),
        (replace(FREE_TEXT, share_deterministic=Decimal("0.95")), "nnyyn"),
        (replace(FREE_TEXT, determinism="partially", input_space="structured+open"), "nnyyn"),
        (SHARED_OUT, "nnynn"),
    ],
)
def test_the_answers_follow_from_the_profile(task: TaskProfile, expected: str) -> None:
    """specifiable, classification, distillable, separable, prompt: y(es), n(o), unknown."""
    assert told(task) == expected


def test_volume_decides_through_money() -> None:
    """The same profile is distillable where it pays, not where it does not, and unknown where nobody knows."""
    assert [told(FREE_TEXT, pays)[2] for pays in (Answer.YES, Answer.NO, Answer.UNKNOWN)] == ["y", "n", "?"]


def test_an_answer_says_why_and_what_would_settle_it() -> None:
    """The because names the fact; an unknown names the fields; missing labels are a matter of data."""
    by_gate = {answer.gate: answer for answer in answers(replace(LABELS, labelled_examples=40), Answer.YES, POLICY)}
    embed = by_gate[Gate.CLASSIFICATION]
    assert embed.because == "the output is a label, but 40 labelled examples are fewer than 200"
    assert (embed.code, embed.value, embed.source) == (Code.DATA, False, Source.DECLARED)
    open_gate = by_gate[Gate.SEPARABLE]
    assert (open_gate.asks, open_gate.value) == (("share_deterministic", "code_share"), None)
    assert by_gate[Gate.PROMPT].because == "an earlier question is open"
    share = answers(SHARED_OUT, Answer.NO, POLICY)
    assert share[3].because == "only 20 % of the pipeline is plain code"
    assert share[4].because == "every alternative is ruled out"
