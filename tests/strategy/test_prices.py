"""What a call costs: by instant, by its own size, by kind; unpriced is never nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from strategy.kinds import PriceKind
from strategy.prices import PriceBook, lines_used, mix_cost
from tests.strategy.made import BEFORE_CUT, CUT, LUNA, PRICES, mix, price

GEMINI = "google/gemini-2.5-pro"
TIERED = PriceBook(
    (
        price(GEMINI, PriceKind.INPUT, "1.25"),
        price(GEMINI, PriceKind.OUTPUT, "10"),
        price(GEMINI, PriceKind.INPUT, "2.50", tier=200_000),
        price(GEMINI, PriceKind.OUTPUT, "15", tier=200_000),
    )
)


def test_a_month_of_luna_costs_what_it_did_on_each_day() -> None:
    """3M calls of 800 in and 60 out: $3,480 the day before the cut, $696 from its first instant."""
    book = PriceBook(PRICES)
    assert mix_cost(book, mix(3_000_000), BEFORE_CUT) == 3480
    assert mix_cost(book, mix(3_000_000), CUT - timedelta(microseconds=1)) == 3480
    assert mix_cost(book, mix(3_000_000), CUT) == 696


def test_a_request_is_priced_by_its_own_size() -> None:
    """1,000 requests of 3,000 in and 200 out cost $5.75; only requests above 200,000 tokens cost more."""
    assert mix_cost(TIERED, mix(1000, GEMINI, tokens=(3000, 200)), CUT) == Decimal("5.75")
    large = mix(1, GEMINI, tokens=(250_000, 200), tier=200_000)
    assert mix_cost(TIERED, large, CUT) == Decimal("0.628")


def test_cached_tokens_without_a_price_cost_the_input_price() -> None:
    """Named once as the rule; with a price of its own a cached token costs that."""
    book = PriceBook(PRICES)
    assert mix_cost(book, mix(1_000_000, cached=300), CUT) == mix_cost(book, mix(1_000_000), CUT)
    cheaper = PriceBook((*PRICES, price(LUNA, PriceKind.CACHED_INPUT, "0.02", CUT)))
    assert mix_cost(cheaper, mix(1_000_000, cached=300), CUT) == Decimal(100 + 6 + 72)


def test_what_has_no_price_is_unpriced() -> None:
    """No model, no line, another way of processing, a time before the first line: None, never 0."""
    book = PriceBook(PRICES)
    assert mix_cost(book, mix(1, None), CUT) is None
    assert mix_cost(book, mix(1, "nobody/nothing"), CUT) is None
    assert mix_cost(book, replace(mix(1), processing="batch"), CUT) is None
    assert mix_cost(book, mix(1), datetime(2020, 1, 1, tzinfo=UTC)) is None
    assert mix_cost(book, mix(1, tokens=(0, 0)), CUT) == 0


def test_the_lines_a_cost_rests_on_are_named_once() -> None:
    """Two parts of one model name its input and output line once each; an unknown model names none."""
    used = lines_used(PriceBook(PRICES), (mix(1), mix(2), mix(1, None), mix(1, "nobody/nothing")), CUT)
    assert [(line.kind, line.usd_per_mtok) for line in used] == [
        (PriceKind.INPUT, Decimal("0.20")),
        (PriceKind.OUTPUT, Decimal("1.20")),
    ]


def test_announced_prices_are_found_by_their_start() -> None:
    """Only what starts later, and only of the models asked for."""
    book = PriceBook(PRICES)
    assert book.starts_after(BEFORE_CUT, [LUNA]) == (CUT,)
    assert book.starts_after(CUT, [LUNA]) == ()
    assert book.starts_after(BEFORE_CUT, ["nobody/nothing"]) == ()


@given(st.permutations(PRICES))
def test_the_order_of_the_lines_does_not_matter(lines: list[object]) -> None:
    """A price book is a set of facts."""
    book = PriceBook(tuple(lines))  # type: ignore[arg-type]  # hypothesis types a permutation loosely
    assert mix_cost(book, mix(1000), CUT) == Decimal("0.232")
