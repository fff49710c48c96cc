"""What a migration asks of people, and the options a feature has."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from strategy.facts import Retirement
from strategy.judge import judge
from strategy.kinds import PriceKind, Strategy
from strategy.migration import asks_of, options_of
from strategy.profile import CostOverride
from strategy.verdict import document
from tests.strategy.made import FREE_TEXT, LABELS, LUNA, POLICY, PRICES, feature, mix, price, proven, snapshot


@pytest.mark.parametrize(
    ("days", "word"), [("1", "very low"), ("5", "low"), ("15", "medium"), ("40", "high"), ("41", "very high")]
)
def test_effort_is_a_word_and_a_number(days: str, word: str) -> None:
    """By the owner's own engineer-days."""
    own = feature(LABELS, costs=((Strategy.EMBED, CostOverride(engineer_days=Decimal(days))),))
    asks = asks_of(snapshot(own), "embed", POLICY)
    assert (asks.effort, asks.engineer_days) == (word, Decimal(days))


def test_without_the_owners_figure_the_constant_counts() -> None:
    """25 engineer-days for distilling is a high effort."""
    asks = asks_of(snapshot(), "distill:own", POLICY)
    assert (asks.effort, asks.engineer_days) == ("high", Decimal(25))
    assert asks_of(snapshot(), "hybrid:rag", POLICY).engineer_days == Decimal(12)


@pytest.mark.parametrize(
    ("cost", "proved", "risk"),
    [
        ("low", True, "low"),
        ("low", False, "medium"),
        ("medium", True, "medium"),
        ("high", False, "high"),
        (None, True, "medium"),
    ],
)
def test_risk_is_what_an_error_costs_and_whether_quality_is_proven(
    cost: str | None, risk: str, *, proved: bool
) -> None:
    """One step more without an eval of the target."""
    made = snapshot(feature(replace(LABELS, error_cost=cost)), scores=proven("embed") if proved else ())
    asks = asks_of(made, "embed", POLICY)
    assert asks.risk == risk
    assert asks.risk_because.endswith("its quality is proven") is proved


def test_the_way_back_is_open_unless_a_vendor_closes_it() -> None:
    """A retiring model is a way back until its day; a hosted fine-tune is kept, but not trained again."""
    assert asks_of(snapshot(), "embed", POLICY).reversible == "yes"
    ends = (Retirement(model=LUNA, on=date(2027, 1, 14), source="x"),)
    told = asks_of(snapshot(retirements=ends), "embed", POLICY)
    assert (told.reversible, told.reversible_because) == ("until a date", f"{LUNA} stops answering on 2027-01-14")
    tuned = snapshot(feature(strategy=Strategy.DISTILL), carries=(mix(28_000, "openai/ft:gpt-4o-mini"),))
    assert asks_of(tuned, "prompt", POLICY).reversible == "partly"
    assert "only until then" in asks_of(tuned, "prompt", POLICY).reversible_because
    later = replace(tuned, as_of=tuned.as_of.replace(year=2028))
    assert "no longer" in asks_of(later, "prompt", POLICY).reversible_because


def test_at_most_three_options_with_one_recommended() -> None:
    """The verdict's target first; every option costs less than today and says what speaks against it."""
    made = snapshot(feature(replace(LABELS, code_share=Decimal("0.2"))), scores=proven("embed"))
    told = document(judge(made, POLICY))
    options = options_of(told, made, POLICY)
    assert told["target"] == "embed"
    assert [option.recommended for option in options].count(True) == 1
    assert sum(not option.target.startswith("prompt:") for option in options) == 3
    assert options[0].target == "embed"
    assert all(option.saving_usd_month > 0 for option in options)
    assert (options[0].in_the_way, options[0].waits_for) == ((), ())


def test_an_option_that_a_gate_rules_out_says_why() -> None:
    """The gate's own sentence; one that is only unanswered says what is not known, and what evidence it lacks."""
    made = snapshot(feature(replace(LABELS, determinism=None, input_space=None)))
    told = {each.target: each.waits_for for each in options_of(document(judge(made, POLICY)), made, POLICY)}
    assert told == {
        "embed": ("needs a score of today's answers",),
        "code": ("not known: determinism and input_space",),
        "distill": ("at today's volume and prices a distilled model does not pay back",),
    }
    free = snapshot(feature(FREE_TEXT), scores=proven("embed"))
    closed = {each.target: each.waits_for for each in options_of(document(judge(free, POLICY)), free, POLICY)}
    assert closed["embed"] == ("the output is free, neither a label nor an existing item",)


def test_the_cheap_alternatives_are_options_with_what_they_wait_for() -> None:
    """A cheaper model at its own price and effort waits for an eval; what asks for no eval waits for nothing."""
    dear = "openai/gpt-6-sol"
    kinds = {PriceKind.INPUT: "5", PriceKind.OUTPUT: "20", PriceKind.CACHED_INPUT: "0.5"}
    prices = (*PRICES, *(price(dear, kind, usd) for kind, usd in kinds.items()))
    made = snapshot(
        feature(LABELS), carries=(mix(2_800_000, dear, tokens=(2000, 60)),), prices=prices, scores=proven("embed")
    )
    found = {each.target: each for each in options_of(document(judge(made, POLICY)), made, POLICY)}
    assert found["prompt:cheaper_model"].waits_for == ("needs an eval",)
    assert found["prompt:cheaper_model"].in_the_way == ()
    # 3,000,000 calls of 2,000 tokens in and 60 out: $33,600 at $5/$20, $690 at $0.10/$0.50.
    assert found["prompt:cheaper_model"].saving_usd_month == Decimal(33_600 - 690)
    assert found["prompt:cheaper_model"].asks.engineer_days == POLICY.number("cheaper_model_engineer_days")
    assert found["prompt:tuned"].waits_for == ()
    trained = replace(made, feature=replace(made.feature, strategy=Strategy.DISTILL))
    assert not any(":" in each.target for each in options_of(document(judge(trained, POLICY)), trained, POLICY))


def test_what_would_cost_more_than_today_is_no_option() -> None:
    """At a hundred calls a day nothing but code is cheaper than the prompt."""
    made = snapshot(feature(LABELS), calls=100)
    assert [option.target for option in options_of(document(judge(made, POLICY)), made, POLICY)] == ["code"]


def test_without_a_price_there_is_no_alternative() -> None:
    """Where the owner says what a call costs and no price tells it, a cheaper prompt cannot be reckoned."""
    made = snapshot(feature(LABELS, costs=((Strategy.PROMPT, CostOverride(usd_per_call=Decimal("0.01"))),)), prices=())
    options = options_of(document(judge(made, POLICY)), made, POLICY)
    assert {option.target for option in options} == {"code", "distill:own"}


def test_without_money_there_is_no_option() -> None:
    """Where the present cost is unknown nothing is offered."""
    made = snapshot(prices=())
    assert options_of(document(judge(made, POLICY)), made, POLICY) == ()
