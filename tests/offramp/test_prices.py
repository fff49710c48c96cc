"""The book is filled once, names are understood, and a model's price is told as the contract says."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import event

from collectors.model_names import resolve
from db.queries.prices import book_age, known_names, price_changes, price_lines, retirements_of
from db.session import Engine, make_engine, reading, transaction
from db.store.usage import record_calls
from offramp.actions.prices import fill_book, nearby, prices_of, resolve_names
from strategy.facts import Call, TokenMix
from strategy.prices import PriceBook, mix_cost
from tests.collectors.price_cases import known_changes

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LUNA = "openai/gpt-5.6-luna"


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """A database whose book is filled."""
    assert fill_book(engine, NOW) > 7_000
    return engine


@pytest.fixture(scope="module")
def told(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A filled book for tests that only read and in which the database makes no difference."""
    path = tmp_path_factory.mktemp("book") / "offramp.db"
    shutil.copy(sqlite_template, path)
    engine = make_engine(f"sqlite:///{path}")
    fill_book(engine, NOW)
    yield engine
    engine.dispose()


def _base(document: dict[str, object], kind: str) -> list[str]:
    prices = document["prices"]
    assert isinstance(prices, list)
    return [line["usd_per_mtok"] for line in prices if line["kind"] == kind and line["tier_min_input_tokens"] == 0]


def test_filling_twice_adds_nothing(filled: Engine) -> None:
    """A book that was filled is not filled again: what a newer package says is proposed."""
    assert fill_book(filled, NOW + timedelta(days=1)) == 0
    with reading(filled) as session:
        assert book_age(session) == NOW


def test_filling_is_fast(sqlite_url: str) -> None:
    """Some 7,000 lines are written in a few statements, so that they take seconds at most, also on a slow machine."""
    engine, statements = make_engine(sqlite_url), count()
    event.listen(engine, "before_cursor_execute", lambda *_: next(statements))
    assert fill_book(engine, NOW) > 5_000
    assert next(statements) < 700
    engine.dispose()


def test_a_price_as_the_contract_says_it(filled: Engine) -> None:
    """gpt-5.6-luna cost $1 and $6 on 2026-07-29 and costs $0.20 and $1.20 from 2026-07-30."""
    before = prices_of(filled, LUNA, datetime(2026, 7, 29, 23, tzinfo=UTC))
    after = prices_of(filled, LUNA, datetime(2026, 7, 30, tzinfo=UTC))
    assert (_base(before, "input"), _base(before, "output")) == (["1.00"], ["6.00"])
    assert (_base(after, "input"), _base(after, "output")) == (["0.20"], ["1.20"])
    assert after["model"] == LUNA
    assert after["at"] == "2026-07-30T00:00:00Z"
    line = next(line for line in after["prices"] if line["kind"] == "input")
    assert line | {"source": ""} == {
        "kind": "input",
        "usd_per_mtok": "0.20",
        "valid_from": "2026-07-30T00:00:00Z",
        "valid_to": None,
        "tier_min_input_tokens": 0,
        "source": "",
        "recorded_at": "2026-07-30T00:00:00Z",
    }
    assert "OpenAI changelog" in line["source"]
    assert after["other_processing"] == []
    assert after["near"] == []


def test_every_curated_change_is_told_by_the_book(filled: Engine, shared: Path) -> None:
    """Out of the database too, each known change is right one hour before it and at its instant."""
    cases = known_changes(shared)
    models = {case: resolve(case.provider, case.name) or "" for case in cases}
    with reading(filled) as session:
        book = PriceBook(price_lines(session, set(models.values())))
    told = [
        [
            line.usd_per_mtok if line else None
            for at in (case.at - timedelta(hours=1), case.at)
            for line in [book.in_force(models[case], case.kind, at)]
        ]
        for case in cases
    ]
    assert told == [[case.old, case.new] for case in cases]


def test_what_was_known_before_the_book_was_filled(told: Engine) -> None:
    """Our own history was published in its time; what only the feed tells was not known before the book was filled."""
    sonnet = "anthropic/claude-sonnet-5"
    assert _base(prices_of(told, LUNA, NOW, as_of=datetime(2026, 7, 29, tzinfo=UTC)), "input") == ["1.00"]
    assert _base(prices_of(told, LUNA, NOW, as_of=datetime(2026, 7, 30, tzinfo=UTC)), "input") == ["0.20"]
    assert prices_of(told, sonnet, NOW, as_of=NOW - timedelta(days=1))["prices"] == []
    assert _base(prices_of(told, sonnet, NOW, as_of=NOW), "input") == ["2.00"]


def test_every_curated_change_as_known_then_and_as_known_now(told: Engine, shared: Path) -> None:
    """One instant before each change and at it, the book gives what the world knew at that very instant, and now."""
    wrong = []
    for case in known_changes(shared):
        model = resolve(case.provider, case.name) or ""
        instants = ((case.at - timedelta(microseconds=1), case.old), (case.at, case.new))
        for at, right in instants:
            knowing = [NOW] if at > NOW else [at, NOW]
            wrong += [
                (case, at, as_of, found)
                for as_of in knowing
                for found in [_base(prices_of(told, model, at, as_of=as_of), case.kind.value)]
                if [Decimal(usd) for usd in found] != [right]
            ]
    assert wrong == []


def test_an_announced_price_is_known_from_its_announcement_on(told: Engine) -> None:
    """gemini-3.7-flash's doubling was known on 2026-11-21, and not before anybody told of it."""
    new_year = datetime(2027, 1, 1, tzinfo=UTC)
    model = "google/gemini-3.7-flash"
    assert _base(prices_of(told, model, new_year, as_of=datetime(2026, 11, 21, tzinfo=UTC)), "input") == ["1.50"]
    assert _base(prices_of(told, model, new_year, as_of=datetime(2026, 9, 1, tzinfo=UTC)), "input") == ["0.75"]


