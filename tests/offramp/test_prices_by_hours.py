"""What is charged by the hour of the day is costed by the hour in which it was used."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from db.queries.price_events import price_events
from db.session import Engine, reading, transaction
from db.store.prices import append_prices, remember_names
from db.store.usage import record_calls
from offramp.actions.own_prices import take_own_prices
from offramp.actions.price_events import note_events
from offramp.actions.price_refresh import refresh_from
from offramp.actions.prices import fill_book, prices_of, resolve_names
from offramp.actions.register import register
from offramp.actions.review import explained
from offramp.actions.usage import usage
from offramp.policy import load_policy
from strategy.facts import Call, Price
from strategy.kinds import PriceKind

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FLASH = "deepseek/deepseek-v4-flash"
PEAK = "standard@Mon-Fri 01:00-04:00,06:00-10:00"


def _call(at: datetime, model: str = "deepseek-v4-flash") -> Call:
    """A call of a million tokens in and a million out."""
    return Call(
        key=f"{at.timestamp():016.0f}".encode(),
        at=at,
        feature="nightly",
        provider="deepseek",
        model=model,
        source="t",
        input_tokens=1_000_000,
        output_tokens=1_000_000,
    )


def _record(engine: Engine, calls: list[Call]) -> None:
    with transaction(engine) as session:
        record_calls(session, calls, NOW)
    resolve_names(engine, NOW)


@pytest.fixture
def book(engine: Engine) -> Engine:
    """Flash at 0.15 and 0.60, twice that in its peak hours, since September; before, 0.22 and 0.66 at any hour."""
    start, before = datetime(2026, 9, 10, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)
    lines = [
        Price(model=FLASH, kind=kind, usd_per_mtok=Decimal(usd), valid_from=at, processing=context, source="t")
        for context, at, amounts in (
            ("standard", before, ("0.22", "0.66")),
            ("standard", start, ("0.15", "0.60")),
            (PEAK, start, ("0.30", "1.20")),
        )
        for kind, usd in zip((PriceKind.INPUT, PriceKind.OUTPUT), amounts, strict=True)
    ]
    with transaction(engine) as session:
        append_prices(session, lines, recorded_at=start, recorded_by="t", source_version="", reason="t")
        remember_names(session, {("deepseek", "deepseek-v4-flash"): FLASH}, start)
    return engine


def test_each_hour_has_its_price(book: Engine) -> None:
    """A week of one call an hour: 35 peak hours at $1.50, 133 at $0.75; the days add up to the week, exactly."""
    monday = datetime(2026, 11, 9, tzinfo=UTC)
    _record(book, [_call(monday + timedelta(hours=hour, minutes=59)) for hour in range(168)])
    days = {row.day: row.cost_usd for row in usage(book, by={"day"}).rows}
    weekday, weekend = 7 * Decimal("1.5") + 17 * Decimal("0.75"), 24 * Decimal("0.75")
    assert list(days.values()) == [weekday] * 5 + [weekend] * 2
    assert usage(book).total.cost_usd == 5 * weekday + 2 * weekend
    assert usage(book, by={"source"}).total.cost_usd == sum(day or 0 for day in days.values())


def test_hours_begin_with_their_price(book: Engine) -> None:
    """02:00 on a weekday in August, before there were peak hours, costs what any hour cost."""
    _record(book, [_call(datetime(2026, 8, 20, 2, tzinfo=UTC)), _call(datetime(2026, 9, 10, 2, tzinfo=UTC))])
    days = [row.cost_usd for row in usage(book, by={"day"}).rows]
    assert days == [Decimal("0.88"), Decimal("1.5")]


def test_the_judge_prices_the_hours_that_were_used(book: Engine) -> None:
    """A feature that works in the peak hours costs twice one that works at night, also in the month ahead."""
    register(book, [{"slug": "nightly", "strategy": "prompt"}], at=NOW, by="t")
    days = [datetime(2026, 11, 21, tzinfo=UTC) - timedelta(days=back) for back in range(28, 0, -1)]
    _record(book, [_call(day + timedelta(hours=2)) for day in days])
    (verdict,) = explained(book, load_policy(), as_of=datetime(2026, 11, 21, tzinfo=UTC))
    # Twenty weekdays at $1.50 and eight days of weekends at $0.75.
    whole = Decimal(36) / 28 * 30
    assert Decimal(verdict["money"]["monthly_usd"]["prompt"]) == pytest.approx(whole, rel=Decimal("0.02"))
    assert {price["usd_per_mtok"] for price in verdict["prices"]} == {"0.15", "0.30", "0.60", "1.20"}


def test_prices_at_an_hour(engine: Engine) -> None:
    """`prices MODEL --at T` answers for the hour of T, to the minute, and tells the other hours' prices beside it."""
    fill_book(engine, NOW)

    def usd(model: str, at: datetime) -> list[str]:
        told = prices_of(engine, model, at)["prices"]
        return [line["usd_per_mtok"] for line in told if line["kind"] == "input"]

    friday = datetime(2026, 11, 20, tzinfo=UTC)
    assert [usd(FLASH, friday.replace(hour=hour)) for hour in (0, 1, 4, 6, 10)] == [
        ["0.15"], ["0.30"], ["0.15"], ["0.30"], ["0.15"],
    ]  # fmt: skip # a table
    assert usd(FLASH, friday + timedelta(days=1, hours=2)) == ["0.15"]
    may = datetime(2025, 5, 1, 16, 29, tzinfo=UTC)
    assert [usd("deepseek-chat", may + timedelta(minutes=step)) for step in (0, 1)] == [["0.27"], ["0.135"]]
    other = prices_of(engine, FLASH, friday)["other_processing"]
    assert {(line["hours"], line["usd_per_mtok"]) for line in other if line["kind"] == "input"} == {
        ("Mon-Fri 01:00-04:00,06:00-10:00", "0.30")
    }


