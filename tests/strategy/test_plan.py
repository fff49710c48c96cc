"""A plan is filled from the feature's own facts, for every target."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from reports.plan import plan_issue, plan_markdown, plan_title
from strategy.facts import Retirement, Snapshot
from strategy.judge import judge
from strategy.kinds import Strategy
from strategy.money import dollars
from strategy.plan import Plan, plan_of
from strategy.verdict import document
from tests.strategy.made import CHEAP, FREE_TEXT, LABELS, LUNA, POLICY, feature, mix, proven, score, snapshot


def planned(of: Snapshot, target: str, learnt: tuple[Decimal, int] | None = None) -> Plan:
    """The plan by the verdict on a snapshot."""
    return plan_of(of, document(judge(of, POLICY)), target, POLICY, learnt)


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("code", "unit tests"),
        ("embed", "openai/text-embedding-3-small"),
        ("distill", "open-weights model"),
        ("distill:own", "open-weights model"),
        ("distill:hosted", "no new training is taken after 2027-01-06"),
        ("hybrid", "code is to answer 20% of 100,000 calls a day"),
        ("hybrid:rag", "2000 tokens more in each of 100,000 calls a day"),
        ("prompt:cheaper_model", "the cheaper model"),
        ("prompt:tuned", "25% of the input"),
    ],
)
def test_each_target_has_steps_of_its_own(target: str, says: str) -> None:
    """They name the feature's own model, volume and command."""
    made = snapshot(
        feature(replace(LABELS, code_share=Decimal("0.2"))),
        scores=proven("embed"),
        carries=(mix(2_800_000, cached=200),),
    )
    steps = " ".join(planned(made, target).steps)
    assert says in steps
    assert "100,000 calls a day" in steps
    assert "`offramp alerts finish ticket-triage`" in steps


def test_back_to_prompting_names_what_is_switched_off() -> None:
    """The model of the way back, and what runs beside the calls today."""
    made = snapshot(feature(strategy=Strategy.DISTILL), carries=())
    plan = planned(made, "prompt")
    assert "Write a plain prompt for openai/gpt-6-luna, with what distill does today" in plan.steps[0]
    assert "a month" in plan.steps[2]


def test_the_eval_is_the_baseline_then_the_gate_then_the_target() -> None:
    """With numbers, evaluators and the number of cases; and whether it passed."""
    passed = planned(snapshot(feature(LABELS), scores=proven("embed")), "embed").eval
    assert passed[0] == "Baseline: accuracy 0.920 on 4,000 cases by judge 2, 2026-07-01."
    assert passed[1].startswith("The target must prove 0.9")
    assert passed[2].startswith("Scored so far: accuracy 0.930 on 4,000 cases by judge 2, 2026-07-01; at least 0.9")
    weak = (score("prompt", "0.92"), score("embed", "0.80", n=200))
    assert planned(snapshot(feature(LABELS), scores=weak), "embed").eval[2].endswith("which does not pass.")
    half = planned(snapshot(feature(LABELS), scores=(score("prompt", "0.92"),)), "embed").eval
    assert "cases would settle it" in half[2]
    odd = planned(snapshot(feature(LABELS), scores=(score("prompt", "42"),)), "embed").eval
    assert [line.partition(":")[0] for line in odd] == ["Baseline", "The target has not been scored yet."]
    none = planned(snapshot(feature(LABELS)), "embed").eval
    assert none == ("First the baseline: nobody has scored prompt yet, and without it nothing compares.",)


def test_data_is_what_there_is_and_what_it_takes() -> None:
    """Examples with their number and diversity, and the traffic to sample from."""
    plan = planned(snapshot(feature(LABELS)), "embed")
    assert plan.data == (
        "Labelled examples: 1,200, diverse; 200 are the least that is of use.",
        f"Traffic to sample from: 2,800,000 calls in 28 days, on {LUNA}.",
    )
    bare = planned(snapshot(feature(replace(FREE_TEXT, labelled_examples=None, examples_diverse=None))), "code")
    assert bare.data[0].startswith("Labelled examples: unknown, of unknown diversity")
    assert "cases of the eval" in bare.steps[1]


