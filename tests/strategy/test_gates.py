"""The flowchart asks five questions in order, and says why it answers as it does."""

from dataclasses import replace
from decimal import Decimal

import pytest

from strategy.gates import GateAnswer, answers
from strategy.hold import holds
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


def answer_of(gate: Gate, task: TaskProfile, pays: Answer = Answer.YES) -> GateAnswer:
    """One gate's whole answer."""
    return next(each for each in answers(task, pays, POLICY) if each.gate is gate)


_FIXED = "the same input must always give the same output, and every input can be specified"
_AROUND = " around one language step"
_SPLIT = "part of the input is structured and part of the output is determined"
_MUST_CHANGE = next(each.because for each in holds(TaskProfile(change_frequency="high")))


@pytest.mark.parametrize(
    ("gate", "task", "because", "asks", "code"),
    [
        ("specifiable", LABELS, "the task demands determinism 'no', not 'yes'", (), None),
        (
            "specifiable",
            replace(FUNCTION, input_space="open"),
            "the input is open: no rule covers everything people write",
            (),
            None,
        ),
        (
            "specifiable",
            TaskProfile(output_space="free"),
            "the output is free, so no one right value can be specified",
            (),
            None,
        ),
        (
            "specifiable",
            TaskProfile(determinism="yes", input_space="structured", output_space="retrieved"),
            "the output is retrieved, so no one right value can be specified",
            (),
            None,
        ),
        ("specifiable", TaskProfile(determinism="yes", input_space="structured"), _FIXED, (), None),
        (
            "specifiable",
            NOTHING,
            "not known: determinism and input_space",
            ("determinism", "input_space"),
            None,
        ),
        ("classification", NOTHING, "not known: output_space", ("output_space",), None),
        ("classification", FREE_TEXT, "the output is free, neither a label nor an existing item", (), None),
        ("classification", replace(LABELS, change_frequency="high"), _MUST_CHANGE, (), None),
        (
            "classification",
            replace(LABELS, labelled_examples=None),
            "the output is a label; not known: labelled_examples",
            ("labelled_examples",),
            None,
        ),
        (
            "classification",
            replace(LABELS, output_space="retrieved", examples_diverse=False),
            "the output is a retrieved item, but the examples do not cover what really comes in",
            (),
            Code.DATA,
        ),
        (
            "classification",
            replace(LABELS, labelled_examples=200),
            "the output is one of a known set, and there are 200 labelled examples",
            (),
            None,
        ),
        ("distillable", replace(LABELS, change_frequency="high"), _MUST_CHANGE, (), None),
        (
            "distillable",
            NOTHING,
            "a student needs examples; not known: labelled_examples",
            ("labelled_examples",),
            None,
        ),
        (
            "distillable",
            FREE_TEXT,
            "it pays back at today's volume, and there are 1,200 examples to learn from",
            (),
            None,
        ),
        (
            "separable",
            replace(FREE_TEXT, code_share=Decimal("0.4")),
            "code can answer 40 % of the calls without a model",
            (),
            None,
        ),
        (
            "separable",
            replace(FREE_TEXT, share_deterministic=POLICY.number("separable_share")),
            f"{(POLICY.number('separable_share') * 100).normalize():f} % of the pipeline is plain code{_AROUND}",
            (),
            None,
        ),
        (
            "separable",
            replace(FREE_TEXT, determinism="partially", input_space="structured+open"),
            _SPLIT,
            (),
            None,
        ),
        (
            "separable",
            NOTHING,
            "not known: share_deterministic and code_share",
            ("share_deterministic", "code_share"),
            None,
        ),
        ("separable", SHARED_OUT, "only 20 % of the pipeline is plain code", (), None),
        (
            "separable",
            replace(SHARED_OUT, determinism="partially"),
            "only 20 % of the pipeline is plain code",
            (),
            None,
        ),
        (
            "separable",
            replace(SHARED_OUT, share_deterministic=Decimal(0)),
            "only 0 % of the pipeline is plain code",
            (),
            None,
        ),
        ("prompt", NOTHING, "an earlier question is open", (), None),
        ("prompt", LABELS, "an earlier question, classification, was answered with yes", (), None),
        ("prompt", replace(SHARED_OUT, change_frequency="high"), "every alternative is ruled out", (), None),
    ],
)
def test_each_answer_in_full(
    gate: str, task: TaskProfile, because: str, asks: tuple[str, ...], code: Code | None
) -> None:
    """What each branch says, what it asks for, and where it comes from."""
    found = answer_of(Gate(gate), task)
    assert (found.because, found.asks, found.code) == (because, asks, code)
    assert found.source is (Source.UNKNOWN if found.answer is Answer.UNKNOWN else Source.DECLARED)


@pytest.mark.parametrize(
    ("pays", "because"),
    [
        (Answer.NO, "at today's volume and prices a distilled model does not pay back"),
        (Answer.UNKNOWN, "whether it pays is not known, for today's cost is not known"),
    ],
)
def test_what_money_says_of_distilling(pays: Answer, because: str) -> None:
    """Where it does not pay, or nobody knows, the gate says so."""
    assert answer_of(Gate.DISTILLABLE, FREE_TEXT, pays).because == because