def test_a_person_and_a_list_tell_hours(book: Engine) -> None:
    """An own price and a CSV take `hours`; ten times the price of other hours is taken for a typo."""
    own = b'prices:\n  - {model: acme/house, input: "0.20", from: 2026-06-01, hours: "22:00-06:00"}\n'
    assert take_own_prices(book, own, "own.yaml", at=NOW).written == 1
    wrong = take_own_prices(book, own.replace(b"22:00-06:00", b"at night"), "own.yaml", at=NOW)
    assert [each.field for each in wrong.refused] == ["prices.hours"]
    told = f"model,kind,usd_per_mtok,valid_from,hours\n{FLASH},input,1.60,2026-12-01,18:00-19:00\n".encode()
    done = refresh_from(book, told, "hours.csv", at=NOW)
    assert [(each.status, each.why.split(": ")[0]) for each in done.proposals] == [
        ("quarantined", "$1.60 is 10.7 times what it costs at other hours")
    ]


def test_a_peak_price_that_moves_alone_is_an_event(book: Engine) -> None:
    """The feature that uses the model is judged again also where only some hours got another price."""
    register(book, [{"slug": "nightly", "model": FLASH, "strategy": "prompt"}], at=NOW, by="t")
    dearer = f'prices:\n  - {{model: {FLASH}, input: "0.45", from: 2026-11-20, hours: "{PEAK[9:]}"}}\n'
    assert take_own_prices(book, dearer.encode(), "own.yaml", at=NOW).written == 1
    note_events(book, load_policy(), NOW)
    with reading(book) as session:
        moved = [event.detail for event in price_events(session, kinds=["price_changed"])]
    hours = "(Mon-Fri 01:00-04:00,06:00-10:00 UTC)"
    assert moved == [f"{FLASH} input moved from $0.30 to $0.45 per Mtok {hours} on 2026-11-20."]
