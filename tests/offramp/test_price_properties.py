"""What holds of the book whatever is written into it, on both databases; an oracle says what is right."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.queries.prices import prices_at
from db.session import Engine, reading, transaction
from db.store.prices import append_prices, cancel_prices, remember_names
from db.store.usage import record_calls
from offramp.actions.usage import usage
from strategy.facts import Call, Price
from strategy.kinds import PriceKind

START = datetime(2026, 5, 1, tzinfo=UTC)
DAYS = 8
LATER = START + timedelta(days=400)
# A database is made for the test, not for the example: each example writes under names of its own.
_few = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
_numbers = count()
_amounts = st.decimals("0", "999", places=9)
_days = st.integers(0, DAYS - 1)


def _line(model: str, usd: Decimal, day: int, kind: PriceKind = PriceKind.INPUT) -> Price:
    return Price(model=model, kind=kind, usd_per_mtok=usd, valid_from=START + timedelta(days=day))


def _write(engine: Engine, line: Price, at: datetime) -> None:
    with transaction(engine) as session:
        append_prices(session, [line], recorded_at=at, recorded_by="t", source_version="1", reason="t")


@_few
@given(writes=st.lists(st.tuples(_days, _amounts, st.booleans()), min_size=1, max_size=6))
def test_the_book_answers_what_was_known_then(engine: Engine, writes: list[tuple[int, Decimal, bool]]) -> None:
    """Changes, corrections and cancellations in any order: as of each moment, what had been written by then."""
    model = f"acme/{next(_numbers)}"
    history: list[dict[int, Decimal]] = [{}]
    for step, (day, usd, cancelled) in enumerate(writes, start=1):
        known = dict(history[-1])
        line, at = _line(model, usd, day), LATER + timedelta(hours=step)
        if cancelled and day in known:
            gone = _line(model, known.pop(day), day)
            with transaction(engine) as session:
                cancel_prices(session, [gone], recorded_at=at, recorded_by="t", reason="t")
        else:
            known[day] = usd
            _write(engine, line, at)
        history.append(known)
    with reading(engine) as session:
        for step, known in enumerate(history):
            for day in range(DAYS):
                at, as_of = START + timedelta(days=day, hours=5), LATER + timedelta(hours=step)
                told = [line.price.usd_per_mtok for line in prices_at(session, model, at, as_of)]
                begun = [start for start in known if start <= day]
                assert told == ([known[max(begun)]] if begun else [])


_calls = st.lists(
    st.tuples(st.integers(0, DAYS * 24 - 1), st.integers(0, 10**7), st.integers(0, 10**6)), min_size=1, max_size=30
)


def _counted(engine: Engine, model: str, calls: list[tuple[int, int, int]]) -> None:
    found = [
        Call(
            key=f"{model}/{number}".encode().ljust(16)[-16:],
            at=START + timedelta(hours=hour),
            feature=model,
            provider="acme",
            model=model,
            source="t",
            input_tokens=tokens_in,
            output_tokens=tokens_out,
        )
        for number, (hour, tokens_in, tokens_out) in enumerate(calls)
    ]
    with transaction(engine) as session:
        record_calls(session, found, LATER)
        remember_names(session, {("acme", model): model}, LATER)


@_few
@given(calls=_calls, cut=_days, old=_amounts, new=_amounts, out=_amounts)
def test_the_total_of_rollups_is_the_total_of_calls_exactly(
    engine: Engine, calls: list[tuple[int, int, int]], cut: int, old: Decimal, new: Decimal, out: Decimal
) -> None:
    """Each call by hand in fractions, at the price of its hour, against what is counted: the same number."""
    model = f"m{next(_numbers)}"
    lines = (_line(model, old, 0), _line(model, new, cut), _line(model, out, 0, PriceKind.OUTPUT))
    for hours, line in enumerate(lines):
        _write(engine, line, LATER + timedelta(hours=hours))
    _counted(engine, model, calls)
    first = old if cut else new
    by_hand = sum(
        (Fraction(first if hour < cut * 24 else new) * tokens_in + Fraction(out) * tokens_out) / 10**6
        for hour, tokens_in, tokens_out in calls
    )
    total = usage(engine, feature=model).total.cost_usd
    assert total is not None
    assert Fraction(total) == by_hand
    days = usage(engine, by={"day"}, feature=model).rows
    assert sum((row.cost_usd or Decimal(0) for row in days), Decimal(0)) == total


@_few
@given(calls=_calls, usd=_amounts, ahead=st.integers(0, 90), new=_amounts)
def test_a_future_price_changes_no_past_figure_in_the_book(
    engine: Engine, calls: list[tuple[int, int, int]], usd: Decimal, ahead: int, new: Decimal
) -> None:
    """Whatever is announced for a day after the last call, every figure stays to the last digit."""
    model = f"f{next(_numbers)}"
    for kind in (PriceKind.INPUT, PriceKind.OUTPUT):
        _write(engine, _line(model, usd, 0, kind), START)
    _counted(engine, model, calls)
    before = usage(engine, by={"day"}, feature=model).document()
    _write(engine, _line(model, new, DAYS + ahead), START + timedelta(days=1))
    assert usage(engine, by={"day"}, feature=model).document() == before
