"""Prices of one's own win over every list, name their currency's rate, and are told row by row where they are wrong."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from collectors.rejected import SourceError
from db.queries.price_history import price_history
from db.session import Engine, make_engine, reading, transaction
from db.store.usage import record_calls
from offramp.actions.failure import BadInput
from offramp.actions.own_prices import take_own_prices
from offramp.actions.price_age import price_age
from offramp.actions.price_effect import if_accepted, moved_by
from offramp.actions.price_refresh import refresh_from, refresh_installed, refresh_online
from offramp.actions.prices import fill_book, prices_of, resolve_names
from offramp.actions.register import register
from offramp.actions.usage import usage
from offramp.policy import load_policy
from strategy.facts import Call
from strategy.prices import BOOK_OLD_AFTER

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OWN = b"""
prices:
  - {model: acme/house-model, input: "0.20", output: "0.80", from: 2026-06-01, source: contract 17}
  - {model: openai/gpt-5.6-luna, input: "0.16", from: 2026-08-01, currency: EUR, usd: "1.10", rate_day: 2026-07-31}
discounts:
  - {provider: cohere, percent: 20, from: 2026-07-01, source: order form}
self_hosted:
  - {model: vllm/house-8b, gpu_hour: "1.44", tokens_per_second: 1000, utilisation: "0.4", from: 2026-06-01}
"""


@pytest.fixture
def engine(sqlite_url: str) -> Engine:
    """A filled book."""
    made = make_engine(sqlite_url)
    fill_book(made, NOW)
    return made


def _amounts(engine: Engine, model: str, at: datetime = NOW) -> dict[str, str]:
    prices = prices_of(engine, model, at)["prices"]
    return {line["kind"]: line["usd_per_mtok"] for line in prices if line["tier_min_input_tokens"] == 0}


def test_own_prices_are_in_force_from_their_day(engine: Engine) -> None:
    """A contract, a currency with its rate, a discount, and a GPU whose hour is spread over what it serves."""
    done = take_own_prices(engine, OWN, "own.yaml", at=NOW)
    assert done.refused == ()
    assert _amounts(engine, "acme/house-model") == {"input": "0.20", "output": "0.80"}
    assert _amounts(engine, "openai/gpt-5.6-luna")["input"] == "0.176"
    assert _amounts(engine, "openai/gpt-5.6-luna", datetime(2026, 7, 31, 23, tzinfo=UTC))["input"] == "0.20"
    assert _amounts(engine, "cohere/command-a") == {"input": "2.00", "output": "8.00"}
    # $1.44 an hour over 1,000 × 0.4 × 3,600 tokens is $1 per million.
    assert _amounts(engine, "vllm/house-8b") == {"gpu_hour": "1.44", "input": "1.00", "output": "1.00"}
    with reading(engine) as session:
        (euro,) = [row for row in price_history(session, ["openai/gpt-5.6-luna"], NOW) if row.recorded_by == "own"]
        units = {row.kind: row.unit for row in price_history(session, ["vllm/house-8b"], NOW)}
    assert "in EUR, at 1.1 USD of 2026-07-31" in euro.source
    assert units == {"gpu_hour": "hour", "input": "mtok", "output": "mtok"}


def test_the_same_file_again_writes_nothing_and_no_list_moves_it(engine: Engine) -> None:
    """What a person keeps is not proposed away, neither by the package nor by another list."""
    take_own_prices(engine, OWN, "own.yaml", at=NOW)
    assert take_own_prices(engine, OWN, "own.yaml", at=NOW + timedelta(hours=1)).written == 0
    later = NOW + timedelta(days=1)
    assert refresh_installed(engine, at=later).proposals == ()
    rows = b"model,input\nopenai/gpt-5.6-luna,0.5\nacme/house-model,9\n"
    assert refresh_from(engine, rows, "x.csv", at=later).proposals == ()


def test_traffic_of_an_own_model_is_priced(engine: Engine) -> None:
    """A name that nobody understood means the own model that it says word for word."""
    call = Call(
        key=b"1" * 16, at=NOW - timedelta(days=1), feature="f", provider="acme", model="house-model", source="t",
        input_tokens=1_000_000, output_tokens=1_000_000,
    )  # fmt: skip # a table
    with transaction(engine) as session:
        record_calls(session, [call], NOW)
    resolve_names(engine, NOW)
    assert usage(engine).total.cost_usd is None
    take_own_prices(engine, OWN, "own.yaml", at=NOW)
    assert usage(engine).total.cost_usd == Decimal(1)


def test_wrong_rows_are_named_and_the_others_taken(engine: Engine) -> None:
    """Row, field and cure; a file that is none is refused whole."""
    text = b"""
