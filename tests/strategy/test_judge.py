"""The verdict: each strategy's, each reason to wait, and what a price does to it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from strategy.cost import models_needed
from strategy.facts import Retirement, Snapshot, Usage
from strategy.judge import judge
from strategy.kinds import Code, Outcome, PriceKind, Strategy
from strategy.profile import CostOverride, Feature, Quality, TaskProfile
from strategy.verdict import Verdict, document
from tests.strategy.made import (
    BEFORE_CUT,
    CUT,
    DISTILL_COSTS,
    EMBEDDER,
    FREE_TEXT,
    FUNCTION,
    LABELS,
    LUNA,
    POLICY,
    PRICES,
    days,
    feature,
    mix,
    price,
    proven,
    score,
    snapshot,
)

DISTILLABLE = feature(costs=DISTILL_COSTS)


def verdict(of: Snapshot) -> Verdict:
    """The verdict of a snapshot under the rules in force."""
    return judge(of, POLICY)


def told(of: Snapshot) -> tuple[str, str | None, str | None]:
    """Outcome, code and target."""
    said = verdict(of)
    return said.outcome, said.code, said.target


def test_a_price_cut_makes_distilling_pointless() -> None:
    """100,000 calls a day of 800 in and 60 out: $3,480 a month before the cut, $696 after; distilled $1,500."""
    before = verdict(snapshot(DISTILLABLE, scores=proven("distill")))
    after = verdict(snapshot(DISTILLABLE, at=CUT, scores=proven("distill")))
    assert (before.outcome, before.target, before.saving_usd_month) == (Outcome.DUE, "distill", Decimal(1980))
    assert document(before)["money"]["monthly_usd"]["prompt"] == "3480.00"  # type: ignore[index]  # a JSON document
    assert document(after)["money"]["monthly_usd"]["prompt"] == "696.00"  # type: ignore[index]  # a JSON document
    assert (after.outcome, after.code, after.target, after.saving_usd_month) == (Outcome.STAY, None, None, None)
    assert before.headline == (
        "Move Ticket triage from prompt to distill: saves $1,980.00 a month, pays back in 81 days."
    )
    assert after.headline == (
        "Keep Ticket triage on prompt: nothing else that fits the task is worth its one-off cost."
    )
    assert "Distill would cost $1,500.00 a month, which is no less." in after.reasons


def served(now: Strategy, task: TaskProfile = FREE_TEXT, **changes: object) -> Feature:
    """The feature on another strategy than a prompt."""
    return feature(task, strategy=now, **changes)


DUE = {
    "code": snapshot(feature(FUNCTION)),
    "embed": snapshot(feature(LABELS), scores=proven("embed")),
    "distill": snapshot(DISTILLABLE, scores=proven("distill")),
    "distill:own": snapshot(calls=400_000, scores=proven("distill:own")),
    "hybrid": snapshot(
        feature(replace(FREE_TEXT, labelled_examples=50, code_share=Decimal("0.6"))), scores=(score("prompt", "0.92"),)
    ),
    "prompt": snapshot(
        served(Strategy.DISTILL), calls=2000, carries=(mix(56_000, None),), scores=proven("prompt", "distill")
    ),
}


@pytest.mark.parametrize("target", DUE)
def test_every_strategy_can_be_due(target: str) -> None:
    """Each target once, with a saving between nothing and today's spend and a sentence that names it."""
    said = verdict(DUE[target])
    assert (said.outcome, said.target) == (Outcome.DUE, target)
    assert said.saving_usd_month is not None
    present = dict(said.money.base.monthly_usd)[said.now]
    assert present is not None
    assert 0 < said.saving_usd_month <= present
    assert said.confidence is not None
    assert target.partition(":")[0] in said.headline


def test_going_back_to_prompting_is_priced_on_a_named_model() -> None:
    """2,000 calls a day on own weights cost a GPU; on gpt-6-luna 800 in and 60 out cost $6.60 a month."""
    monthly = dict(verdict(DUE["prompt"]).money.base.monthly_usd)
    assert monthly[Strategy.PROMPT] == Decimal("6.6")
    assert monthly[Strategy.DISTILL] == 1044 + 600 + Decimal("0.7") * 3500 / 12


def test_the_models_a_snapshot_needs_prices_of_are_told() -> None:
    """Those the candidates would use, and the feature's own."""
    candidates = ("openai/ft:gpt-4o-mini", "openai/gpt-4o-mini", "openai/gpt-6-luna", EMBEDDER)
    assert models_needed(feature(), POLICY) == candidates
    assert models_needed(feature(model=LUNA), POLICY) == tuple(sorted((*candidates, LUNA)))


