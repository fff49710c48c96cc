"""What is told was counted: exact costs at the price of the time, unattributed and unpriced apart."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from db.session import transaction
from db.store.prices import append_prices, remember_names
from db.store.usage import record_calls
from offramp.actions.failure import BadInput
from offramp.actions.features import list_features
from offramp.actions.register import register
from offramp.actions.usage import usage
from strategy.facts import Call, Price
from strategy.kinds import PriceKind

BEFORE = datetime(2026, 7, 29, 12, tzinfo=UTC)
CUT = datetime(2026, 7, 30, tzinfo=UTC)
AFTER = datetime(2026, 7, 30, 12, tzinfo=UTC)
OLD = datetime(2020, 1, 1, tzinfo=UTC)


def prices() -> list[Price]:
    """Luna's prices before and after the cut, and a model whose price doubles above 200,000 tokens."""

    def line(model: str, kind: PriceKind, usd: str, start: datetime = OLD, tier: int = 0) -> Price:
        return Price(
            model=model,
            kind=kind,
            usd_per_mtok=Decimal(usd),
            valid_from=start,
            tier_min_input_tokens=tier,
            source="test",
        )

    luna, pro = "openai/gpt-5.6-luna", "google/gemini-2.5-pro"
    return [
        line(luna, PriceKind.INPUT, "1"),
        line(luna, PriceKind.OUTPUT, "6"),
        line(luna, PriceKind.INPUT, "0.2", CUT),
        line(luna, PriceKind.OUTPUT, "1.2", CUT),
        line(pro, PriceKind.INPUT, "1.25"),
        line(pro, PriceKind.OUTPUT, "10"),
        line(pro, PriceKind.INPUT, "2.5", tier=200_000),
        line(pro, PriceKind.OUTPUT, "15", tier=200_000),
    ]


def calls() -> Sequence[Call]:
    """Calls before and after the cut, one that failed without tokens, one unattributed, one nobody can price."""

    def call(
        number: int, at: datetime, feature: str | None = "triage", model: str = "gpt-5.6-luna", n: int = 1
    ) -> Call:
        return Call(
            key=number.to_bytes(16, "big"),
            at=at,
            feature=feature,
            provider="openai",
            model=model,
            source="test",
            calls=n,
            input_tokens=800 * n,
            output_tokens=60 * n,
            latency_ms=900.0,
        )

    failed = Call(
        key=b"f" * 16, at=AFTER, feature="triage", provider="openai", model="gpt-5.6-luna", source="test", errors=1
    )
    return [
        call(1, BEFORE, n=1_000),
        call(2, AFTER, n=1_000),
        failed,
        call(3, AFTER, feature=None),
        call(4, AFTER, model="house-llm", n=5),
    ]


@pytest.fixture
def counted(engine: Engine) -> Engine:
    """The database with the calls and prices above."""
    names = {("openai", "gpt-5.6-luna"): "openai/gpt-5.6-luna", ("openai", "house-llm"): None}
    with transaction(engine) as session:
        append_prices(session, prices(), recorded_at=OLD, recorded_by="test", source_version="1", reason="test")
        remember_names(session, names, AFTER)
        record_calls(session, calls(), AFTER)
    return engine


def test_usage_of_named_features_is_theirs_alone(counted: Engine) -> None:
    """Some features' rows are those of the whole table, and the total is of them; of none there is nothing."""
    whole = usage(counted, by=("feature", "model")).rows
    named = sorted({row.feature for row in whole if row.feature})[:1]
    some = usage(counted, by=("feature", "model"), feature=named)
    assert list(some.rows) == [row for row in whole if row.feature in named]
    assert 0 < some.total.calls == sum(row.calls for row in some.rows) < usage(counted).total.calls
    assert usage(counted, feature=()).total.calls == 0


def test_a_call_costs_what_was_in_force_when_it_was_made(counted: Engine) -> None:
    """The cut moves what came after it and nothing before."""
    table = usage(counted, by=("day",), feature="triage")
    assert [(row.day, row.cost_usd) for row in table.rows] == [
        (date(2026, 7, 29), Decimal("1.16")),
        (date(2026, 7, 30), Decimal("0.232")),
    ]
    assert table.total.cost_usd == Decimal("1.392")


