"""Whatever slip a list holds, no wrong price is taken by itself: units, currencies, swaps, typos, reverts, halves."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.price_rows import Listed
from db.queries.prices import BookLine
from offramp.actions.price_diff import by_series, differences
from offramp.actions.price_guards import Judged, judged
from strategy.facts import Price
from strategy.kinds import PriceKind

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)
MODEL = "openai/some-model"
IN, OUT, CACHED, WRITE = PriceKind.INPUT, PriceKind.OUTPUT, PriceKind.CACHED_INPUT, PriceKind.CACHE_WRITE
KNOWN = {IN: "0.40", OUT: "1.60", CACHED: "0.10", WRITE: "0.50"}


def _price(kind: PriceKind, usd: Decimal | str, start: datetime = START, tier: int = 0, model: str = MODEL) -> Price:
    return Price(model=model, kind=kind, usd_per_mtok=Decimal(usd), valid_from=start, tier_min_input_tokens=tier)


def _book(*extra: Price, known: bool = True) -> list[BookLine]:
    prices = [*(_price(kind, usd) for kind, usd in KNOWN.items() if known), *extra]
    return [
        BookLine(id=number, price=price, recorded_at=START, recorded_by="t", reason="", superseded_usd=None)
        for number, price in enumerate(prices, start=1)
    ]


def _weigh(book: list[BookLine], *listed: Price, declared: bool = True) -> list[Judged]:
    lines = by_series(book)
    told = [Listed(price=price, declared=declared) for price in listed]
    return judged(differences(lines, told, now=NOW, told_until=NOW, whole=False), lines, {})


@given(
    kind=st.sampled_from(sorted(KNOWN)),
    exponent=st.sampled_from([-9, -6, -3, -2, 2, 3, 6]),
    drift=st.decimals("0.8", "1.2", places=2),
)
def test_a_slip_of_unit_is_always_quarantined(kind: PriceKind, exponent: int, drift: Decimal) -> None:
    """Per token, per thousand, per hundred, cents for dollars: quarantined, even where the price moved a little too."""
    slipped = (Decimal(KNOWN[kind]) * drift).scaleb(exponent)
    assert {each.status for each in _weigh(_book(), _price(kind, slipped, LATER))} == {"quarantined"}


@pytest.mark.parametrize(
    ("usd_in", "usd_out", "status"),
    [
        ("45", "132", "open"),  # a median model in cents
        ("0.002", "0.01", "open"),  # $2 and $10 per thousand
        ("0.015", "0.075", "open"),  # $15 and $75 per thousand
        ("0.45", "1.32", "accepted"),
        ("5", "25", "accepted"),
    ],
)
def test_an_uncommon_first_price_waits_for_a_person(usd_in: str, usd_out: str, status: str) -> None:
    """What is sold at some price like it, but seldom, is asked about where no former price speaks; both prices wait."""
    found = _weigh(_book(known=False), _price(IN, usd_in, LATER), _price(OUT, usd_out, LATER))
    assert [each.status for each in found] == [status, status]


@given(usd=st.decimals("0.01", "60", places=3), exponent=st.sampled_from([-6, 6]), kind=st.sampled_from([IN, OUT]))
def test_a_slip_of_unit_in_a_first_price_is_caught_without_a_past(usd: Decimal, exponent: int, kind: PriceKind) -> None:
    """A new model has no former price to be held against: what is sold nowhere at that price is a slip."""
    found = _weigh(_book(known=False), _price(kind, usd.scaleb(exponent), LATER))
    assert [each.status for each in found] == ["quarantined"]
    assert "anything sold: a slip of unit" in found[0].why


@given(times=st.decimals("3.01", "8", places=2), up=st.booleans(), kind=st.sampled_from(sorted(KNOWN)))
def test_more_than_threefold_asks_a_person_either_way(times: Decimal, up: bool, kind: PriceKind) -> None:  # noqa: FBT001 (drawn by hypothesis)
    """A yuan price for a dollar one (7.2 times) is one of these."""
    old = Decimal(KNOWN[kind])
    found = _weigh(_book(), _price(kind, (old * times if up else old / times).quantize(Decimal("1e-9")), LATER))
    assert {each.status for each in found} == {"open"}


@given(st.dictionaries(st.sampled_from(sorted(KNOWN)), st.decimals("0.4", "2.5", places=3), min_size=1))
def test_what_is_taken_by_itself_leaves_the_model_in_proportion(moved: dict[PriceKind, Decimal]) -> None:
    """Within the ordinary and dated is taken only where cached stays under input, input under output."""
    new = {kind: Decimal(KNOWN[kind]) * times for kind, times in moved.items()}
    found = _weigh(_book(), *(_price(kind, usd, LATER) for kind, usd in new.items()))
    if {each.status for each in found} == {"accepted"}:
        after = {kind: new.get(kind, Decimal(usd)) for kind, usd in KNOWN.items()}
        assert after[CACHED] <= after[IN] <= after[OUT] <= after[IN] * 20
        assert after[WRITE] <= after[IN] * 4


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        ((_price(IN, "1.20", LATER), _price(OUT, "0.60", LATER)), "input and output look swapped"),
        ((_price(CACHED, "0.29", LATER), _price(IN, "0.20", LATER)), "a cached token would cost more than a plain one"),
        ((_price(WRITE, "1.40", LATER), _price(IN, "0.30", LATER)), "a cache write would cost more than 4 inputs"),
        ((_price(IN, "0.15", LATER), _price(OUT, "3.2", LATER)), "an output would cost more than 20 inputs"),
        ((_price(IN, "0.30", LATER, tier=200_000),), "larger requests would cost less than small ones"),
        ((_price(IN, "0", LATER),), "a price of zero"),
    ],
)
def test_what_is_out_of_proportion_asks(listed: tuple[Price, ...], why: str) -> None:
    """Each ordinary in size, and wrong beside the others."""
    found = _weigh(_book(), *listed)
    assert "accepted" not in {each.status for each in found}
    assert why in "; ".join(each.why for each in found)


@given(days=st.integers(1, 90), times=st.decimals("1.05", "2.9", places=2))
def test_a_revert_within_45_days_asks(days: int, times: Decimal) -> None:
    """What a change of the last weeks replaced does not come back unasked; later it may."""
    moved = LATER - timedelta(days=days)
    book = _book(_price(OUT, Decimal("1.60") * times, moved))
    (found,) = _weigh(book, _price(OUT, "1.60", LATER))
    assert found.status == ("open" if days <= 45 else "accepted")


def test_the_prices_of_one_model_in_one_list_wait_together() -> None:
    """Where the output looks like a typo, the input of the same row is not taken alone."""
    found = {
        each.difference.line.kind: each
        for each in _weigh(_book(), _price(OUT, "17.60", LATER), _price(IN, "0.50", LATER))
    }
    assert found[OUT].status == "quarantined"
    assert found[IN].status == "open"


def test_a_gpu_hour_is_no_token() -> None:
    """The limits of a price per Mtok are not those of an hour."""
    (found,) = _weigh(_book(), _price(PriceKind.GPU_HOUR, "1200", LATER))
    assert found.status == "accepted"
