"""Unknown properties name the answer that would matter most, and that answer is what the judge then gives."""

from dataclasses import replace
from decimal import Decimal

import pytest

from strategy.advice import advise, read_described
from strategy.advice.lacks import lacks
from strategy.advice.stated import read
from strategy.case import Case, case_of
from strategy.core import Finding, find
from strategy.facts import Snapshot
from strategy.judge import judge
from strategy.kinds import Code, Outcome, Strategy
from strategy.profile import Quality, TaskProfile
from strategy.tell_us import becomes, tell_us
from strategy.unknowns import ANSWERS, matters
from tests.strategy.made import BEFORE_CUT, DISTILL_COSTS, FREE_TEXT, FUNCTION, LABELS, POLICY, feature, proven, score
from tests.strategy.made import snapshot as made

CASES = {
    "nothing known": made(feature(TaskProfile()), scores=proven("distill")),
    "a function but for its input": made(feature(replace(FUNCTION, input_space=None, error_cost=None))),
    "labels, nothing else": made(feature(TaskProfile(output_space="label")), scores=proven("embed")),
    "a student that is due": made(feature(costs=DISTILL_COSTS), scores=proven("distill")),
    "little traffic": made(feature(LABELS), calls=300, scores=proven("embed")),
    "a narrow margin": made(
        feature(replace(LABELS, error_cost=None)), scores=(score("prompt", "0.93"), score("embed", "0.915"))
    ),
    "a cause and its cure": made(feature(replace(FREE_TEXT, gap_cause="knowledge", tried=("prompt",)))),
}


@pytest.mark.parametrize("name", CASES)
def test_the_answer_named_is_the_answer_given(name: str) -> None:
    """Registering the named answer gives the named outcome, code and target; no other answer changes anything."""
    of = CASES[name]
    case = case_of(of, POLICY.with_constants(of.constants), of.as_of)
    today = find(case)
    found = {(each.name, each.value): each for each in matters(case)}
    for field, values in ANSWERS.items():
        for value in values if getattr(of.feature.task, field) is None else ():
            task = replace(of.feature.task, **{field: value})  # type: ignore[arg-type]  # each value is one the field takes
            asked = replace(of, feature=replace(of.feature, task=task))
            then = find(case_of(asked, case.policy, of.as_of))
            matter = found.pop((field, value), None)
            if matter is None:
                assert (then.outcome, _target(then)) == (today.outcome, _target(today))
            else:
                assert (then.outcome, then.code, _target(then)) == (matter.outcome, matter.code, matter.target)
    assert found == {}


def _target(found: Finding) -> str | None:
    return found.chosen.plan.option if found.chosen else None


def test_the_error_cost_that_makes_it_code() -> None:
    """The issue's own sentence, from a description: nothing denies code but that nobody said what an error costs."""
    row = {"determinism": "mostly", "input_space": "structured", "output_space": "structured"}
    described, _ = read_described(row)
    assert described is not None
    said = advise(described, POLICY, id="x", voice="breakeven", as_of=BEFORE_CUT).verdict
    assert said.reasons[-1] == "Tell us the error cost: if it is high, the answer becomes code."
    assert said.missing[0] == "error_cost: What does a wrong answer cost? (if high: due code)"
    answered, _ = read_described(row | {"error_cost": "high"})
    assert answered is not None
    then = advise(answered, POLICY, id="x", voice="breakeven", as_of=BEFORE_CUT).verdict
    assert (then.outcome, then.target) == (Outcome.DUE, "code")


@pytest.mark.parametrize(("age", "said"), [("1", "1 day"), ("3", "3 days"), ("0.5", "0.5 days")])
def test_one_day_is_one_day(age: str, said: str) -> None:
    """How old a described feature is that is too young to be trained for."""
    described, _ = read_described({"age_days": age})
    assert described is not None
    because = [lack.because for lack in lacks(read(described, "breakeven", POLICY), Strategy.DISTILL)]
    assert f"it is {said} old: too young to know what really comes in" in because


