"""Old hours become days, and every listing by day says what it said."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select

from db.session import reading, transaction
from db.store.usage import hour_of, record_calls
from db.tables import PriceRow, Rollup
from offramp.actions.fold import fold
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.usage import usage
from strategy.facts import Call

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
START = AT.replace(hour=0) - timedelta(days=40)
KEEP = timedelta(days=10)
GROUPS = (("feature",), ("model",), ("day",), ("source",), ("feature", "day", "model", "source"))


@pytest.fixture
def counted(engine: Engine) -> Engine:
    """Forty days of calls at any hour, of three features and models, some with a reported cost or a latency."""
    fill_book(engine, AT)
    dice = random.Random(3)  # noqa: S311 (repeatable calls, no secret)
    calls = [_call(number, dice) for number in range(1_500)]
    with transaction(engine) as session:
        record_calls(session, calls, AT)
    resolve_names(engine, AT)
    return engine


def _call(number: int, dice: random.Random) -> Call:
    return Call(
        key=number.to_bytes(16, "big"),
        at=START + timedelta(minutes=dice.randrange(40 * 24 * 60)),
        feature=dice.choice(("a", "b", None)),
        provider="openai",
        model=dice.choice(("gpt-4o-mini", "gpt-4.1", "nobody-knows")),
        calls=dice.randint(1, 5),
        errors=0,
        input_tokens=dice.randint(1, 9_000),
        cached_input_tokens=0,
        cache_write_tokens=0,
        output_tokens=dice.randint(1, 900),
        reasoning_tokens=0,
        cost_usd=dice.choice((None, Decimal("0.000000123"), Decimal("1.7"))),
        latency_ms=dice.choice((None, 812.5)),
        source=dice.choice(("otlp", "file")),
    )


def _told(engine: Engine) -> list[object]:
    end = AT.replace(hour=0) + timedelta(days=1)
    return [usage(engine, by=by, start=START, end=end) for by in GROUPS]


def _rows(engine: Engine) -> int:
    with reading(engine) as session:
        return int(session.scalar(select(func.count()).select_from(Rollup)) or 0)


def test_folding_moves_no_figure(counted: Engine) -> None:
    """Thirty days are folded to one row a key; every listing is the same, cost and latency included; again: nothing."""
    before, rows = _told(counted), _rows(counted)
    assert fold(counted, AT, KEEP) == 30
    assert _told(counted) == before
    assert _rows(counted) < rows
    with reading(counted) as session:
        hours = list(session.scalars(select(Rollup.hour).where(Rollup.hour < hour_of(AT - KEEP) // 24 * 24)))
    assert {hour % 24 for hour in hours} == {0}
    assert fold(counted, AT, KEEP) == 0
    assert _told(counted) == before


def test_what_comes_late_is_folded_the_next_time(counted: Engine) -> None:
    """A call of a folded day is added, and folded with the rest."""
    fold(counted, AT, KEEP)
    rows = _rows(counted)
    late = _call(99_999, random.Random(5))._replace(at=START + timedelta(days=3, hours=5))  # noqa: S311 (made-up calls, no secret)
    with transaction(counted) as session:
        record_calls(session, [late], AT)
    before = _told(counted)
    assert fold(counted, AT, KEEP) == 1
    assert _told(counted) == before
    assert _rows(counted) <= rows + 1


def test_a_day_in_which_a_price_changes_stays_by_the_hour(counted: Engine) -> None:
    """A price from noon on prices the afternoon alone, for ever."""
    noon = START + timedelta(days=5, hours=12)
    with transaction(counted) as session:
        price = session.scalars(select(PriceRow).where(PriceRow.model == "openai/gpt-4.1").limit(1)).one()
        values = {column.key: getattr(price, column.key) for column in PriceRow.__table__.columns if column.key != "id"}
        session.add(PriceRow(**{**values, "valid_from": noon, "usd_per_mtok": Decimal(77)}))
    before = _told(counted)
    assert fold(counted, AT, KEEP) == 29
    assert _told(counted) == before


def test_a_model_that_costs_more_at_some_hours_stays_by_the_hour(counted: Engine) -> None:
    """Its peak hours keep their price; the days are folded for the others, once, and hold nobody up."""
    calls = [
        _call(5_000 + hour, random.Random(7))._replace(model="deepseek-v4-flash", provider="deepseek", at=at)  # noqa: S311 (made-up calls, no secret)
        for hour in range(48)
        for at in [START + timedelta(days=4, hours=hour)]
    ]
    with transaction(counted) as session:
        record_calls(session, calls, AT)
    resolve_names(counted, AT)
    before = _told(counted)
    assert fold(counted, AT, KEEP) == 30
    assert _told(counted) == before
    assert fold(counted, AT, KEEP) == 0
    with reading(counted) as session:
        kept = session.scalar(select(func.count()).where(Rollup.provider == "deepseek", Rollup.hour % 24 != 0))
    assert kept is not None
    assert kept >= 46


def test_without_a_limit_nothing_is_folded(counted: Engine) -> None:
    """`off` keeps every hour."""
    assert fold(counted, AT, None) == 0
