"""One source of record per feature, measure and day: figures read its rows, the others stand beside, none is lost."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from db.queries.usage import latency_groups, usage_groups
from db.session import reading, transaction
from db.store.usage import hour_of, record_calls
from db.store.windows import replace_day
from offramp.actions.register import register
from strategy.facts import Call

DAY = datetime(2026, 11, 20, tzinfo=UTC)
NOW = DAY + timedelta(days=2)
PROXY, TRACES = "pull:proxy", "pull:traces"


def told(source: str, calls: int, *, hour: int = 10, feature: str | None = "triage", ms: float | None = 100.0) -> Call:
    """So many calls of an hour, as one source tells of them."""
    return Call(
        key=f"{source}{calls}{hour}{feature}".encode().ljust(16)[:16],
        at=DAY + timedelta(hours=hour),
        feature=feature,
        provider="openai",
        model="m",
        source=source,
        calls=calls,
        input_tokens=calls,
        output_tokens=0,
        cost_usd=Decimal(0),
        latency_ms=ms,
    )


def sent(engine: Engine, *calls: Call) -> None:
    """What came in over the wire or from a file."""
    with transaction(engine) as session:
        record_calls(session, calls, NOW)


def pulled(engine: Engine, source: str, kind: str, *calls: Call) -> None:
    """What a source said of the day when it was asked."""
    with transaction(engine) as session:
        replace_day(
            session, source, kind, DAY, DAY + timedelta(days=1), [call._replace(source=source) for call in calls]
        )


def figures(engine: Engine, *, beside: bool = False, hours: tuple[int, int] = (0, 48)) -> Mapping[tuple[str, str], int]:
    """Calls by feature and source."""
    start = hour_of(DAY)
    with reading(engine) as session:
        groups = usage_groups(session, start + hours[0], start + hours[1], by={"feature", "source"}, beside=beside)
    return {(group.feature or "", group.source or ""): group.calls for group in groups}


def waits(engine: Engine) -> Mapping[str, int]:
    """Calls with a latency by source."""
    day = hour_of(DAY) // 24
    with reading(engine) as session:
        return {group.source or "": group.calls for group in latency_groups(session, day, day + 1, by={"source"})}


def choose(engine: Engine, record: object) -> None:
    """Register the feature with this record."""
    register(engine, [{"slug": "triage", "record": record}], at=NOW, by="test")


def test_a_gateway_counts_only_where_nobody_sent(engine: Engine) -> None:
    """By feature and UTC day; the gateway's rows of other features and days are figures, the rest stands beside."""
    sent(engine, told("otlp", 7), told("file", 2, hour=3))
    later = told(PROXY, 3, hour=30)
    pulled(engine, PROXY, "litellm", told(PROXY, 10), told(PROXY, 5, feature="tags"), told(PROXY, 4, feature=None))
    with transaction(engine) as session:
        replace_day(session, PROXY, "litellm", DAY + timedelta(days=1), NOW, [later])
    assert figures(engine) == {
        ("triage", "otlp"): 7,
        ("triage", "file"): 2,
        ("triage", PROXY): 3,
        ("tags", PROXY): 5,
        ("", PROXY): 4,
    }
    assert figures(engine, beside=True) == {("triage", PROXY): 10}
    assert waits(engine)["otlp"] == 7


def test_the_order_is_sender_gateway_warehouse_tracker_provider(engine: Engine) -> None:
    """Each counts until one before it speaks, whichever came first; what steps aside is kept."""
    order = (("pull:bill", "openai"), (TRACES, "langfuse"), ("pull:lake", "warehouse"), (PROXY, "litellm"))
    for place, (source, kind) in enumerate(order):
        pulled(engine, source, kind, told(source, 10 + place))
        assert figures(engine) == {("triage", source): 10 + place}
    sent(engine, told("api", 3))
    assert figures(engine) == {("triage", "api"): 3}
    assert sum(figures(engine, beside=True).values()) == 10 + 11 + 12 + 13
    assert waits(engine) == {"api": 3}


def test_a_part_of_a_day_has_the_record_of_the_day(engine: Engine) -> None:
    """A source that tells of the whole day in its first hour is not counted beside one that spoke at noon."""
    sent(engine, told("otlp", 7, hour=12))
    pulled(engine, PROXY, "litellm", told(PROXY, 10, hour=0))
    assert figures(engine, hours=(0, 1)) == {}
    assert figures(engine, hours=(0, 1), beside=True) == {("triage", PROXY): 10}
    assert figures(engine, hours=(12, 13)) == {("triage", "otlp"): 7}


@pytest.mark.parametrize(
    ("record", "usage", "latency"),
    [
        (PROXY, {PROXY: 10}, {PROXY: 10}),
        ({"usage": PROXY}, {PROXY: 10}, {"otlp": 7}),
        ({"latency": PROXY}, {"otlp": 7}, {PROXY: 10}),
        ("all", {PROXY: 10, "otlp": 7}, {PROXY: 10, "otlp": 7}),
        ("pull:silent", {"otlp": 7}, {"otlp": 7}),
    ],
)
def test_a_feature_may_say_which(
    engine: Engine, record: object, usage: Mapping[str, int], latency: Mapping[str, int]
) -> None:
    """For both measures or one, for the past too, and back again; a source that is silent leaves it to the order."""
    sent(engine, told("otlp", 7))
    pulled(engine, PROXY, "litellm", told(PROXY, 10))
    choose(engine, record)
    assert figures(engine) == {("triage", source): calls for source, calls in usage.items()}
    assert waits(engine) == latency
    assert sum(figures(engine).values()) + sum(figures(engine, beside=True).values()) == 17
    choose(engine, None)
    assert figures(engine) == {("triage", "otlp"): 7}


def test_one_rank_alone_steps_aside_for_nobody(engine: Engine) -> None:
    """Without a choice or a second rank every row is a figure."""
    sent(engine, told("otlp", 7), told("api", 2))
    assert figures(engine) == {("triage", "otlp"): 7, ("triage", "api"): 2}
    assert figures(engine, beside=True) == {}