def test_what_to_expect_has_a_range_a_record_and_a_date() -> None:
    """The learnt factor is shown as such; a date that forces it is told."""
    made = snapshot(feature(LABELS), scores=proven("embed"))
    told = document(judge(made, POLICY)) | {"due_by": date(2027, 1, 14).isoformat()}
    expected = plan_of(made, told, "embed", POLICY, (Decimal("0.80"), 2)).expected
    assert "10th and 90th percentile" in expected[0]
    assert expected[1].startswith("Cost of moving: $6,000.00, repaid after ")
    money: Any = told["money"]
    saving, low, high = (Decimal(side["saving_usd_month"]) for side in (money, money["low"], money["high"]))
    ends = sorted((low * Decimal("0.8"), high * Decimal("0.8")))
    assert expected[2] == (
        f"By the record (embed, 2 finished) a promise is worth 80%: {dollars(saving * Decimal('0.8'))} a month here, "
        f"between {dollars(ends[0])} and {dollars(ends[1])} (10th and 90th percentile)."
    )
    assert expected[3] == "To be decided by 2027-01-14."


def test_nothing_is_built_on_a_model_that_is_about_to_end() -> None:
    """Within the notice the plan names the vendor's successor for what falls through and for the way back."""
    made = snapshot(feature(LABELS), scores=proven("embed"))
    soon = made.as_of.date() + timedelta(days=30)
    ends = replace(made, retirements=(Retirement(model=LUNA, on=soon, replacement=CHEAP, source="x"),))
    plan = planned(ends, "embed")
    successor = f"{CHEAP} ({LUNA} stops answering on {soon})"
    assert plan.steps[2] == (
        f"Choose the confidence below which a request still goes to {successor}; log which ones do."
    )
    assert plan.roll_back[0].startswith(f"Keep prompt on {successor} deployed behind the flag")
    unnamed = replace(ends, retirements=(Retirement(model=LUNA, on=soon, source="x"),))
    assert "goes to a model that lasts (" in planned(unnamed, "embed").steps[2]
    far = replace(ends, retirements=(Retirement(model=LUNA, on=soon.replace(year=soon.year + 2), source="x"),))
    assert f"goes to {LUNA};" in planned(far, "embed").steps[2]


def test_a_possible_loss_is_said_beside_the_range() -> None:
    """Where the high cost of the target exceeds today's least; the saving itself never goes below nothing."""
    made = snapshot(feature(LABELS), scores=proven("embed"))
    told: Any = document(judge(made, POLICY))
    money = told["money"]
    assert "At worst" not in plan_of(made, told, "embed", POLICY).expected[0]
    high = money["high"] | {"monthly_usd": money["high"]["monthly_usd"] | {"embed": "14280.00"}}
    dear = told | {"money": money | {"high": high}}
    assert (
        plan_of(made, dear, "embed", POLICY)
        .expected[0]
        .endswith(" At worst it costs $10,800.00 a month more than today.")
    )


def test_what_is_unknown_is_said() -> None:
    """No traffic, no prices, no names: the plan still stands, and guesses nothing."""
    unnamed = score("prompt", "0.92", n=None, evaluator=None, evaluator_version=None)
    made = snapshot(feature(LABELS), calls=[], carries=(), prices=(), scores=(unnamed,))
    plan = planned(made, "hybrid", (Decimal(1), 1))
    text = plan_markdown(plan)
    assert "an undeclared share of an unknown number of calls a day" in text
    assert "on an unknown number of cases by an unnamed evaluator" in text
    assert "Saving: unknown a month, its range is unknown." in text
    assert "a promise is worth 100%.\n" in text
    assert "none of the input of its model is cached" in " ".join(planned(made, "prompt:tuned").steps)


def test_the_plan_as_markdown_and_as_an_issue() -> None:
    """One heading with every part below it; the issue has a title line and steps to tick off."""
    plan = planned(snapshot(feature(LABELS), scores=proven("embed")), "embed")
    text = plan_markdown(plan)
    assert text.startswith("# Move Ticket triage from prompt to embed\n\n- Effort: medium (10 engineer-days).\n")
    heads = [line for line in text.splitlines() if line.startswith("## ")]
    assert heads == ["## Steps", "## Data", "## The eval that must pass", "## The way back", "## Expected"]
    assert "\n1. Split the 1,200 labelled examples" in text
    title, blank, *body = plan_issue(plan).splitlines()
    assert (title, blank) == (plan_title(plan), "")
    assert sum(line.startswith("- [ ] ") for line in body) == len(plan.steps)