def test_an_announced_rise_stands_in_the_book(told: Engine) -> None:
    """gemini-3.7-flash doubles on 2027-01-01: 3M calls of 800 in and 60 out cost $2,475 a month, then $4,950."""
    assert _base(prices_of(told, "google/gemini-3.7-flash", NOW), "input") == ["0.75"]
    assert _base(prices_of(told, "google/gemini-3.7-flash", datetime(2027, 1, 1, tzinfo=UTC)), "input") == ["1.50"]
    with reading(told) as session:
        book = PriceBook(price_lines(session, ["google/gemini-3.7-flash"]))
    month = TokenMix(
        model="google/gemini-3.7-flash",
        tier=0,
        processing="standard",
        calls=3_000_000,
        input_tokens=2_400_000_000,
        cached_input_tokens=0,
        cache_write_tokens=0,
        output_tokens=180_000_000,
    )
    assert mix_cost(book, month, NOW) == Decimal(2475)
    assert mix_cost(book, month, datetime(2027, 1, 1, tzinfo=UTC)) == Decimal(4950)


def test_tiers_stand_side_by_side(told: Engine) -> None:
    """gemini-2.5-pro tells a price for every request and one for those above 200,000 tokens; batch stands apart."""
    found = prices_of(told, "google/gemini-2.5-pro", NOW)
    tiers = [
        (line["tier_min_input_tokens"], line["usd_per_mtok"]) for line in found["prices"] if line["kind"] == "input"
    ]
    assert tiers == [(0, "1.25"), (200_000, "2.50")]
    assert {line["processing"] for line in found["other_processing"]} == {"batch"}


def test_a_cancelled_rise_is_nowhere(told: Engine) -> None:
    """claude-sonnet-5's rise of September 2026 was cancelled: its price has no end."""
    found = prices_of(told, "anthropic/claude-sonnet-5", NOW)
    assert _base(found, "input") == ["2.00"]
    assert {line["valid_to"] for line in found["prices"]} == {None}


@pytest.mark.parametrize("said", ["gpt-5.6-luna", "openai/gpt-5.6-luna-2026-07-09", "OPENAI/GPT-5.6-Luna"])
def test_a_model_may_be_asked_for_by_what_senders_call_it(told: Engine, said: str) -> None:
    """The document names the id that answered."""
    assert prices_of(told, said, NOW)["model"] == LUNA


def test_an_unknown_model_has_no_price(told: Engine) -> None:
    """Unknown is an empty list, never $0, with the ids that look alike."""
    found = prices_of(told, "openai/gpt-5.6-lunar", NOW)
    assert found["prices"] == []
    assert found["near"][0] == LUNA
    assert prices_of(told, "nobody/heard-of-this-one", NOW)["prices"] == []


def test_a_known_model_without_a_price_yet_has_none_in_force(told: Engine) -> None:
    """Before a model was sold nothing is in force: o3 has no price in 2020."""
    assert prices_of(told, "openai/o3", datetime(2020, 6, 1, tzinfo=UTC))["prices"] == []
    assert prices_of(told, LUNA, datetime(2026, 5, 20, tzinfo=UTC))["prices"] == []


def test_near_ids_prefer_makers() -> None:
    """A misspelt name is answered with the maker's id before a router's."""
    assert (
        nearby("gpt-4o-mni", ["openrouter/openai/gpt-4o-mini", "openai/gpt-4o-mini", "x/y"])[0] == "openai/gpt-4o-mini"
    )


def _call(key: int, provider: str, model: str) -> Call:
    return Call(
        key=key.to_bytes(16, "big"),
        at=NOW,
        feature="triage",
        provider=provider,
        model=model,
        source="t",
        input_tokens=9,
    )


def test_names_of_new_traffic_are_settled(filled: Engine) -> None:
    """A known name gets its id, an unknown one is remembered as unknown, and neither is looked up twice."""
    calls = [_call(1, "openai", "gpt-5.6-luna-2026-07-09"), _call(2, "acme", "house-model")]
    with transaction(filled) as session:
        record_calls(session, calls, NOW)
    assert resolve_names(filled, NOW) == 2
    assert resolve_names(filled, NOW) == 0
    pairs = [("openai", "gpt-5.6-luna-2026-07-09"), ("acme", "house-model")]
    with reading(filled) as session:
        assert known_names(session, pairs) == {pairs[0]: LUNA, pairs[1]: None}
        july = price_changes(session, datetime(2026, 7, 10, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))
    assert [(change.model, change.kind.value, change.old, change.new) for change in july] == [
        (LUNA, "cache_write", Decimal("1.25"), Decimal("0.25")),
        (LUNA, "cached_input", Decimal("0.1"), Decimal("0.02")),
        (LUNA, "input", Decimal(1), Decimal("0.2")),
        (LUNA, "output", Decimal(6), Decimal("1.2")),
    ]


def test_retirements_come_with_the_book(told: Engine) -> None:
    """gpt-4o-mini and its fine-tunes end on 2027-01-14; OpenAI names gpt-6-luna in their place."""
    with reading(told) as session:
        found = retirements_of(session, ["openai/gpt-4o-mini", "openai/ft:gpt-4o-mini", LUNA])
    assert [(item.model, item.on.isoformat(), item.replacement) for item in found] == [
        ("openai/ft:gpt-4o-mini", "2027-01-14", "openai/gpt-6-luna"),
        ("openai/gpt-4o-mini", "2027-01-14", "openai/gpt-6-luna"),
    ]
