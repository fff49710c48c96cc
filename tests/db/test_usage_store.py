"""Calls count exactly once, whatever is sent again, in whatever order, on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, select

from db.queries.sources import intake
from db.queries.usage import first_and_last_hour, latency_groups, usage_groups
from db.session import reading, transaction
from db.store.usage import Recorded, bucket_milliseconds, hour_of, latency_bucket, record_calls
from db.tables import HourTotal, Rollup, UsageLedger
from strategy.facts import Call

AT = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
HOUR = hour_of(AT)


def call(number: int = 1, **changes: object) -> Call:
    """A call of ticket-triage with 800 tokens in and 60 out."""
    usual = Call(
        key=number.to_bytes(16, "big"),
        at=AT,
        feature="ticket-triage",
        provider="openai",
        model="gpt-5.6-luna",
        source="otlp",
        input_tokens=800,
        cached_input_tokens=200,
        output_tokens=60,
        latency_ms=900.0,
    )
    return usual._replace(**changes)  # type: ignore[arg-type]  # (fields by name)


def record(engine: Engine, *calls: Call) -> Recorded:
    """Store calls in one transaction."""
    with transaction(engine) as session:
        return record_calls(session, calls, AT)


def counted(engine: Engine) -> list[tuple[object, ...]]:
    """Every rollup row, in order."""
    with reading(engine) as session:
        columns = list(Rollup.__table__.columns)
        return [tuple(row) for row in session.execute(select(*columns).order_by(*columns[:7]))]


def test_a_call_sent_again_changes_no_figure(engine: Engine) -> None:
    """The same key is a duplicate in the same batch, in the next one and a day later."""
    assert record(engine, call(1), call(1), call(2)) == Recorded(accepted=2, duplicates=1)
    before = counted(engine)
    assert record(engine, call(2), call(1)) == Recorded(accepted=0, duplicates=2)
    assert counted(engine) == before
    with reading(engine) as session:
        (group,) = usage_groups(session, HOUR, HOUR + 1, by={"feature"})
        assert (group.calls, group.input_tokens, group.cached_input_tokens, group.output_tokens) == (2, 1600, 400, 120)
        assert {item.outcome: item.count for item in intake(session, 0)} == {"accepted": 2, "duplicate": 3}


def test_unknown_tokens_are_counted_as_unknown(engine: Engine) -> None:
    """A call without tokens is counted apart, unless it failed; an unattributed one keeps its place."""
    record(
        engine,
        call(1, input_tokens=None, output_tokens=None, cached_input_tokens=None),
        call(2, feature=None),
        call(3, input_tokens=None, output_tokens=None, cached_input_tokens=None, errors=1),
    )
    with reading(engine) as session:
        groups = {group.feature: group for group in usage_groups(session, HOUR, HOUR + 1, by={"feature"})}
    triage = groups["ticket-triage"]
    assert (triage.calls, triage.calls_with_tokens, triage.calls_without_tokens, triage.errors) == (2, 0, 1, 1)
    assert groups[""].calls == 1


def test_a_call_id_is_one_call_whatever_time_it_names(engine: Engine) -> None:
    """A key that nothing bounds is remembered for ever; a windowed one lies with its hour."""
    assert record(engine, call(1), call(1, at=AT + timedelta(hours=3))) == Recorded(accepted=1, duplicates=1)
    assert record(engine, call(1, at=AT - timedelta(days=9))) == Recorded(accepted=0, duplicates=1)
    record(engine, call(2, windowed=True))
    with reading(engine) as session:
        assert sorted(session.scalars(select(UsageLedger.hour))) == [0, HOUR]


def test_a_request_is_kept_by_its_own_size(engine: Engine) -> None:
    """A long request goes to the tier of its size and is never added to short ones; a row of many counts per call."""
    record(engine, call(1), call(2, input_tokens=300_000), call(3, calls=100, input_tokens=300_000))
    with reading(engine) as session:
        tiers = {group.tier: group.calls for group in usage_groups(session, HOUR, HOUR + 1, by=())}
    assert tiers == {0: 101, 272_000: 1}


def test_reported_cost_is_kept_to_the_billionth(engine: Engine) -> None:
    """Money is exact on both databases, sums included."""
    record(engine, call(1, cost_usd=Decimal("0.1")), call(2, cost_usd=Decimal("0.2")), call(3))
    with reading(engine) as session:
        (group,) = usage_groups(session, HOUR, HOUR + 1, by=())
    assert group.reported_cost_usd == Decimal("0.3")
    assert group.reported_calls == 2


def test_groups_are_cut_where_a_price_changes(engine: Engine) -> None:
    """Each group lies on one side of every break, and days are whole UTC days."""
    record(engine, call(1), call(2, at=AT + timedelta(hours=6)), call(3, at=AT + timedelta(days=1)))
    with reading(engine) as session:
        groups = usage_groups(session, HOUR, HOUR + 48, by={"day"}, breaks=[HOUR + 6])
        assert first_and_last_hour(session) == (HOUR, HOUR + 24)
    assert sorted((group.day, group.segment, group.calls) for group in groups) == [
        (HOUR // 24, 0, 1),
        (HOUR // 24, 1, 1),
        (HOUR // 24 + 1, 1, 1),
    ]


def test_latency_is_kept_so_that_it_can_be_merged(engine: Engine) -> None:
    """Buckets add up over batches, and their middle is within 5 % of the latency."""
    record(engine, call(1), call(2, latency_ms=None))
    record(engine, call(3, calls=4))
    with reading(engine) as session:
        (group,) = latency_groups(session, HOUR // 24, HOUR // 24 + 1, by={"feature", "model"})
    assert group.calls == 5
    assert abs(bucket_milliseconds(group.bucket) / 900 - 1) <= 0.05
    assert bucket_milliseconds(latency_bucket(0.2)) == 1.0


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(1, 9)), cut=st.integers(0, 8), repeat=st.lists(st.integers(1, 8), max_size=4))
def test_any_order_split_and_repetition_gives_the_same_rollups(
    engine: Engine, order: list[int], cut: int, repeat: list[int]
) -> None:
    """Permuted, split and duplicated deliveries of one stream end in identical rows."""
    stream = {
        number: call(number, at=AT + timedelta(hours=number % 3), input_tokens=100 * number) for number in range(1, 9)
    }
    with transaction(engine) as session:
        for table in (Rollup, HourTotal, UsageLedger):
            session.execute(delete(table))
    record(engine, *(stream[number] for number in order[:cut]))
    record(engine, *(stream[number] for number in [*repeat, *order[cut:], *repeat]))
    with reading(engine) as session:
        assert session.scalar(select(func.sum(Rollup.calls))) == 8
        assert session.scalar(select(func.sum(Rollup.input_tokens))) == 3600
        assert session.scalar(select(func.count()).select_from(UsageLedger)) == 8
