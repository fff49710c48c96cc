"""The price feed is read as it stands: dates, size tiers, variants."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from collectors.price_feed import UNDATED_FROM, feed_prices, feed_version
from strategy.facts import SIZE_BOUNDS, Price
from strategy.kinds import PriceKind
from strategy.prices import PriceBook

Line = tuple[str, int, str, str, str | None]


@pytest.fixture(scope="module")
def lines() -> list[Price]:
    """The whole feed, read once."""
    return list(feed_prices())


def _said(lines: list[Price], model: str, kind: PriceKind, processing: str = "standard") -> list[Line]:
    chosen = [line for line in lines if (line.model, line.kind, line.processing) == (model, kind, processing)]
    return [
        (
            line.model.partition("/")[2],
            line.tier_min_input_tokens,
            str(line.usd_per_mtok),
            line.valid_from.date().isoformat(),
            line.valid_to.date().isoformat() if line.valid_to else None,
        )
        for line in chosen
    ]


def test_size_tiers_are_lines_of_their_own(lines: list[Price]) -> None:
    """gemini-2.5-pro has a base price and one for requests above 200,000 tokens."""
    assert _said(lines, "google/gemini-2.5-pro", PriceKind.INPUT) == [
        ("gemini-2.5-pro", 0, "1.25", "2020-01-01", None),
        ("gemini-2.5-pro", 200_000, "2.5", "2020-01-01", None),
    ]
    assert _said(lines, "google/gemini-2.5-pro", PriceKind.OUTPUT) == [
        ("gemini-2.5-pro", 0, "10", "2020-01-01", None),
        ("gemini-2.5-pro", 200_000, "15", "2020-01-01", None),
    ]


def test_every_tier_of_the_feed_is_a_bound_of_the_rollups(lines: list[Price]) -> None:
    """A size tier that no rollup keeps could never be priced; a new one in the feed must be noticed."""
    assert {line.tier_min_input_tokens for line in lines} <= set(SIZE_BOUNDS)


def test_a_dropped_tier_ends(lines: list[Price]) -> None:
    """claude-opus-4-6's surcharge for long requests ended on 2026-03-13; then a long request costs the base price."""
    assert _said(lines, "anthropic/claude-opus-4-6", PriceKind.INPUT) == [
        ("claude-opus-4-6", 0, "5", "2020-01-01", None),
        ("claude-opus-4-6", 200_000, "10", "2020-01-01", "2026-03-13"),
    ]
    book = PriceBook(tuple(lines))
    long_request = [
        book.in_force("anthropic/claude-opus-4-6", PriceKind.INPUT, datetime(2026, 3, day, tzinfo=UTC), tier=200_000)
        for day in (12, 13)
    ]
    assert [line.usd_per_mtok for line in long_request if line] == [Decimal(10), Decimal(5)]


def test_dated_prices_start_at_their_midnight(lines: list[Price]) -> None:
    """A feed day is its 00:00 UTC; what comes before the first date counts from a named constant."""
    assert _said(lines, "google/gemini-3.7-flash", PriceKind.INPUT) == [
        ("gemini-3.7-flash", 0, "0.75", "2020-01-01", None),
        ("gemini-3.7-flash", 0, "1.5", "2027-01-01", None),
    ]
    starts = {line.valid_from for line in lines}
    assert min(starts) == UNDATED_FROM
    assert {start.hour for start in starts} == {0}


def test_batch_is_written_whole(lines: list[Price]) -> None:
    """A batch price that the feed leaves out costs what it costs standard: gemini-2.5-pro's cached input."""
    assert _said(lines, "google/gemini-2.5-pro", PriceKind.INPUT, "batch") == [
        ("gemini-2.5-pro", 0, "0.625", "2026-10-14", None),
        ("gemini-2.5-pro", 200_000, "1.25", "2026-10-14", None),
    ]
    assert _said(lines, "google/gemini-2.5-pro", PriceKind.CACHED_INPUT, "batch") == [
        ("gemini-2.5-pro", 0, "0.125", "2026-10-14", None),
        ("gemini-2.5-pro", 200_000, "0.25", "2026-10-14", None),
    ]


def test_a_variant_moves_with_its_own_dates(lines: list[Price]) -> None:
    """mistral-large-4's batch price followed each of its three dated prices."""
    assert _said(lines, "mistral/mistral-large-4", PriceKind.INPUT, "batch") == [
        ("mistral-large-4", 0, "0.34", "2026-10-14", None),
        ("mistral-large-4", 0, "0.68", "2026-10-20", None),
        ("mistral-large-4", 0, "0.35", "2026-10-29", None),
    ]


def test_time_of_day_gives_the_off_peak_price(lines: list[Price]) -> None:
    """DeepSeek's peak hours are not a line of the book; no line carries the peak price."""
    assert _said(lines, "deepseek/deepseek-v4-flash", PriceKind.OUTPUT) == [
        ("deepseek-v4-flash", 0, "0.28", "2020-01-01", None),
        ("deepseek-v4-flash", 0, "0.66", "2026-08-17", None),
        ("deepseek-v4-flash", 0, "0.6", "2026-09-10", None),
    ]


def test_a_cancelled_rise_leaves_no_trace(lines: list[Price]) -> None:
    """claude-sonnet-5 was to rise in September 2026, which was cancelled: one price, for ever."""
    assert _said(lines, "anthropic/claude-sonnet-5", PriceKind.INPUT) == [
        ("claude-sonnet-5", 0, "2", "2020-01-01", None)
    ]


def test_amounts_fit_the_book(lines: list[Price]) -> None:
    """No amount is finer than a billionth of a dollar, none is negative, and every line says where it is from."""
    assert all(line.usd_per_mtok == round(line.usd_per_mtok, 9) >= 0 for line in lines)
    assert {line.source for line in lines} == {feed_version()}
    assert feed_version().startswith("genai-prices 0.2.")


def test_no_line_is_said_twice(lines: list[Price]) -> None:
    """A model, kind, tier, processing and start name one line."""
    keys = Counter(
        (line.model, line.kind, line.tier_min_input_tokens, line.processing, line.valid_from) for line in lines
    )
    assert [key for key, count in keys.items() if count > 1] == []
    assert len(keys) > 7_000