LITTLE_TIME = replace(FREE_TEXT, days_to_production=5)
HELD = {
    "no baseline": (snapshot(DISTILLABLE), Outcome.BLOCKED, Code.NO_BASELINE),
    "no eval of the target": (snapshot(DISTILLABLE, scores=(score("prompt", "0.92"),)), Outcome.WATCH, Code.NEEDS_EVAL),
    "an eval too small": (
        snapshot(DISTILLABLE, scores=(score("prompt", "0.92"), score("distill", "0.92", 100))),
        Outcome.WATCH,
        Code.NEEDS_EVAL,
    ),
    "a bad eval": (
        snapshot(DISTILLABLE, scores=(score("prompt", "0.92"), score("distill", "0.80"))),
        Outcome.BLOCKED,
        Code.QUALITY,
    ),
    "a bad teacher": (
        snapshot(
            feature(costs=DISTILL_COSTS, quality=Quality(metric="accuracy", floor=Decimal("0.95"))),
            scores=(score("prompt", "0.9"),),
        ),
        Outcome.BLOCKED,
        Code.TEACHER,
    ),
    "few labels": (
        snapshot(feature(replace(FREE_TEXT, labelled_examples=40), costs=DISTILL_COSTS)),
        Outcome.BLOCKED,
        Code.DATA,
    ),
    "uniform examples": (
        snapshot(feature(replace(FREE_TEXT, examples_diverse=False), costs=DISTILL_COSTS)),
        Outcome.BLOCKED,
        Code.DATA,
    ),
    "little time": (
        snapshot(feature(LITTLE_TIME, costs=DISTILL_COSTS), scores=proven("distill")),
        Outcome.BLOCKED,
        Code.DEADLINE,
    ),
    "an open question": (
        snapshot(feature(replace(FREE_TEXT, labelled_examples=None), costs=DISTILL_COSTS)),
        Outcome.WATCH,
        Code.UNMEASURED,
    ),
}


@pytest.mark.parametrize("why", HELD)
def test_what_stands_in_the_way_is_named_with_what_it_is_worth(why: str) -> None:
    """Nothing is due without data, time, a baseline and a passed eval; the saving is still told."""
    of, outcome, code = HELD[why]
    said = verdict(of)
    assert (said.outcome, said.code, said.target) == (outcome, code, "distill")
    assert said.saving_usd_month == 1980
    assert said.headline.startswith("Moving Ticket triage to distill would save $1,980.00 a month, but ")
    assert said.confidence is None


def test_a_passed_eval_settles_an_unanswered_gate() -> None:
    """Nobody said how many labels there are, but the student trained on them passed."""
    unknown = feature(replace(FREE_TEXT, labelled_examples=None), costs=DISTILL_COSTS)
    assert told(snapshot(unknown, scores=proven("distill"))) == ("due", None, "distill")


def test_what_is_missing_is_a_list_of_questions() -> None:
    """Fields as the form asks for them, and the eval with its number of items."""
    unknown = verdict(snapshot(feature(TaskProfile(), exit_note=None)))
    assert (unknown.outcome, unknown.code) == (Outcome.WATCH, Code.UNMEASURED)
    assert unknown.missing[0].startswith("determinism: Must the same input always give the same output? (if mostly: ")
    assert any(line.startswith("exit_note: ") for line in unknown.missing)
    wanted = verdict(HELD["no eval of the target"][0]).missing[0]
    assert wanted.startswith(
        "eval: score distill on 1,546 items with the same metric and evaluator; a pass would save "
    )
    assert verdict(HELD["no baseline"][0]).missing[0].startswith("eval: score today's answers")
    hopeless = feature(costs=DISTILL_COSTS, quality=Quality(margin=Decimal(0)), exit_note="At 1M a day.")
    first, second = verdict(snapshot(hopeless, scores=(score("prompt", "0.92"),))).missing
    assert first.startswith(
        "eval: score distill with the same metric, evaluator and version, and say on how many items; a pass would save "
    )
    assert second.startswith("code_share: Which share of the calls could code answer alone? (if 0.5: due hybrid; worth")


def test_a_cold_start_says_so() -> None:
    """A week of traffic is too little, however large."""
    said = verdict(snapshot(DISTILLABLE, calls=[100_000] * 7, scores=proven("distill")))
    assert (said.outcome, said.code, said.target, said.flip_points) == (Outcome.WATCH, Code.COLD_START, None, ())
    assert said.headline == "Too early to judge Ticket triage: 7 days and 700,000 calls seen so far."
    assert said.missing[0].startswith("traffic: ")
    empty = verdict(replace(snapshot(), usage=Usage()))
    assert (empty.code, dict(empty.bands)) == (Code.COLD_START, {"seed000": None, "seed001": None, "seed002": None})


