"""Each option tested on evidence, chance and worth, and ranked by what it is worth after the risk of a breach."""

from dataclasses import replace
from statistics import NormalDist

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


def test_a_feature_without_calls_is_not_moved() -> None:
    """It ended: a cheaper upkeep elsewhere saves nothing on what nobody runs."""
    idle = replace(CASE, present=EMBED, forecast=Forecast(0.0, 0.0, 0.006, 28, 56))
    assert appraise(idle, TERMS) == ()
    (quiet,) = appraise(replace(idle, forecast=Forecast(1.0, 0.0, 0.006, 28, 56)), TERMS)
    assert quiet.name == "prompt"


def test_a_small_part_of_the_gain_may_take_a_small_part_of_the_risk() -> None:
    """The same evidence lets an option pass that takes all there is to gain, not one that takes a third of it."""
    risk = (1.0 - TERMS.sure_quality) * 0.7
    belief = Belief(((1.0, -0.03 + 0.01 * NormalDist().inv_cdf(1.0 - risk), 0.01),))
    alone = replace(EMBED, name="distill", belief=belief)
    calm = replace(CASE, stakes=Stakes(0.0, 0.03), proven=frozenset({"embed", "distill"}))
    (found,) = appraise(replace(calm, options=(PROMPT, alone)), TERMS)
    assert (found.passes, found.hindrance) == (True, None)
    part = replace(alone, usd_per_call=0.0027)
    best, third = appraise(replace(calm, options=(PROMPT, EMBED, part)), TERMS)
    assert (best.name, best.passes) == ("embed", True)
    assert third.npv > 0
    assert third.sure == found.sure
    assert (third.passes, third.holds, third.hindrance) == (False, True, "needs_eval")


def test_what_the_present_option_gained_counts_to_all_there_is_to_gain() -> None:
    """After the great move a small one more must be surer than if it were the only one."""
    risk = (1.0 - TERMS.sure_quality) * 0.7
    belief = Belief(((1.0, -0.03 + 0.01 * NormalDist().inv_cdf(1.0 - risk), 0.01),))
    present = replace(EMBED, usd_per_call=0.001)
    last = replace(EMBED, name="distill", usd_per_call=0.0001, one_off_usd=1000, belief=belief)
    after = replace(CASE, stakes=Stakes(0.0, 0.03), present=present, proven=frozenset({"prompt", "embed", "distill"}))
    found = {each.name: each for each in appraise(replace(after, options=(PROMPT, present, last)), TERMS)}
    assert found["distill"].npv > 0
    assert found["distill"].hindrance == "needs_eval"
    unmoved = {each.name: each for each in appraise(replace(after, options=(present, last)), TERMS)}
    assert unmoved["distill"].passes