def test_a_verdict_names_the_answer_that_matters_most() -> None:
    """In a sentence, and first of the questions with what each answer would bring."""
    said = judge(CASES["a function but for its input"], POLICY)
    assert "Tell us the input space: if it is enumerable, the answer becomes code." in said.reasons
    assert said.missing[0] == (
        "input_space: What can come in? "
        "(if enumerable: due code; if structured: due code; if structured+open: stay; if open: stay; "
        "worth up to $3,480.00 a month)"
    )


def test_what_matters_most_is_a_move_then_the_money() -> None:
    """Of two answers that make a move due the one that saves more is named."""
    found = matters(_case(CASES["labels, nothing else"]))
    assert [each.moves for each in found] == sorted((each.moves for each in found), reverse=True)
    due = [each.usd_month for each in found if each.moves]
    assert due == sorted(due, reverse=True)
    assert max(due) > 0


def _case(of: Snapshot) -> Case:
    return case_of(of, POLICY.with_constants(of.constants), of.as_of)


def test_nothing_is_asked_before_there_is_traffic_or_a_price() -> None:
    """No answer changes a cold start or an unknown spend."""
    assert matters(_case(made(feature(TaskProfile()), calls=[100] * 5))) == ()
    assert matters(_case(made(feature(TaskProfile()), prices=()))) == ()


def test_a_declared_margin_is_not_moved_by_the_cost_of_an_error() -> None:
    """The margin of the profile holds, whatever an error costs; without one a dear error narrows it."""
    scores = (score("prompt", "0.93"), score("embed", "0.915"))
    stated = made(
        feature(replace(LABELS, error_cost=None), quality=Quality(metric="accuracy", margin=Decimal("0.05"))),
        scores=scores,
    )
    low = next((each for each in matters(_case(stated)) if (each.name, each.value) == ("error_cost", "low")), None)
    assert low is None
    silent = matters(_case(CASES["a narrow margin"]))
    assert ("error_cost", "low") in {(each.name, each.value) for each in silent}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("stay", None, None), "no move fits and pays, and it should stay on prompt"),
        (("due", None, "embed"), "the answer becomes embed"),
        (("watch", None, "embed"), "the answer becomes embed"),
        (("watch", None, None), "no move fits and pays, and it should stay on prompt"),
        (
            ("watch", "no_plan", None),
            "it stays as it is, and a note is wanted of the volume at which it should move",
        ),
        (("watch", "better_prompt", None), "a better prompt comes first"),
        (("watch", "approaching", "embed"), "it grows towards embed"),
        (("blocked", "data", "embed"), "embed is blocked for want of labelled examples"),
        (("blocked", "retired", "prompt"), "prompt is blocked for now"),
        (("watch", "needs_eval", "embed"), "the answer becomes embed, once an eval proves it good enough"),
        (("watch", "cold_start", "embed"), "the answer becomes embed, in time"),
        (("blocked", "retired", None), "it should be watched"),
    ],
)
def test_what_a_verdict_becomes_is_a_clause(said: tuple[str, str | None, str | None], told: str) -> None:
    """One clause for each kind of change."""
    outcome, code, target = said
    assert becomes(Outcome(outcome), Code(code) if code else None, target, "prompt") == told


def test_a_question_is_asked_as_people_ask_it() -> None:
    """A word of a choice, a number with its unit, and a flag as a question."""
    assert tell_us("error_cost", "high", "x") == "Tell us the error cost: if it is high, x."
    assert tell_us("latency_budget_ms", 30, "x") == "Tell us the latency budget: if it is 30 ms, x."
    assert tell_us("determinism", "yes", "x") == "Tell us the determinism that is demanded: if it is yes, x."
    assert tell_us("volume", "high", "x") == "Tell us the volume: if it is high, x."
    assert tell_us("private_data", True, "x") == "Tell us: does it need knowledge the model lacks? If yes, x."  # noqa: FBT003 (the answer itself)