def test_an_unpriced_model_makes_the_cost_unknown_and_not_zero() -> None:
    """No price: no money anywhere, a watch, and the model is named."""
    said = verdict(snapshot(prices=()))
    assert (said.outcome, said.code, said.target) == (Outcome.WATCH, Code.UNMEASURED, None)
    assert dict(said.money.base.monthly_usd)[Strategy.PROMPT] is None
    assert said.missing[0] == f"price: none in force for {LUNA}"
    assert said.headline == "What Ticket triage costs is not known, so nothing can be said of leaving prompt."
    silent = verdict(snapshot(carries=()))
    assert silent.missing[0] == "traffic: no calls with token counts"


def test_a_few_unpriced_calls_cost_the_average() -> None:
    """With 95 % priced the rest is taken as alike; with 50 % the cost is unknown."""
    most = snapshot(carries=(mix(95), mix(5, None)))
    assert dict(verdict(most).money.base.monthly_usd)[Strategy.PROMPT] == 3480
    half = snapshot(carries=(mix(50), mix(50, None)))
    assert dict(verdict(half).money.base.monthly_usd)[Strategy.PROMPT] is None


def test_the_simpler_of_two_nearly_equal_targets_is_taken() -> None:
    """Code and embed both save nearly all; code is simpler (seed 000: default to the simplest)."""
    both = feature(replace(LABELS, determinism="mostly", code_share=Decimal("0.99")), costs=())
    said = verdict(snapshot(both, calls=1_000_000, scores=proven("embed")))
    assert said.target == "embed"
    assert (
        told(snapshot(feature(replace(FUNCTION, output_space="label", labelled_examples=900, error_cost="low"))))[2]
        == "code"
    )


def test_a_hosted_fine_tune_is_offered_while_it_lives() -> None:
    """Cheaper than own weights at low volume; not after training closed, nor on a base about to die."""
    hosted = (
        *PRICES,
        price("openai/ft:gpt-4o-mini", PriceKind.INPUT, "0.30"),
        price("openai/ft:gpt-4o-mini", PriceKind.OUTPUT, "1.20"),
    )
    scores = proven("distill")
    quick = feature(costs=((Strategy.PROMPT, CostOverride(usd_per_call=Decimal("0.002"))),))
    assert told(snapshot(quick, scores=scores, prices=hosted)) == ("due", None, "distill:hosted")
    dying = (Retirement(model="openai/gpt-4o-mini", on=date(2027, 1, 14)),)
    assert told(snapshot(quick, scores=scores, prices=hosted, retirements=dying))[2] != "distill:hosted"
    closed = snapshot(at=datetime(2027, 1, 6, tzinfo=UTC), scores=scores, prices=hosted)
    assert dict(verdict(closed).money.base.one_off_usd)[Strategy.DISTILL] == 15_500
    assert verdict(closed).outcome is Outcome.STAY


def test_what_serves_today_without_a_price_is_taken_as_the_constants_say() -> None:
    """Own weights have no price line: a GPU and its upkeep; code costs nothing and stays."""
    coded = verdict(snapshot(served(Strategy.CODE, FUNCTION), carries=()))
    assert (coded.outcome, dict(coded.money.base.monthly_usd)[Strategy.CODE]) == (Outcome.STAY, Decimal(0))
    student = verdict(snapshot(served(Strategy.DISTILL), calls=150_000, carries=()))
    assert student.code is Code.UNMEASURED
    embedded = verdict(snapshot(served(Strategy.EMBED, LABELS), carries=(mix(28, EMBEDDER, tokens=(100, 0)),)))
    assert dict(embedded.money.base.monthly_usd)[Strategy.PROMPT] is None
    assert embedded.outcome is Outcome.STAY


def test_a_student_that_pays_keeps_its_gate_open() -> None:
    """At 1M calls a day going back to prompting costs more, so the third question is still yes."""
    luna = served(Strategy.DISTILL, model=LUNA)
    student = verdict(snapshot(luna, calls=1_000_000, carries=(mix(28_000_000, None),)))
    assert student.outcome is Outcome.STAY
    assert student.gates[2].value is True


def test_a_matrix_that_rules_everything_out_leaves_nothing_to_weigh() -> None:
    """An error cost no model may carry, and input that no rule covers."""
    none = verdict(snapshot(feature(replace(FREE_TEXT, error_cost="high"))))
    assert (none.outcome, none.breakeven_calls_per_day) == (Outcome.STAY, None)
    assert [flip.input for flip in none.flip_points] == []


def test_traffic_that_ended_long_ago_is_a_cold_start() -> None:
    """Days older than the window say nothing of today."""
    old = snapshot(DISTILLABLE, scores=proven("distill"))
    gone = replace(old, usage=replace(old.usage, days=days(100_000, date(2026, 6, 1))))
    assert told(gone)[1] == "cold_start"
    assert BEFORE_CUT.date() == date(2026, 7, 29)
