"""What a move is worth: exact where nothing is uncertain, and in the right direction where something is."""

import math
from dataclasses import replace

import pytest

from offramp.policy import load_policy
from strategy.forecast import Forecast
from strategy.npv import Option, Stakes, ahead_of, worth_of
from strategy.paired import Belief
from strategy.terms import Terms, terms_of

TERMS = terms_of(load_policy())
CERTAIN = replace(TERMS, volume_sd=0.0, overrun_mean=0.0, overrun_sd=0.0, hazard=0.0, discount=0.0)
STEADY = Forecast(1000.0, 0.0, 0.0, 28, 56)
PROMPT = Option(name="prompt", usd_per_call=0.01, usd_per_year=1500, one_off_usd=900, lead_days=2)
EMBED = Option(name="embed", usd_per_call=0.001, usd_per_year=3325, one_off_usd=1000, lead_days=10)


def worth(
    option: Option = EMBED, terms: Terms = TERMS, forecast: Forecast = STEADY, stakes: Stakes | None = None
) -> float:
    """The expected worth of a move away from the prompt."""
    return worth_of(PROMPT, option, ahead_of(forecast, terms), stakes or Stakes(), terms).mean


def test_without_doubt_it_is_arithmetic() -> None:
    """440 days after the lead: 1,000 calls at 0.9 cents, less 5 USD of upkeep a day, less the one-off."""
    found = worth_of(PROMPT, EMBED, ahead_of(STEADY, CERTAIN), Stakes(), CERTAIN)
    assert found.mean == pytest.approx(440 * (1000 * 0.009 - 5) - 1000)
    assert (found.positive, found.one_off) == (1.0, 1000.0)
    assert found.quantile(0.1) == pytest.approx(found.quantile(1.0))


def test_discounting_and_the_end_of_features_lower_it() -> None:
    """Each by about what its closed form says."""
    sure = worth(terms=CERTAIN) + 1000
    discounted = worth(terms=replace(CERTAIN, discount=0.10)) + 1000
    mortal = worth(terms=replace(CERTAIN, hazard=0.40)) + 1000
    rate = 0.10 / 365
    shrunk = (math.exp(-rate * 10) - math.exp(-rate * 450)) / rate / 440
    assert discounted / sure == pytest.approx(shrunk, rel=1e-3)
    rate = 0.40 / 365
    shrunk = (math.exp(-rate * 10) - math.exp(-rate * 450)) / rate / 440
    assert mortal / sure == pytest.approx(shrunk, rel=0.03)


def test_overruns_cost_what_a_log_normal_says() -> None:
    """The mean one-off is the estimate times e^(mean + sd²/2)."""
    found = worth_of(PROMPT, EMBED, ahead_of(STEADY, TERMS), Stakes(), TERMS)
    assert found.one_off == pytest.approx(1000 * math.exp(0.16 + 0.38**2 / 2))
    assert found.quantile(0.1) < found.mean < found.quantile(0.9)


def test_growth_raises_and_a_long_lead_lowers_it() -> None:
    """A trend is worth something; months of lead are not."""
    assert worth(forecast=replace(STEADY, slope=0.005)) > worth() > worth(forecast=replace(STEADY, slope=-0.005))
    assert worth(replace(EMBED, lead_days=60)) < worth()
    late = worth_of(PROMPT, replace(EMBED, lead_days=900), ahead_of(STEADY, CERTAIN), Stakes(), CERTAIN)
    assert (late.mean, late.positive) == (-1000.0, 0.0)


def test_a_move_that_never_pays_says_so() -> None:
    """Where even the luckiest draw stays below the one-off, nothing is drawn."""
    quiet = worth_of(PROMPT, EMBED, ahead_of(replace(STEADY, level=1.0), TERMS), Stakes(), TERMS)
    assert quiet.positive == 0.0
    assert quiet.mean == -quiet.one_off == quiet.quantile(0.5)


def test_errors_and_breaches_are_priced() -> None:
    """A worse option costs its errors, and five times as much beyond the margin; a breach left behind is a gain."""
    stakes = Stakes(error_usd=0.05, margin=0.02)
    as_good, worse = (replace(EMBED, belief=Belief(((1.0, mean, 0.0),))) for mean in (0.0, -0.03))
    lost = worth(as_good, CERTAIN, stakes=stakes) - worth(worse, CERTAIN, stakes=stakes)
    assert lost == pytest.approx(440 * 1000 * 0.05 * (0.03 + 5 * 0.01))
    broken = replace(EMBED, belief=Belief(((1.0, -0.06, 0.0),)))
    back = worth_of(broken, replace(PROMPT, lead_days=10), ahead_of(STEADY, CERTAIN), stakes, CERTAIN)
    per_day = 1000 * (-0.009 + 0.05 * (0.06 + 5 * 0.04)) + 5
    assert back.mean == pytest.approx(440 * per_day - 900)
