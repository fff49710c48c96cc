"""Hours of the week that have a price of their own, read from one short text."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from strategy.facts import Price
from strategy.hours import holds_at, hours_of, in_hours, plain, said, week_of
from strategy.kinds import PriceKind
from strategy.prices import PriceBook

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
PEAK = "standard@Mon-Fri 01:00-04:00,06:00-10:00"


def test_a_window_crosses_midnight() -> None:
    """16:30 to 00:30 holds to the minute; an hour counts by its beginning, so 16 does not and 00 does."""
    night = in_hours("standard", "16:30-00:30")
    minutes = {(16, 29): False, (16, 30): True, (23, 59): True, (0, 29): True, (0, 30): False}
    assert {at: holds_at(night, MONDAY.replace(hour=at[0], minute=at[1])) for at in minutes} == minutes
    assert sorted(hour for hour in week_of(night) if hour < 24) == [0, 17, 18, 19, 20, 21, 22, 23]
    assert len(week_of(night)) == 7 * 8


def test_weekdays_bound_a_window() -> None:
    """DeepSeek's peak hours are 35 of a week; Friday's night into Saturday belongs to Friday."""
    assert len(week_of(PEAK)) == 35
    assert holds_at(PEAK, MONDAY.replace(hour=9, minute=59))
    assert not holds_at(PEAK, MONDAY + timedelta(days=5, hours=2))
    late = in_hours("batch", "Fri-Fri 22:00-02:00")
    assert sorted(week_of(late)) == [118, 119, 120, 121]
    round_the_week = in_hours("standard", "Sun-Mon 23:00-00:00")
    assert sorted(week_of(round_the_week)) == [23, 167]


def test_a_whole_day_and_any_hour() -> None:
    """A window that ends where it begins is the whole day; a price without hours holds always, in any zone."""
    assert len(week_of(in_hours("standard", "Sat-Sun 00:00-00:00"))) == 48
    assert len(week_of("batch")) == 168
    assert holds_at(PEAK, MONDAY.replace(hour=10, tzinfo=timezone(timedelta(hours=8))))


def test_a_context_is_told_in_words() -> None:
    """Its processing, its hours, and both in words."""
    assert (plain(PEAK), hours_of(PEAK)) == ("standard", "Mon-Fri 01:00-04:00,06:00-10:00")
    assert [said("standard"), said("batch"), said("batch@22:00-06:00")] == ["", "batch", "batch, 22:00-06:00 UTC"]


@pytest.mark.parametrize("hours", ["", "16-24", "25:00-01:00", "Mon 01:00-02:00", "01:00-02:00;", "Mo-Fr 01:00-02:00"])
def test_what_are_no_hours_is_refused(hours: str) -> None:
    """The message shows how hours are written; a context that is none holds never."""
    with pytest.raises(ValueError, match="write 16:30-00:30"):
        in_hours("standard", hours)
    assert not week_of("standard@never")


def test_an_hour_is_priced_by_the_context_that_holds_for_it() -> None:
    """Inside its hours and from its day on; cached tokens without a price for these hours take that of any hour."""
    plain_line = Price(
        model="deepseek/deepseek-chat",
        kind=PriceKind.INPUT,
        usd_per_mtok=Decimal("0.28"),
        valid_from=MONDAY - timedelta(days=300),
        source="test",
    )
    cached = replace(plain_line, kind=PriceKind.CACHED_INPUT, usd_per_mtok=Decimal("0.028"))
    peak = replace(plain_line, usd_per_mtok=Decimal("0.56"), valid_from=MONDAY, processing=PEAK)
    book = PriceBook((plain_line, cached, peak))
    model, two, five = plain_line.model, 2, 5
    assert book.contexts(model) == (PEAK,)
    assert book.contexts(model, "batch") == ()
    assert book.context(model, "standard", two, MONDAY) == PEAK
    assert book.context(model, "standard", five, MONDAY) == "standard"
    assert book.context(model, "standard", two, MONDAY - timedelta(hours=1)) == "standard"
    charged = {
        kind: book.in_force(model, kind, MONDAY, processing=PEAK) for kind in (PriceKind.INPUT, PriceKind.CACHED_INPUT)
    }
    assert {kind: line.usd_per_mtok for kind, line in charged.items() if line} == {
        PriceKind.INPUT: Decimal("0.56"),
        PriceKind.CACHED_INPUT: Decimal("0.028"),
    }
