"""The figures of the price book that everything else rests on, from the packaged book and real traffic shapes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from db.queries.price_events import price_events
from db.session import Engine, make_engine, reading, transaction
from db.store.prices import append_prices, cancel_prices
from db.store.scores import record_scores
from db.store.usage import record_calls
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.register import register
from offramp.actions.review import explained, review
from offramp.actions.usage import usage
from offramp.policy import load_policy
from strategy.facts import Call, Price, size_tier
from strategy.kinds import PriceKind
from tests.offramp.test_review import evals

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def engine(sqlite_url: str) -> Engine:
    """A filled book; the database makes no difference here."""
    made = make_engine(sqlite_url)
    fill_book(made, NOW)
    return made


def _month(engine: Engine, model: str, last: datetime, *, days: int = 60, calls: int = 100_000) -> None:
    """100,000 calls a day of 800 tokens in and 60 out, up to and without a day."""
    provider, _, name = model.partition("/")
    found = [
        Call(
            key=f"{model[:4]}{(last - timedelta(days=day)).date()}".encode().ljust(16)[:16],
            at=last - timedelta(days=day, hours=12),
            feature="busy",
            provider=provider,
            model=name,
            source="t",
            calls=calls,
            input_tokens=calls * 800,
            output_tokens=calls * 60,
        )
        for day in range(days)
    ]
    with transaction(engine) as session:
        record_calls(session, found, last)
    resolve_names(engine, last)


def _verdict(engine: Engine, as_of: datetime) -> dict[str, object]:
    (found,) = explained(engine, load_policy(), as_of=as_of)
    return found


def test_gemini_doubles_on_new_year_and_is_flagged_41_days_ahead(engine: Engine) -> None:
    """$2,475 a month today, $4,950 from 2027-01-01; on 2026-11-21 the verdict names the day."""
    distill = {"one_off_usd": "2000", "engineer_days": "0", "monthly_usd": "2400", "usd_per_call": "0"}
    feature = {
        "slug": "busy",
        "strategy": "prompt",
        "task": {
            "determinism": "no",
            "input_space": "open",
            "output_space": "free",
            "latency_budget_ms": 5000,
            "error_cost": "low",
            "labelled_examples": 4000,
            "examples_diverse": True,
        },
        "quality": {"metric": "accuracy", "floor": "0.85", "margin": "0.03"},
        "costs": {"distill": distill},
    }
    register(engine, [feature], at=NOW, by="t")
    with transaction(engine) as session:
        record_scores(session, [replace(score, feature="busy") for score in evals()])
    _month(engine, "google/gemini-3.7-flash", TODAY)
    today = _verdict(engine, TODAY)
    assert today["money"]["monthly_usd"]["prompt"] == "2475.00"  # type: ignore[index]  # a JSON document
    assert (today["verdict"], today["due_by"]) == ("due", "2027-01-01")
    review(engine, load_policy(), as_of=TODAY, now=NOW)
    _month(engine, "google/gemini-3.7-flash", datetime(2027, 1, 1, tzinfo=UTC), days=41)
    later = _verdict(engine, datetime(2027, 1, 1, tzinfo=UTC))
    assert later["money"]["monthly_usd"]["prompt"] == "4950.00"  # type: ignore[index]  # a JSON document
    with reading(engine) as session:
        told = [event.detail for event in price_events(session, kinds=["price_will_change"])]
    assert told == ["google/gemini-3.7-flash input will move from $0.75 to $1.50 per Mtok on 2027-01-01, in 41 days."]


@pytest.mark.parametrize("model", ["openai/gpt-4o-mini", "openai/ft:gpt-4o-mini:acme::abc123"])
def test_what_retires_is_due_by_its_last_day(engine: Engine, model: str) -> None:
    """gpt-4o-mini and a hosted fine-tune of it stop on 2027-01-14: the verdict of 2026-11-21 says so."""
    register(engine, [{"slug": "busy", "strategy": "prompt"}], at=NOW, by="t")
    _month(engine, model, TODAY)
    assert _verdict(engine, TODAY)["due_by"] == date(2027, 1, 14).isoformat()


def test_the_tier_case(engine: Engine) -> None:
    """1,000 requests of 3,000 in and 200 out on gemini-2.5-pro cost $5.75; as one request they would be $10.50."""
    calls = [
        Call(
            key=number.to_bytes(16, "big"),
            at=TODAY,
            feature="busy",
            provider="google",
            model="gemini-2.5-pro",
            source="t",
            input_tokens=3_000,
            output_tokens=200,
        )
        for number in range(1_000)
    ]
    with transaction(engine) as session:
        record_calls(session, calls, NOW)
    resolve_names(engine, NOW)
    assert usage(engine).total.cost_usd == Decimal("5.75")
    assert size_tier(3_000 * 1_000) > 200_000


def test_a_cancelled_rise_leaves_no_trace_in_any_cost(engine: Engine) -> None:
    """claude-sonnet-5 was to rise to 3/15 on 2026-09-01 and did not: once cancelled, every figure is as without."""
    model, rise = "anthropic/claude-sonnet-5", datetime(2026, 9, 1, tzinfo=UTC)
    _month(engine, model, datetime(2026, 10, 1, tzinfo=UTC))
    without = usage(engine, by={"day"}).document()
    lines = [
        Price(model=model, kind=kind, usd_per_mtok=Decimal(usd), valid_from=rise, source="announced")
        for kind, usd in ((PriceKind.INPUT, "3"), (PriceKind.OUTPUT, "15"))
    ]
    july = datetime(2026, 7, 1, tzinfo=UTC)
    with transaction(engine) as session:
        append_prices(session, lines, recorded_at=july, recorded_by="t", source_version="1", reason="announced")
    assert usage(engine, by={"day"}).document() != without
    with transaction(engine) as session:
        assert cancel_prices(session, lines, recorded_at=NOW, recorded_by="t", reason="made permanent") == 2
    assert usage(engine, by={"day"}).document() == without


def test_adding_a_future_price_changes_no_past_figure(engine: Engine) -> None:
    """What is announced for tomorrow leaves every counted day to the last digit."""
    _month(engine, "openai/gpt-5.6-luna", datetime(2026, 8, 15, tzinfo=UTC))
    before = usage(engine, by={"day"}).document()
    ahead = Price(
        model="openai/gpt-5.6-luna",
        kind=PriceKind.INPUT,
        usd_per_mtok=Decimal(99),
        valid_from=datetime(2026, 12, 1, tzinfo=UTC),
    )
    with transaction(engine) as session:
        append_prices(session, [ahead], recorded_at=NOW, recorded_by="t", source_version="1", reason="announced")
    assert usage(engine, by={"day"}).document() == before
    cut = {row["day"]: row["cost_usd"] for row in before["rows"]}
    assert (cut["2026-07-29"], cut["2026-07-30"]) == ("116", "23.2")
