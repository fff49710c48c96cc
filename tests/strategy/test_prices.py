"""What a call costs: by instant, by its own size, by kind; unpriced is never nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from strategy.kinds import PriceKind
from strategy.prices import PriceBook, lines_used, mix_cost, overlaid, taken_back
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


def test_announced_prices_are_found_by_their_turns() -> None:
    """Only what begins or ends later, and only of the models asked for."""
    book = PriceBook(PRICES)
    assert book.turns_after(BEFORE_CUT, [LUNA]) == (CUT,)
    assert book.turns_after(CUT, [LUNA]) == ()
    assert book.turns_after(BEFORE_CUT, ["nobody/nothing"]) == ()


@given(st.permutations(PRICES))
def test_the_order_of_the_lines_does_not_matter(lines: list[object]) -> None:
    """A price book is a set of facts."""
    book = PriceBook(tuple(lines))  # type: ignore[arg-type]  # hypothesis types a permutation loosely
    assert mix_cost(book, mix(1000), CUT) == Decimal("0.232")


def test_one_more_line_replaces_its_own_start_or_ends_the_one_before() -> None:
    """A correction stands in for its line, a later price ends the one before; other series stay."""
    dearer = PriceBook(overlaid(PRICES, price(LUNA, PriceKind.INPUT, "2.00", CUT)))
    assert mix_cost(dearer, mix(1_000_000), CUT) == 1600 + 72
    assert mix_cost(dearer, mix(1_000_000), BEFORE_CUT) == mix_cost(PriceBook(PRICES), mix(1_000_000), BEFORE_CUT)
    later = overlaid(PRICES, price(LUNA, PriceKind.INPUT, "2.00", CUT + timedelta(days=9)))
    ends = [line.valid_to for line in later if (line.model, line.kind) == (LUNA, PriceKind.INPUT)]
    assert ends == [CUT, CUT + timedelta(days=9), None]


@given(st.integers(1, 400), st.decimals(0, 1000, places=6))
def test_a_future_price_changes_no_past_figure(days: int, usd: Decimal) -> None:
    """Whatever is announced for a later day, what was used before costs what it cost."""
    book = PriceBook(overlaid(PRICES, price(LUNA, PriceKind.INPUT, str(usd), CUT + timedelta(days=days))))
    for at in (BEFORE_CUT, CUT, CUT + timedelta(days=days) - timedelta(microseconds=1)):
        assert mix_cost(book, mix(1_000), at) == mix_cost(PriceBook(PRICES), mix(1_000), at)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=40))
def test_the_total_by_rollup_is_the_total_by_call_exactly(calls: list[tuple[int, int]]) -> None:
    """Costs are unrounded: calls priced one by one, and their tokens summed and priced once, give the same decimal."""
    book = PriceBook((price(LUNA, PriceKind.INPUT, "0.123456789"), price(LUNA, PriceKind.OUTPUT, "1.000000001")))
    one_by_one = [mix_cost(book, mix(1, tokens=tokens), CUT) for tokens in calls]
    summed = replace(mix(len(calls)), input_tokens=sum(i for i, _ in calls), output_tokens=sum(o for _, o in calls))
    assert sum((cost for cost in one_by_one if cost is not None), Decimal(0)) == mix_cost(book, summed, CUT)


def test_an_announcement_that_is_taken_back_leaves_what_was() -> None:
    """Adding a later price and taking it back gives the lines as they were; what was not announced stays."""
    rise = price(LUNA, PriceKind.INPUT, "2.00", CUT + timedelta(days=9))
    assert taken_back(overlaid(PRICES, rise), rise) == PRICES
    assert taken_back(PRICES, rise) == PRICES