def test_unattributed_and_unpriced_are_rows_and_counts_of_their_own(counted: Engine) -> None:
    """What nobody claims has feature null; a model without a price is counted, and adds no zero."""
    document = usage(counted, by=("feature",)).document()
    triage, nobody = document["rows"]
    assert (triage["feature"], triage["calls"], triage["errors"]) == ("triage", 2006, 1)
    assert (triage["unpriced_calls"], triage["calls_without_tokens"], triage["cost_usd"]) == (5, 0, "1.392")
    assert (nobody["feature"], nobody["calls"], nobody["cost_usd"]) == (None, 1, "0.000232")
    by_model = {row["model"]: row for row in usage(counted, by=("model",)).document()["rows"]}
    assert by_model["house-llm"]["cost_usd"] is None
    assert by_model["house-llm"]["unpriced_calls"] == 5
    assert document["total"]["calls"] == 2007
    assert document["total"]["feature"] is None
    assert document["total"]["latency_p95_ms"] == pytest.approx(900, rel=0.05)


def test_every_grouping_has_the_same_total(counted: Engine) -> None:
    """By feature, model, day, source or two of them: the total is one figure, to the last digit."""
    totals = {
        usage(counted, by=by).total.cost_usd
        for by in ((), ("feature",), ("model",), ("day",), ("source",), ("feature", "day"))
    }
    assert totals == {Decimal("1.392232")}
    table = usage(counted, by=("feature", "day"))
    assert sum((row.cost_usd or Decimal(0) for row in table.rows), Decimal(0)) == table.total.cost_usd


def test_bounds_are_inclusive_and_exclusive(counted: Engine) -> None:
    """From is inclusive, to is exclusive, and both are whole hours."""
    assert usage(counted, start=CUT).total.calls == 1007
    assert usage(counted, end=CUT).total.calls == 1000
    assert usage(counted, start=AFTER, end=AFTER.replace(hour=13)).total.calls == 1007
    with pytest.raises(BadInput, match="whole hour"):
        usage(counted, start=AFTER.replace(minute=5))
    with pytest.raises(BadInput, match="use feature, model, day, source"):
        usage(counted, by=("colour",))


def test_a_request_is_priced_by_its_own_size(engine: Engine) -> None:
    """1,000 requests of 3,000 in and 200 out cost $5.75; the sum priced as one request would cost $10.50."""
    many = Call(
        key=b"1" * 16,
        at=AFTER,
        feature="a",
        provider="google",
        model="gemini-2.5-pro",
        source="test",
        calls=1_000,
        input_tokens=3_000_000,
        output_tokens=200_000,
    )
    with transaction(engine) as session:
        append_prices(session, prices(), recorded_at=OLD, recorded_by="test", source_version="1", reason="test")
        remember_names(session, {("google", "gemini-2.5-pro"): "google/gemini-2.5-pro"}, AFTER)
        record_calls(session, [many], AFTER)
    assert usage(engine).total.cost_usd == Decimal("5.75")


def test_an_empty_database_has_an_unknown_cost(engine: Engine) -> None:
    """Nothing counted is zero calls and no cost, not a cost of zero."""
    table = usage(engine)
    assert table.rows == ()
    assert (table.total.calls, table.total.cost_usd, table.total.latency_p50_ms) == (0, None, None)


def test_the_list_holds_registered_and_discovered_features(counted: Engine) -> None:
    """Traffic nobody registered is listed as such; a registered feature without traffic too."""
    register(counted, [{"slug": "quiet", "owner": "me", "strategy": "embed"}], at=AFTER, by="test")
    quiet, triage = (line.document() for line in list_features(counted, AFTER))
    assert quiet == {
        "slug": "quiet",
        "name": None,
        "owner": "me",
        "strategy": "embed",
        "registered": True,
        "verdict": None,
        "target": None,
        "calls_28d": 0,
        "cost_usd_28d": None,
    }
    assert (triage["slug"], triage["registered"], triage["calls_28d"], triage["cost_usd_28d"]) == (
        "triage",
        False,
        2006,
        "1.39",
    )
