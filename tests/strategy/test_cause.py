"""The cause of a flip is the group of facts whose return would bring the former outcome back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from strategy.cause import what_moved
from strategy.facts import Price, Retirement, Snapshot, Usage
from strategy.judge import judge
from strategy.kinds import CauseKind, Outcome, PriceKind, Strategy
from tests.strategy.made import (
    BEFORE_CUT,
    CHEAP,
    CUT,
    DISTILL_COSTS,
    FREE_TEXT,
    LUNA,
    POLICY,
    PRICES,
    days,
    feature,
    known_by,
    mix,
    price,
    proven,
    score,
    snapshot,
)

DISTILLABLE = feature(costs=DISTILL_COSTS)
DUE = snapshot(DISTILLABLE, scores=proven("distill"))
STILL = snapshot(DISTILLABLE, at=CUT, scores=proven("distill"))


def cause(previous: Snapshot | None, now: Snapshot) -> tuple[CauseKind, str]:
    """The cause under the rules in force."""
    return what_moved(previous, now, POLICY)


def test_a_price_cut_is_named_with_both_prices_and_its_day() -> None:
    """The largest move of a price in force; of equal ones the input price."""
    assert cause(DUE, STILL) == (
        CauseKind.PRICE_CHANGE,
        "openai/gpt-5.6-luna input fell from $1.00 to $0.20 per Mtok on 2026-07-30.",
    )


def test_a_price_that_had_to_hold_is_still_the_cause_when_it_did() -> None:
    """Three days after a rise nothing but the day moved, and the rise is what made it due."""
    rise = CUT + timedelta(days=30)
    book = (*PRICES, price(LUNA, PriceKind.INPUT, "1.00", rise), price(LUNA, PriceKind.OUTPUT, "6.00", rise))
    of = snapshot(DISTILLABLE, at=rise + timedelta(days=2), scores=proven("distill"), prices=book)
    waits = replace(of, usage=replace(of.usage, days=days([100_000] * 59, rise.date())))
    held = snapshot(DISTILLABLE, at=rise + timedelta(days=3), scores=proven("distill"), prices=book)
    assert (judge(waits, POLICY).outcome, judge(held, POLICY).outcome) == (Outcome.WATCH, Outcome.DUE)
    assert cause(waits, held) == (
        CauseKind.PRICE_CHANGE,
        "openai/gpt-5.6-luna input rose from $0.20 to $1.00 per Mtok on 2026-08-29.",
    )


def test_the_first_judgement_has_no_cause_before_it() -> None:
    """Nothing moved."""
    assert cause(None, DUE) == (CauseKind.FIRST, "First judged.")


def test_an_announced_rise_and_a_correction_are_told_apart() -> None:
    """Scheduled: a line that starts later. Correction: the same start, another price."""
    rise = datetime(2027, 1, 1, tzinfo=UTC)
    today = datetime(2026, 11, 21, tzinfo=UTC)
    before = snapshot(DISTILLABLE, at=today, scores=proven("distill"))
    announced = (
        *(replace(line, valid_to=rise) if line.model == LUNA and line.valid_to is None else line for line in PRICES),
        price(LUNA, PriceKind.INPUT, "1.00", rise),
        price(LUNA, PriceKind.OUTPUT, "6.005", rise),
    )
    first_of_its_kind = price(LUNA, PriceKind.CACHED_INPUT, "0.01", rise)
    assert cause(before, replace(before, prices=(*announced, first_of_its_kind))) == (
        CauseKind.PRICE_SCHEDULED,
        "openai/gpt-5.6-luna input will rise from $0.20 to $1.00 per Mtok on 2027-01-01.",
    )
    wrong = tuple(replace(p, usd_per_mtok=Decimal("3.005")) if p.valid_from == CUT else p for p in PRICES)
    assert cause(replace(before, prices=wrong), before) == (
        CauseKind.PRICE_CORRECTION,
        "openai/gpt-5.6-luna input was corrected from $3.005 to $0.20 per Mtok on 2026-07-30.",
    )


def test_a_tier_and_a_free_price_are_said_plainly() -> None:
    """A price that was nothing moved without end; a tier is named by its size."""
    tiered = (*known_by(BEFORE_CUT), price(LUNA, PriceKind.CACHED_INPUT, "0", tier=200_000))
    free = price(LUNA, PriceKind.CACHED_INPUT, "0", tier=200_000, until=CUT)
    dearer = (*PRICES, free, price(LUNA, PriceKind.CACHED_INPUT, "0.5", CUT, tier=200_000))
    assert cause(replace(DUE, prices=tiered), replace(STILL, prices=dearer))[1] == (
        "openai/gpt-5.6-luna cached input above 200,000 tokens rose from $0.00 to $0.50 per Mtok on 2026-07-30."
    )


def test_a_retirement_is_named() -> None:
    """It came, or it was withdrawn."""
    quiet = snapshot(at=CUT, calls=1000)
    retiring = replace(quiet, retirements=(Retirement(model=LUNA, on=date(2026, 10, 1)),))
    assert cause(quiet, retiring) == (CauseKind.MODEL_RETIRES, "openai/gpt-5.6-luna stops answering on 2026-10-01.")
    assert cause(retiring, quiet) == (CauseKind.MODEL_RETIRES, "The retirement of openai/gpt-5.6-luna was withdrawn.")


def test_a_changed_profile_names_its_fields() -> None:
    """What its owner changed, not to what."""
    fickle = replace(DUE, feature=feature(replace(FREE_TEXT, change_frequency="high"), costs=DISTILL_COSTS))
    assert cause(DUE, fickle) == (CauseKind.PROFILE, "The profile changed: change_frequency.")
    costly = replace(DUE, feature=feature(costs=()))
    assert cause(DUE, costly)[1] == "The profile changed: costs."
    renamed = replace(DUE, feature=replace(DISTILLABLE, owner="support"))
    assert cause(DUE, renamed)[1] == "The profile changed: its description."


def test_a_first_eval_and_a_moved_score_are_told_apart() -> None:
    """Evidence that was never there; a score that fell; one that was taken away is not news."""
    before = replace(DUE, scores=(score("prompt", "0.92"),))
    assert cause(before, DUE) == (CauseKind.EVIDENCE, "A first eval of distill arrived: accuracy 0.93.")
    worse = score("distill", "0.80", at=datetime(2026, 7, 20, tzinfo=UTC))
    assert cause(DUE, replace(DUE, scores=(*DUE.scores, worse))) == (
        CauseKind.SCORE,
        "The accuracy of distill moved from 0.93 to 0.80.",
    )
    assert cause(DUE, before)[0] is CauseKind.STALE
    unnamed = replace(DUE, scores=(score(None, "0.92"),))
    assert cause(replace(DUE, scores=()), unnamed)[1] == "A first eval of prompt arrived: accuracy 0.92."


@pytest.mark.parametrize(
    ("usage", "sentence"),
    [
        (
            Usage(days=days(10_000, BEFORE_CUT.date()), mix=(mix(280_000),)),
            "Traffic rose from 10,000 to 100,000 calls a day.",
        ),
        (
            Usage(days=days(900_000, BEFORE_CUT.date()), mix=(mix(9),)),
            "Traffic fell from 900,000 to 100,000 calls a day.",
        ),
        (Usage(), "Traffic began."),
        (
            Usage(days=days(100_000, BEFORE_CUT.date()), mix=(mix(28, tokens=(8, 6)),)),
            "What the calls carry changed, at 100,000 calls a day.",
        ),
    ],
)
def test_volume_is_named_with_both_levels(usage: Usage, sentence: str) -> None:
    """The former traffic is moved along so that the window sees it."""
    later = replace(
        DUE,
        as_of=DUE.as_of + timedelta(hours=12),
    )
    assert cause(replace(DUE, usage=usage), later) == (CauseKind.VOLUME, sentence)
    assert cause(DUE, replace(DUE, usage=Usage())) == (CauseKind.VOLUME, "Traffic stopped.")


def test_where_no_fact_moved_it_was_the_constants_or_time() -> None:
    """Both are said."""
    assert cause(DUE, DUE) == (CauseKind.STALE, "No fact moved, only time passed.")
    dearer = replace(DUE, constants=(("engineer_day_usd", "900"),))
    assert cause(DUE, dearer) == (CauseKind.MANUAL, "The constants in force were changed.")


def test_where_none_explains_it_alone_the_first_that_moved_is_named() -> None:
    """Price and profile both moved and either alone would have changed it."""
    both = replace(STILL, feature=feature(replace(FREE_TEXT, change_frequency="high"), costs=DISTILL_COSTS))
    assert cause(DUE, both)[0] is CauseKind.PRICE_CHANGE


def test_a_new_model_keeps_todays_price_when_the_past_is_tried() -> None:
    """Traffic moved to a model the former book did not hold, while another price moved too."""
    mini: tuple[Price, ...] = (price("b/mini", PriceKind.INPUT, "0.01"), price("b/mini", PriceKind.OUTPUT, "0.01"))
    others = tuple(replace(p, usd_per_mtok=p.usd_per_mtok / 2) if p.model == CHEAP else p for p in known_by(BEFORE_CUT))
    moved = replace(DUE, prices=others + mini, usage=replace(DUE.usage, mix=(mix(2_800_000, "b/mini"),)))
    assert cause(DUE, moved)[0] is CauseKind.VOLUME
    assert Strategy.PROMPT is DUE.feature.strategy


def test_a_retirement_known_long_before_moves_a_verdict_when_its_notice_begins() -> None:
    """Nothing was announced anew and traffic moved too: what made the difference is that the last day came near."""
    ends = (Retirement(model=LUNA, on=date(2027, 3, 20)),)
    later = CUT + timedelta(days=60)
    far = snapshot(DISTILLABLE, at=CUT + timedelta(days=50), calls=900, retirements=ends)
    near = snapshot(DISTILLABLE, at=later, calls=910, retirements=ends)
    assert cause(far, near) == (CauseKind.MODEL_RETIRES, "openai/gpt-5.6-luna stops answering on 2027-03-20.")


def test_what_comes_within_the_notice_is_named_when_it_does() -> None:
    """Nothing new was announced, but the day a retirement or a rise is close enough to act on has come."""
    retires = (Retirement(model=LUNA, on=date(2027, 2, 1)),)
    early = snapshot(feature(), at=datetime(2026, 8, 4, tzinfo=UTC), calls=1000, retirements=retires)
    later = snapshot(feature(), at=datetime(2026, 8, 6, tzinfo=UTC), calls=1000, retirements=retires)
    assert cause(early, later) == (CauseKind.MODEL_RETIRES, "openai/gpt-5.6-luna stops answering on 2027-02-01.")
    rise = datetime(2027, 2, 1, tzinfo=UTC)
    book = (
        *(replace(line, valid_to=rise) if line.model == LUNA and line.valid_to is None else line for line in PRICES),
        price(LUNA, PriceKind.INPUT, "1.00", rise),
        price(LUNA, PriceKind.OUTPUT, "6.00", rise),
    )
    far, near = (
        snapshot(DISTILLABLE, at=datetime(2026, 8, day, tzinfo=UTC), scores=proven("distill"), prices=book)
        for day in (4, 6)
    )
    assert cause(far, near) == (
        CauseKind.PRICE_SCHEDULED,
        "openai/gpt-5.6-luna input will rise from $0.20 to $1.00 per Mtok on 2027-02-01.",
    )


def test_a_model_that_was_not_sold_before_is_named_as_released() -> None:
    """A first price since the former judgement; a model that was merely not looked at before is no release."""
    at, day = CUT + timedelta(days=3), CUT + timedelta(days=2)
    later = snapshot(DISTILLABLE, at=at, scores=proven("distill"))
    new = (price("openai/gpt-7", PriceKind.OUTPUT, "0.40", day), price("openai/gpt-7", PriceKind.INPUT, "0.10", day))
    released = replace(later, prices=(*later.prices, *new))
    assert cause(STILL, released) == (CauseKind.MODEL_RELEASED, "openai/gpt-7 was released on 2026-08-01.")
    older = tuple(replace(line, valid_from=CUT - timedelta(days=9)) for line in new)
    assert cause(STILL, replace(later, prices=(*later.prices, *older)))[0] is not CauseKind.MODEL_RELEASED
