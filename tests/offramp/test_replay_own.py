"""`offramp replay --own`: one's own past judged as it was known then; nothing saved, nothing foreseen."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, select
from typer.testing import CliRunner, Result

from db.base import Base
from db.session import engine_for, make_engine, reading, transaction
from db.store.prices import append_prices, remember_names
from db.store.scores import record_scores
from db.store.usage import hour_of, record_calls
from db.tables import EvalScore, HourTotal, LatencyCount, PriceRow, Rollup
from offramp.actions.failure import BadInput
from offramp.actions.register import register
from offramp.actions.replay_own import Replayed, replay_own
from offramp.cli.context import shared as options
from offramp.cli.main import app
from offramp.policy import load_policy
from strategy.facts import Call, Score
from tests.offramp.test_review import CUT, FEATURE, LUNA, OLD, luna_prices

POLICY = load_policy()
DAYS = 150
END = datetime(2026, 8, 5, tzinfo=UTC)
START = END - timedelta(days=DAYS)
# 100,000 calls of 800 tokens in and 60 out: $1/$6 a million tokens before the cut, $0.20/$1.20 since.
DEAR, CHEAP, DISTILLED = Decimal(116), Decimal("23.2"), Decimal(50)


def traffic() -> list[Call]:
    """100,000 calls on each of the days before END."""
    return [
        Call(
            key=day.to_bytes(16, "big"),
            at=START + timedelta(days=day, hours=12),
            feature="review-summary",
            provider="openai",
            model="gpt-5.6-luna",
            source="test",
            calls=100_000,
            input_tokens=80_000_000,
            output_tokens=6_000_000,
            latency_ms=900.0,
        )
        for day in range(DAYS)
    ]


def proofs() -> list[Score]:
    """A baseline and a student that passes it, twenty days into the traffic."""
    return [
        Score(
            key=strategy.encode().ljust(16),
            feature="review-summary",
            metric="accuracy",
            score=value,
            n=4000,
            at=START + timedelta(days=20, hours=3),
            strategy=strategy,
            evaluator="judge",
            evaluator_version="1",
        )
        for strategy, value in (("prompt", Decimal("0.92")), ("distill", Decimal("0.93")))
    ]


def build(engine: Engine, known_since: datetime = END) -> None:
    """The past: prices told long ago, the cut told on its day, a feature registered after the fact."""
    before = [line for line in luna_prices() if line.valid_from < CUT]
    cut = [line for line in luna_prices() if line.valid_from == CUT]
    with transaction(engine) as session:
        append_prices(session, before, recorded_at=OLD, recorded_by="test", source_version="1", reason="test")
        append_prices(session, cut, recorded_at=CUT, recorded_by="test", source_version="1", reason="test")
        record_calls(session, traffic(), END)
        record_scores(session, proofs())
        remember_names(session, {("openai", "gpt-5.6-luna"): LUNA}, END)
    register(engine, [FEATURE], at=known_since, by="test")


@pytest.fixture
def empty(sqlite_url: str) -> Iterator[Engine]:
    """A database without a past."""
    engine = make_engine(sqlite_url)
    yield engine
    engine.dispose()


@pytest.fixture
def past(empty: Engine) -> Engine:
    """A database with that past."""
    build(empty)
    return empty


def rows(engine: Engine) -> dict[str, int]:
    """How many rows each table has."""
    with reading(engine) as session:
        tables = Base.metadata.sorted_tables
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def cut(engine: Engine, at: datetime) -> None:
    """Take away everything that was not known by the end of this day."""
    known_by = at + timedelta(days=1)
    with transaction(engine) as session:
        session.execute(delete(Rollup).where(Rollup.hour >= hour_of(at)))
        session.execute(delete(HourTotal).where(HourTotal.hour >= hour_of(at)))
        session.execute(delete(LatencyCount).where(LatencyCount.day >= hour_of(at) // 24))
        session.execute(delete(EvalScore).where(EvalScore.at >= known_by))
        session.execute(delete(PriceRow).where(PriceRow.recorded_at > known_by))


def replayed(engine: Engine, *, now: datetime = END, start: datetime | None = None) -> Replayed:
    """The past up to END, unless told otherwise."""
    return replay_own(engine, POLICY, now=now, start=start)


def test_what_would_have_been_said_and_saved(engine: Engine) -> None:
    """Due once it was proven; from the day it would have been live every day's own price and traffic count."""
    build(engine)
    before = rows(engine)
    done = replayed(engine)
    (course,) = done.courses
    assert course.due is not None
    assert (course.due.strategy, course.due.target.partition(":")[0]) == ("prompt", "distill")
    assert START.date() + timedelta(days=20) <= course.due.on < CUT.date()
    assert course.due.live_on - course.due.on == timedelta(days=36)
    dear = (CUT.date() - course.due.live_on).days
    cheap = (END.date() - CUT.date()).days
    assert course.missed.days == dear + cheap
    assert course.missed.spent == dear * DEAR + cheap * CHEAP
    assert course.saved_usd == dear * (DEAR - DISTILLED) + cheap * (CHEAP - DISTILLED)
    assert course.net_usd == course.saved_usd - Decimal(2000)
    assert course.said[0] != "due"
    assert done.total() == {
        "features": 1,
        "due": 1,
        "spent_usd": f"{course.missed.spent:.2f}",
        "saved_usd": f"{course.saved_usd:.2f}",
        "one_off_usd": "2000.00",
        "net_usd": f"{course.net_usd:.2f}",
    }
    assert rows(engine) == before


