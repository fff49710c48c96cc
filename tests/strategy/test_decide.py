"""Each option tested on evidence, chance and worth, and ranked by what it is worth after the risk of a breach."""

from dataclasses import replace

from offramp.policy import load_policy
from strategy.decide import Situation, appraise
from strategy.forecast import Forecast
from strategy.npv import Option, Stakes
from strategy.paired import Belief
from strategy.terms import terms_of

TERMS = terms_of(load_policy())
PROMPT = Option(name="prompt", usd_per_call=0.004, usd_per_year=1500, one_off_usd=900, lead_days=2)
EMBED = Option(
    name="embed",
    usd_per_call=0.0001,
    usd_per_year=3000,
    one_off_usd=5000,
    lead_days=7,
    belief=Belief(((1.0, 0.0, 0.01),)),
)
CASE = Situation(
    present=PROMPT,
    options=(PROMPT, EMBED),
    proven=frozenset({"embed"}),
    forecast=Forecast(30_000, 0.0, 0.001, 28, 56),
    stakes=Stakes(0.01, 0.03),
)


def test_a_proven_and_profitable_option_passes() -> None:
    """117 USD a day against 5,000 once; the present strategy is not an option to move to."""
    (found,) = appraise(CASE, TERMS)
    assert (found.name, found.passes, found.holds, found.hindrance) == ("embed", True, True, None)
    assert found.positive > 0.9
    assert found.sure > 0.99
    assert 0.9 < found.confidence <= found.positive
    assert 25_000 < found.npv < 45_000


def test_what_keeps_an_option_back_is_named() -> None:
    """No paired eval, an eval that does not settle it, or money."""
    (unproven,) = appraise(replace(CASE, proven=frozenset()), TERMS)
    assert (unproven.passes, unproven.holds, unproven.hindrance) == (False, False, "no_baseline")
    unsure = replace(EMBED, belief=Belief(((1.0, -0.025, 0.02),)))
    (doubtful,) = appraise(replace(CASE, options=(PROMPT, unsure)), TERMS)
    assert (doubtful.passes, doubtful.holds, doubtful.hindrance) == (False, True, "needs_eval")
    (small,) = appraise(replace(CASE, forecast=Forecast(1_000, 0.0, 0.001, 28, 56)), TERMS)
    assert (small.passes, small.holds, small.hindrance) == (False, False, "worth")


def test_a_cold_feature_is_not_appraised() -> None:
    """Too few days: nothing is said of any option."""
    assert appraise(replace(CASE, forecast=Forecast(30_000, 0.0, 0.006, 6, 6)), TERMS) == ()


def test_a_surer_option_goes_before_a_slightly_better_one() -> None:
    """A chance of breaking the margin is priced by the gain at stake."""
    risky = replace(EMBED, name="distill", usd_per_call=0.0, belief=Belief(((1.0, -0.018, 0.012),)))
    both = replace(CASE, options=(risky, EMBED), proven=frozenset({"embed", "distill"}), stakes=Stakes(0.0, 0.03))
    first, second = appraise(both, TERMS)
    assert (first.name, second.name) == ("embed", "distill")
    assert second.npv > first.npv
