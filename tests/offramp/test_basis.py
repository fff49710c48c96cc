"""Billed before reported before estimated: one basis for a whole row, and never a sum across two."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from db.session import Engine, transaction
from db.store.prices import append_prices, remember_names
from db.store.usage import record_calls
from offramp.actions.load import load_file
from offramp.actions.usage import usage
from strategy.facts import Call, Price
from strategy.kinds import PriceKind
from tests.offramp.test_reconcile import invoice

AT = datetime(2026, 11, 20, 10, tzinfo=UTC)


def _call(number: int, feature: str, reported: str | None, *, failed: bool = False, provider: str = "openai") -> Call:
    """A call of a million input tokens, which the book prices at $2; a failed one has none."""
    return Call(
        key=number.to_bytes(16, "big"),
        at=AT,
        feature=feature,
        provider=provider,
        model="m",
        source="t",
        errors=int(failed),
        input_tokens=None if failed else 1_000_000,
        output_tokens=None if failed else 0,
        cost_usd=None if reported is None else Decimal(reported),
    )


@pytest.fixture
def counted(engine: Engine) -> Engine:
    """One hour: `whole` reported by every call that used tokens, `partly` by one of two, `silent` by none."""
    calls = [
        _call(1, "whole", "2.50"),
        _call(2, "whole", None, failed=True),
        _call(3, "partly", "2.50"),
        _call(4, "partly", None),
        _call(5, "silent", None),
    ]
    line = Price(
        model="openai/m", kind=PriceKind.INPUT, usd_per_mtok=Decimal(2), valid_from=AT.replace(hour=0), source="t"
    )
    with transaction(engine) as session:
        append_prices(session, [line], recorded_at=AT, recorded_by="t", source_version="", reason="")
        remember_names(session, {("openai", "m"): "openai/m"}, AT)
        record_calls(session, calls, AT)
    return engine


def test_reported_wins_where_every_call_reports(counted: Engine) -> None:
    """A partly reported hour is told as estimated; its reported part stands beside it and is not added."""
    told = {
        row.feature: (row.basis, row.shown_cost_usd, row.cost_usd, row.reported_cost_usd, row.reported_calls)
        for row in usage(counted).rows
    }
    assert told == {
        "whole": ("reported", Decimal("2.5"), Decimal(2), Decimal("2.5"), 1),
        "partly": ("estimated", Decimal(4), Decimal(4), Decimal("2.5"), 1),
        "silent": ("estimated", Decimal(2), Decimal(2), None, 0),
    }
    total = usage(counted).total
    # One basis for all of it: $8 estimated, neither $8.50 (two bases added) nor $5.
    assert (total.basis, total.shown_cost_usd, total.reported_cost_usd) == ("estimated", Decimal(8), Decimal(5))


def test_billed_wins_where_a_bill_tells_of_all_of_it(counted: Engine, tmp_path: Path) -> None:
    """A billed day is told as billed, in every grouping's total; one more provider without a bill ends that."""
    load_file(counted, invoice(tmp_path, "openai,2026-11-20,9.90,"), at=AT)
    (day,) = usage(counted, by=("day",)).rows
    assert (day.basis, day.shown_cost_usd, day.cost_usd) == ("billed", Decimal("9.9"), Decimal(8))
    totals = {(usage(counted, by=(by,)).total.basis, usage(counted, by=(by,)).total.shown_cost_usd) for by in BY}
    assert totals == {("billed", Decimal("9.9"))}
    assert {row.basis for row in usage(counted).rows} == {"reported", "estimated"}
    with transaction(counted) as session:
        record_calls(session, [_call(6, "silent", None, provider="elsewhere")], AT)
    (day,) = usage(counted, by=("day",)).rows
    assert (day.basis, day.shown_cost_usd, day.billed_cost_usd, day.unpriced_calls) == (
        "estimated",
        Decimal(8),
        Decimal("9.9"),
        1,
    )


BY = ("feature", "model", "day", "source")


def test_a_bill_of_another_day_bills_nothing_here(counted: Engine, tmp_path: Path) -> None:
    """A bill of yesterday stands in the total and is not taken for today's cost."""
    load_file(counted, invoice(tmp_path, "openai,2026-11-19,9.90,"), at=AT)
    total = usage(counted, by=("day",), start=AT.replace(hour=0) - timedelta(days=1), end=AT.replace(hour=11)).total
    assert (total.basis, total.billed_cost_usd, total.shown_cost_usd) == ("estimated", Decimal("9.9"), Decimal(8))