@pytest.mark.parametrize("day", [19, 20, 60, (CUT - START).days - 1])
def test_nothing_is_foreseen(past: Engine, day: int) -> None:
    """What was said up to a day does not change when all that came after it is taken away."""
    at = START + timedelta(days=day)
    with_the_future = replayed(past, now=at).document()
    cut(past, at)
    assert replayed(past, now=at).document() == with_the_future


def test_more_future_changes_no_earlier_day(past: Engine) -> None:
    """The day on which it was due first is the same, however much came after it."""
    due = replayed(past).courses[0].due
    assert due is not None
    assert replayed(past, now=datetime.combine(due.on, END.timetz())).courses[0].due == due
    earlier = datetime.combine(due.on, END.timetz()) - timedelta(days=1)
    assert replayed(past, now=earlier).courses[0].due is None


def test_a_move_that_was_made_ends_the_count(empty: Engine) -> None:
    """From the day the feature really moved nothing more was missed; the first profile counts backwards."""
    build(empty, known_since=START + timedelta(days=30))
    due = replayed(empty).courses[0].due
    assert due is not None
    assert due.on < START.date() + timedelta(days=30)
    moved = datetime.combine(due.live_on, END.timetz()) + timedelta(days=5)
    register(empty, [FEATURE | {"strategy": "distill"}], at=moved, by="test")
    (course,) = replayed(empty).courses
    assert course.moved_on == moved.date()
    assert (course.missed.days, course.saved_usd) == (5, 5 * (DEAR - DISTILLED))


def test_a_move_that_ceased_to_be_due_is_not_made(past: Engine) -> None:
    """Judged from shortly before the cut, the move was withdrawn before it would have been live."""
    (course,) = replayed(past, start=CUT - timedelta(days=10)).courses
    assert (course.due, course.withdrawn) == (None, 1)
    assert (course.saved_usd, course.net_usd) == (Decimal(0), Decimal(0))


def test_the_start_must_not_lie_ahead(past: Engine) -> None:
    """A day after today is refused with its cure."""
    with pytest.raises(BadInput, match="lies ahead"):
        replayed(past, start=END + timedelta(days=1))


def test_days_without_a_known_cost_count_for_nothing(past: Engine) -> None:
    """Where a model has no price on a day, the day is named and moves no sum."""
    before = replayed(past).courses[0]
    late = [
        Call(
            key=(1000 + number).to_bytes(16, "big"),
            at=END - timedelta(days=2, hours=-number),
            feature="review-summary",
            provider="acme",
            model="no-such-model",
            source="test",
            input_tokens=10,
            output_tokens=1,
        )
        for number in range(3)
    ]
    with transaction(past) as session:
        record_calls(session, late, END)
    (course,) = replayed(past).courses
    assert course.missed.unknown_days == 1
    assert course.missed.spent == before.missed.spent - CHEAP


@pytest.fixture
def url(sqlite_url: str) -> Iterator[str]:
    """A database with that past, for the command line."""
    yield sqlite_url
    options.db = None


def run(*words: str) -> Result:
    """The command."""
    return CliRunner().invoke(app, list(words))


def test_the_command(url: str) -> None:
    """Nothing registered is said; then a table, and the same as JSON."""
    assert "No features yet" in run("--db", url, "replay", "--own").output
    done = run("--db", url, "replay", "--own", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["features"] == []


def test_the_command_on_a_past(url: str) -> None:
    """The sentence and the table name the sums of the JSON document."""
    build(engine_for(url))
    words = run("--db", url, "replay", "--own", "--from", START.date().isoformat())
    document = json.loads(run("--db", url, "replay", "--own", "--from", START.date().isoformat(), "--json").stdout)
    assert words.exit_code == 0
    assert "1 of 1 feature would have been due." in words.stdout
    assert f"{Decimal(document['total']['saved_usd']):,.2f}" in words.stdout
    (course,) = document["features"]
    assert (course["feature"], course["from"], course["today"]["code"]) == ("review-summary", "prompt", "cold_start")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param(("folder", "--own"), "DIR and --own are two pasts", id="both"),
        pytest.param((), "no past is named", id="neither"),
        pytest.param(("folder", "--from", "2026-01-01"), "belongs to --own", id="from without own"),
        pytest.param(("--own", "--from", "soon"), "is not a date", id="no date"),
    ],
)
def test_a_past_must_be_named_once(url: str, tmp_path: Path, words: tuple[str, ...], error: str) -> None:
    """A folder or --own, one of them; exit 2 with the cure."""
    given = [str(tmp_path) if word == "folder" else word for word in words]
    done = run("--db", url, "replay", *given, "--json")
    assert done.exit_code == 2
    problem = json.loads(done.stdout)
    assert error in problem["error"]
    assert problem["cure"]
