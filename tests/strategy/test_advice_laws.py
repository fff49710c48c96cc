"""Laws of advice: what must hold for every description, whatever the seeds say of it."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from strategy.advice import Advice, advice_document, advise, read_described
from strategy.advice.decide import decide
from strategy.advice.described import NAMES, POLICIES, Takes
from strategy.advice.stated import read
from strategy.fields import TASK_FIELDS, TASK_FIELDS_BY_NAME, FieldKind
from strategy.kinds import Code, Outcome
from tests.strategy.made import POLICY

AS_OF = datetime(2026, 11, 22, tzinfo=UTC)
BLOCKED = {Code.DATA, Code.TEACHER, Code.NO_BASELINE, Code.QUALITY, Code.DEADLINE}
OPTIONS = ["prompt", "hybrid", "distill", "embed", "code", "prompt:sonnet", "hybrid:rag"]
COUNTS = {
    "calls_per_day": [0, 50, 5000, 15000, 50000, 300000, 2000000, 50000000],
    "age_days": [3, 400],
    "prompt_chain_steps": [1, 5],
    "prompt_tokens": [400, 3000],
    "ft_tokens": [400, 3000],
}


TAKEN: dict[Takes, st.SearchStrategy[Any]] = {
    Takes.FLAG: st.booleans(),
    Takes.COUNT: st.sampled_from([100, 1000000, 2000000000]),
    Takes.SCORE: st.sampled_from([0.02, 0.8, 0.9, 0.95]),
    Takes.RANGE: st.sampled_from([[200, 2000], [50, 100], [20000, 400000]]),
    Takes.YEARLY: st.dictionaries(st.sampled_from(OPTIONS), st.sampled_from([900, 9000, 90000, 900000])),
    Takes.OPTION: st.sampled_from(OPTIONS),
    Takes.TEXT: st.text(max_size=20),
}
ASKED: dict[FieldKind, st.SearchStrategy[Any]] = {
    FieldKind.WHOLE: st.sampled_from([0, 5, 30, 199, 200, 700, 3000]),
    FieldKind.SHARE: st.sampled_from([0, 0.3, 0.8, 0.95, 1]),
    FieldKind.FLAG: st.booleans(),
}


def values(name: str) -> st.SearchStrategy[Any]:
    """Values that a name may take."""
    if name in COUNTS:
        return st.sampled_from(COUNTS[name])
    if name in NAMES:
        spec = NAMES[name]
        return st.sampled_from(spec.allowed) if spec.allowed else TAKEN[spec.takes]
    field = TASK_FIELDS_BY_NAME[name]
    if field.kind is FieldKind.CHOICES:
        return st.lists(st.sampled_from(field.allowed), unique=True)
    return st.sampled_from(field.allowed) if field.kind is FieldKind.CHOICE else ASKED[field.kind]


PERIODS = {"calls_per_month", "calls_per_year", "total_calls"}
ALL = [*NAMES, *(spec.name for spec in TASK_FIELDS)]


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, Any]:
    """Profiles of a few names in some order."""
    names = draw(st.lists(st.sampled_from(ALL), unique=True, max_size=9))
    return {name: draw(values(name)) for name in names}


def told(profile: dict[str, Any]) -> Advice:
    """The advice on a profile."""
    described, errors = read_described(profile)
    assert described is not None, errors
    return advise(described, POLICY, id="x", voice="breakeven", as_of=AS_OF)


def answer(profile: dict[str, Any]) -> tuple[str, Outcome, Code | None]:
    """What is compared: strategy, verdict, code."""
    described, errors = read_described(profile)
    assert described is not None, errors
    decision = decide(read(described, described.policy or "breakeven", POLICY))
    return decision.strategy, decision.outcome, decision.code


@settings(max_examples=150)
@given(profiles())
def test_every_advice_is_well_formed(profile: dict[str, Any]) -> None:
    """Due has a target, blocked a code that blocks, stay none; where it stays, the present strategy is named."""
    advice = told(profile)
    verdict, now = advice.verdict, str(profile.get("current", "prompt"))
    match verdict.outcome:
        case Outcome.DUE:
            assert verdict.code is None
            assert advice.strategy == verdict.target
            assert advice.strategy != now
        case Outcome.BLOCKED:
            assert verdict.code in BLOCKED
            assert verdict.target is not None
        case Outcome.WATCH:
            assert verdict.code not in BLOCKED
            assert advice.strategy.partition(":")[0] == verdict.now
        case _:
            assert verdict.code is None
            assert advice.strategy.partition(":")[0] == verdict.now
    assert [gate.gate for gate in verdict.gates] == list(POLICY.gates)
    assert all(verdict.reasons)
    assert advice_document(advice)["strategy"] == advice.strategy


@settings(max_examples=50)
@given(profiles(), st.text(max_size=40))
def test_free_text_never_decides(profile: dict[str, Any], text: str) -> None:
    """Task, what a team says and what it asks change nothing, not even the name of what was judged."""
    bare = {name: value for name, value in profile.items() if name not in {"task", "team_says", "asks"}}
    spoken = {**bare, "task": text, "team_says": text, "asks": text}
    assert advice_document(told(bare)) == advice_document(told(spoken))


@settings(max_examples=50)
@given(profiles(), st.randoms(use_true_random=False), st.sampled_from(ALL))
def test_order_and_silence_are_neutral(profile: dict[str, Any], random: Any, name: str) -> None:  # noqa: ANN401 (hypothesis' own type)
    """The order of names, and a name given as null, change nothing."""
    names = list(profile)
    random.shuffle(names)
    shuffled = {each: profile[each] for each in names}
    assert advice_document(told(profile)) == advice_document(told(shuffled))
    if name not in profile:
        assert advice_document(told(profile)) == advice_document(told({**profile, name: None}))


@settings(max_examples=300)
@given(profiles())
def test_what_is_not_spoken_of_counts_as_met(profile: dict[str, Any]) -> None:
    """Labels, diversity, a curated set and a baseline, once stated to be there, change no answer."""
    met = {"labelled_examples": 5000, "examples_diverse": True, "curated_dataset": True, "baseline_eval": True}
    spoken = {**met, **profile}
    if "examples" in profile:
        del spoken["examples"], profile["examples"]
    assert answer(spoken) == answer(profile)


@settings(max_examples=300)
@given(profiles(), st.sampled_from([{"labelled_examples": 20}, {"examples_diverse": False}, {"baseline_eval": False}]))
def test_a_missing_prerequisite_is_never_ignored(profile: dict[str, Any], lack: dict[str, Any]) -> None:
    """What is due to be trained is not due without its data or its baseline; it is named, or the next best is said."""
    before, after = answer(profile), answer({**profile, **lack})
    if before[1] is Outcome.DUE and before[0] in {"embed", "distill"}:
        assert after[:2] != before[:2]
        if after[1] is Outcome.BLOCKED:
            assert after[2] in BLOCKED
    if before[1] is Outcome.DUE and before[0] == "code":
        assert after == before


@settings(max_examples=300)
@given(profiles(), st.sampled_from([0, 20, 199, 250]), st.sampled_from([200, 900, 50000]))
def test_more_labels_never_block_for_data(profile: dict[str, Any], few: int, many: int) -> None:
    """Where so many labels suffice, more of them suffice too."""
    before = answer({**profile, "labelled_examples": few})
    after = answer({**profile, "labelled_examples": max(few, many)})
    assert (
        after[2] is not Code.DATA
        or before[2] is Code.DATA
        or profile.get("examples_diverse") is False
        or (profile.get("curated_dataset") is False)
    )


@settings(max_examples=300)
@given(profiles(), st.sampled_from(POLICIES))
def test_more_calls_never_speak_against_training(profile: dict[str, Any], policy: str) -> None:
    """What is due to be trained at low volume is so at high volume, under every policy."""
    bare = {name: value for name, value in profile.items() if not name.startswith(("calls_", "total_"))}
    low = answer({**bare, "policy": policy, "calls_per_day": 500})
    high = answer({**bare, "policy": policy, "calls_per_day": 50000000})
    if low[1] is Outcome.DUE and low[0] == "distill":
        assert high[0].startswith(("distill", "prompt:"))
        assert high[1] is Outcome.DUE


@given(profiles())
def test_a_hold_never_ends_in_training(profile: dict[str, Any]) -> None:
    """What must change often, or switch models, is never told to train."""
    for hold in ({"change_frequency": "high"}, {"must_switch_models": True}):
        found = answer({**profile, **hold})
        assert not (found[1] is Outcome.DUE and found[0] in {"embed", "distill"})


@settings(max_examples=100)
@given(profiles(), st.sampled_from([700, 9999, 20000, 90000, 400000, 6000000]))
def test_the_advice_turns_where_it_says(profile: dict[str, Any], calls: int) -> None:
    """At a turning point the advice is the one that is named, and one call short of it still the same."""
    stated = {name: value for name, value in profile.items() if name not in {"cost_per_year", *PERIODS}}
    found = told({**stated, "calls_per_day": calls})
    for turn in found.verdict.flip_points:
        short = turn.at - (1 if turn.at > turn.now else -1)
        assert answer({**stated, "calls_per_day": turn.at})[1] is turn.outcome
        before = answer({**stated, "calls_per_day": short})
        assert before[:2] == (found.strategy, found.verdict.outcome)


@given(profiles())
def test_the_same_description_gives_the_same_bytes(profile: dict[str, Any]) -> None:
    """Judged twice, at any time: the same but for the day it was asked."""
    described, _ = read_described(profile)
    assert described is not None
    later = advise(described, POLICY, id="x", voice="breakeven", as_of=datetime(2027, 1, 1, tzinfo=UTC))
    first = told(profile)
    assert replace(later, verdict=replace(later.verdict, as_of=AS_OF)) == first


@given(st.sampled_from([900, 9000, 90000]), st.sampled_from([900, 9000, 90000]), st.sampled_from([0, 100, 1000000]))
def test_no_saving_above_the_spend(present: int, target: int, once: int) -> None:
    """0 ≤ saving ≤ present spend, and a move that never repays its cost is not due."""
    profile = {
        "output_space": "label",
        "cost_per_year": {"prompt": present, "embed": target},
        "migration_cost": [once, once],
    }
    money = told(profile).verdict.money.base
    spared = money.saving_usd_month
    assert spared is None or 0 <= spared <= Decimal(present) / 12
    if target >= present:
        assert answer(profile)[1] is not Outcome.DUE
