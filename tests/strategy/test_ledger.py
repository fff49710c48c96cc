"""The three effects of a finished migration: they add up, and nothing is credited to a migration that it did not do."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from strategy.ledger import Baseline, Effects, Span, Stretch, added, corrected, learnt, realised_usd_month, split

USD = st.decimals(0, 50_000, places=9)
CALLS = st.integers(0, 5_000_000).map(Decimal)
BASES = st.builds(Baseline, days=st.integers(1, 56), calls=CALLS, usage_usd=USD, running_usd_month=USD)
STRETCHES = st.lists(st.builds(Stretch, calls=CALLS, baseline_usd=USD), min_size=1, max_size=4).map(tuple)
SPANS = st.builds(Span, days=st.integers(1, 31), stretches=STRETCHES, usage_usd=USD, running_usd_month=USD)
ZERO = Decimal("0.00")


def whole(base: Baseline, span: Span) -> Fraction:
    """The change in cost told without any split."""
    running = Fraction(span.running_usd_month - base.running_usd_month) * span.days / 30
    return Fraction(span.usage_usd) - Fraction(base.usage_usd) * span.days / base.days + running


@given(base=BASES, span=SPANS)
def test_the_effects_add_up_to_the_total_to_the_cent(base: Baseline, span: Span) -> None:
    """On any numbers: the sum is the whole change, rounded once."""
    effects = split(base, span)
    assert effects.total_usd == Decimal(round(whole(base, span) * 100)) / 100
    for part in (effects.volume_usd, effects.price_usd, effects.strategy_usd):
        assert part == part.quantize(Decimal("0.01"))


@given(weeks=st.integers(1, 8), calls=st.integers(1, 10**6), unit=st.decimals(0, 1, places=6), times=st.integers(0, 9))
def test_pure_changes_of_price_and_volume(weeks: int, calls: int, unit: Decimal, times: int) -> None:
    """A price that moved is price, and calls that moved are volume, each to the cent; the strategy effect is zero."""
    base = Baseline(days=7, calls=Decimal(calls), usage_usd=calls * unit, running_usd_month=Decimal(40))
    after = Decimal(calls * weeks)
    cut = Span(
        days=7 * weeks,
        stretches=(Stretch(calls=after, baseline_usd=calls * unit * times),),
        usage_usd=after * unit * times,
        running_usd_month=Decimal(40),
    )
    grown = Span(
        days=7 * weeks,
        stretches=(Stretch(calls=after * times, baseline_usd=calls * unit),),
        usage_usd=after * times * unit,
        running_usd_month=Decimal(40),
    )
    by_price, by_volume = split(base, cut), split(base, grown)
    assert (by_price.volume_usd, by_price.strategy_usd) == (ZERO, ZERO)
    assert (by_volume.price_usd, by_volume.strategy_usd) == (ZERO, ZERO)
    assert (
        by_price.price_usd == by_volume.volume_usd == Decimal(round(Fraction(after * unit * (times - 1)) * 100)) / 100
    )


def test_a_migration_during_growth_and_a_price_cut() -> None:
    """A worked example: 700 calls for $7.00 a week; then twice the calls, half the price, and a strategy at $1.00."""
    base = Baseline(days=7, calls=Decimal(700), usage_usd=Decimal(7), running_usd_month=Decimal(0))
    stretch = Stretch(calls=Decimal(1400), baseline_usd=Decimal("3.5"))
    span = Span(days=7, stretches=(stretch,), usage_usd=Decimal(1), running_usd_month=Decimal(30))
    effects = split(base, span)
    assert effects == Effects(volume_usd=Decimal(7), price_usd=Decimal(-7), strategy_usd=Decimal(1))
    assert effects.total_usd == Decimal(1)
    assert realised_usd_month(effects, 7) == Decimal("-4.29")


def test_code_that_becomes_a_prompt_has_no_price_per_call_before() -> None:
    """Without calls before there is no volume to compare: all of it is the strategy's."""
    base = Baseline(days=28, calls=Decimal(0), usage_usd=Decimal(0), running_usd_month=Decimal(0))
    span = Span(
        days=7,
        stretches=(Stretch(calls=Decimal(10), baseline_usd=Decimal(0)),),
        usage_usd=Decimal(3),
        running_usd_month=Decimal(0),
    )
    assert split(base, span) == Effects(volume_usd=ZERO, price_usd=ZERO, strategy_usd=Decimal(3))


def test_spans_add_up() -> None:
    """Cents are added to cents."""
    one = Effects(volume_usd=Decimal("1.01"), price_usd=Decimal("-2.00"), strategy_usd=Decimal("-3.33"))
    assert added([one, one]).total_usd == 2 * one.total_usd
    assert added([]).total_usd == 0


def test_what_was_learnt_is_shrunk() -> None:
    """One bad migration does not condemn a strategy, many do; no single one counts for more than twice its promise."""
    prior = Decimal(3)
    assert learnt([], prior) == 1
    assert learnt([Decimal(0)], prior) == Decimal("0.75")
    assert learnt([Decimal("0.5")] * 60, prior) == Decimal("0.52")
    assert learnt([Decimal(90)], prior) == learnt([Decimal(2)], prior) == Decimal("1.25")
    assert learnt([Decimal(-5)], prior) == Decimal("0.75")


def test_a_corrected_promise_stays_between_nothing_and_what_is_paid() -> None:
    """What was learnt moves the saving and both ends of its range; unknown stays unknown."""

    def side(saving: str | None, spend: str | None) -> dict[str, object]:
        return {"saving_usd_month": saving, "monthly_usd": {"prompt": spend} if spend else {}}

    money = side("90.00", "100.00") | {"low": side("-5.00", "100.00"), "high": side("95.00", "120.00")}
    assert corrected(money, "prompt", Decimal("0.5")) == (Decimal("45.00"), Decimal("0.00"), Decimal("47.50"))
    assert corrected(money, "prompt", Decimal("1.25"))[0] == Decimal("100.00")
    unknown = side(None, "100.00") | {"low": side("1.00", None), "high": {}}
    assert corrected(unknown, "prompt", Decimal(1)) == (None, None, None)