prices:
  - {model: acme/a, from: 2026-06-01}
  - {model: acme/b, input: cheap, from: 2026-06-01}
  - {model: acme/c, input: "1", from: someday}
  - {model: acme/d, input: "1", from: 2026-06-01, currency: EUR}
  - {model: acme/e, input: "1", from: "2026-06-01T10:30:00Z"}
  - {input: "1", from: 2026-06-01}
  - {model: acme/f, input: "1", from: 2026-06-01}
discounts: [{provider: cohere, percent: 120, from: 2026-06-01}]
self_hosted: [{model: v/x, gpu_hour: "1", tokens_per_second: 10, utilisation: "2", from: 2026-06-01}]
"""
    done = take_own_prices(engine, text, "own.yaml", at=NOW)
    assert [(row.row, row.field) for row in done.refused] == [
        (1, "prices.input"),
        (2, "prices.input"),
        (3, "prices.from"),
        (4, "prices.usd"),
        (5, "prices.from"),
        (6, "prices.model"),
        (1, "self_hosted.utilisation"),
        (1, "discounts.percent"),
    ]
    assert done.written == 1
    for wrong in (b"[", b"colours: []", b"\xff\xfe\x00"):
        with pytest.raises(BadInput, match=r"indentation|start it with"):
            take_own_prices(engine, wrong, "own.yaml", at=NOW)


def test_the_age_of_the_book(sqlite_url: str) -> None:
    """An empty book is stale, a filled one is young, after a month without a look it is stale until one is taken."""
    engine = make_engine(sqlite_url)
    late = NOW + timedelta(days=BOOK_OLD_AFTER.days + 1)
    with reading(engine) as session:
        assert price_age(session, NOW).is_stale
    fill_book(engine, NOW)
    with reading(engine) as session:
        young, old = price_age(session, NOW + timedelta(days=BOOK_OLD_AFTER.days)), price_age(session, late)
    assert (young.days, young.is_stale, old.days, old.is_stale) == (30, False, 31, True)
    refresh_installed(engine, at=late)
    with reading(engine) as session:
        assert not price_age(session, late).is_stale


def test_a_refresh_that_came_to_nothing_is_failed_until_one_works(sqlite_url: str) -> None:
    """Empty, fresh and failed differ; own prices are no look at a list; the next refresh that works clears it."""
    engine = make_engine(sqlite_url)

    def state(at: datetime) -> tuple[str, str]:
        with reading(engine) as session:
            age = price_age(session, at)
        return age.state, age.failure

    assert state(NOW) == ("empty", "")
    fill_book(engine, NOW)
    late = NOW + timedelta(days=40)
    take_own_prices(engine, OWN, "own.yaml", at=late)
    assert state(late) == ("stale", "")
    with pytest.raises(SourceError):
        refresh_online(engine, "http://127.0.0.1:1/prices.json", at=late, allow_private=True)
    assert state(late)[0] == "failed"
    assert "127.0.0.1" in state(late)[1]
    refresh_installed(engine, at=late)
    assert state(late) == ("fresh", "")


def test_an_amount_in_another_currency_stands_beside_its_dollars(engine: Engine) -> None:
    """0.16 EUR at 1.10 is 0.176 USD exactly, and the book keeps the currency, the amount, the rate and its day."""
    take_own_prices(engine, OWN, "own.yaml", at=NOW)
    with reading(engine) as session:
        rows = price_history(session, ["openai/gpt-5.6-luna", "acme/house-model"], NOW)
    (luna,) = [row for row in rows if row.model == "openai/gpt-5.6-luna" and row.recorded_by == "own"]
    assert (luna.usd_per_mtok, luna.currency) == (Decimal("0.176"), "EUR")
    assert luna.original == "0.16 EUR at 1.10 USD on 2026-07-31"
    assert {(row.currency, row.original) for row in rows if row.model == "acme/house-model"} == {("USD", "")}


def test_a_discount_follows_what_the_list_says_later(engine: Engine) -> None:
    """20 % off cohere: a later list price is taken, and the discount off it; other days keep what they cost."""
    take_own_prices(engine, OWN, "own.yaml", at=NOW)
    model, later, day = "cohere/command-r", NOW + timedelta(days=1), datetime(2026, 12, 1, tzinfo=UTC)
    before = _amounts(engine, model)
    assert before == {"input": "0.12", "output": "0.48"}
    done = refresh_from(
        engine, f"model,input,output,valid_from\n{model},0.20,0.60,2026-12-01\n".encode(), "l.csv", at=later
    )
    assert {(each.kind.value, each.old, each.status) for each in done.proposals} == {
        ("input", Decimal("0.15"), "accepted")
    }
    assert _amounts(engine, model, day) == {"input": "0.16", "output": "0.48"}
    assert _amounts(engine, model, day - timedelta(hours=1)) == before
    assert take_own_prices(engine, OWN, "own.yaml", at=later + timedelta(days=1)).written == 0
    deeper = OWN.replace(b"percent: 20", b"percent: 50")
    take_own_prices(engine, deeper, "own.yaml", at=later + timedelta(days=2))
    assert _amounts(engine, model, day) == {"input": "0.10", "output": "0.30"}


def test_a_proposal_s_effect_has_the_discount_taken_off(engine: Engine) -> None:
    """With 20 % off cohere, a doubled list price is shown as the house would pay it, ahead and for a corrected past."""
    take_own_prices(engine, OWN, "own.yaml", at=NOW)
    model, days = "cohere/command-r", [NOW - timedelta(days=back) for back in range(1, 29)]
    with transaction(engine) as session:
        record_calls(session, [_million(day) for day in days], NOW)
    resolve_names(engine, NOW)
    register(engine, [{"slug": "busy", "strategy": "prompt"}], at=NOW, by="t")
    today = NOW.replace(hour=0)
    before, after = _months(engine, f"{model},input,0.30,{NOW:%Y-%m-%d}T08:00:00Z", at=today + timedelta(days=1))
    # 0.15 a million, a fifth off, then twice that: every day one million tokens, thirty days a month.
    assert (before, after) == (Decimal("3.60"), Decimal("7.20"))
    past = f"model,kind,usd_per_mtok,valid_from\n{model},input,0.30,2026-11-20\n".encode()
    (moved, _) = moved_by(engine, refresh_from(engine, past, "p.csv", at=NOW).proposals[0], NOW)
    assert (moved.before_usd, moved.after_usd) == (Decimal("0.12"), Decimal("0.24"))


def _million(day: datetime) -> Call:
    """A call of a million input tokens."""
    return Call(
        key=f"{day:%Y%m%d}".encode().ljust(16),
        at=day,
        feature="busy",
        provider="cohere",
        model="command-r",
        source="t",
        input_tokens=1_000_000,
        output_tokens=0,
    )


def _months(engine: Engine, row: str, *, at: datetime) -> tuple[Decimal, Decimal]:
    """What the month of `busy` costs now, and with this price list accepted."""
    done = refresh_from(engine, f"model,kind,usd_per_mtok,valid_from\n{row}\n".encode(), "l.csv", at=NOW)
    (effect,) = if_accepted(engine, load_policy(), [done.proposals], as_of=at)
    told = effect.document()
    return Decimal(told["now_usd_month"]), Decimal(told["then_usd_month"])
