"""A review stores what changed, once, with its cause; alerts open and close by themselves."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, func, select

from db.queries.verdicts import flips, latest_verdicts, snapshot_of
from db.session import Session, reading, transaction
from db.store.prices import append_prices, remember_names
from db.store.scores import record_scores
from db.store.usage import record_calls
from db.tables import AlertRow, FlipRow, VerdictRow
from offramp.actions.alerts import alerts_document, list_alerts
from offramp.actions.explain import explain
from offramp.actions.failure import BadInput
from offramp.actions.judging import judged_in_parts
from offramp.actions.register import canonical, register
from offramp.actions.review import Reviewed, explained, review
from offramp.policy import load_policy
from strategy.facts import Call, Price, Score
from strategy.judge import judge
from strategy.kinds import PriceKind
from strategy.snapshot import loads
from strategy.verdict import document

LUNA = "openai/gpt-5.6-luna"
OLD = datetime(2020, 1, 1, tzinfo=UTC)
BEFORE = datetime(2026, 7, 29, tzinfo=UTC)
CUT = datetime(2026, 7, 30, tzinfo=UTC)
FEATURE = {
    "slug": "review-summary",
    "owner": "catalogue",
    "exit_note": "Above $3,000 a month a distilled 8B model would do.",
    "task": {
        "determinism": "no",
        "input_space": "open",
        "output_space": "free",
        "latency_budget_ms": 2000,
        "error_cost": "low",
        "labelled_examples": 4000,
        "examples_diverse": True,
    },
    "quality": {"metric": "accuracy", "floor": "0.85", "margin": "0.03"},
    "costs": {"distill": {"one_off_usd": "2000", "engineer_days": "0", "monthly_usd": "1500", "usd_per_call": "0"}},
}


def luna_prices() -> list[Price]:
    """$1/$6 per Mtok, and $0.20/$1.20 from 30 July 2026 on."""
    return [
        Price(model=LUNA, kind=kind, usd_per_mtok=Decimal(usd), valid_from=start, source="vendor")
        for kind, usd, start in (
            (PriceKind.INPUT, "1", OLD),
            (PriceKind.OUTPUT, "6", OLD),
            (PriceKind.INPUT, "0.2", CUT),
            (PriceKind.OUTPUT, "1.2", CUT),
        )
    ]


def append_luna(session: Session, lines: list[Price]) -> None:
    """Each price as it became known: in the morning of the day from which it holds."""
    for day in (OLD, CUT):
        known, at = [line for line in lines if line.valid_from == day], day + timedelta(hours=6)
        append_prices(session, known, recorded_at=at, recorded_by="test", source_version="1", reason="test")


def traffic(days: int = 60) -> list[Call]:
    """100,000 calls a day of 800 tokens in and 60 out, up to the end of 30 July."""
    last = datetime(2026, 7, 30, 12, tzinfo=UTC)
    return [
        Call(
            key=day.to_bytes(16, "big"),
            at=last - timedelta(days=day),
            feature="review-summary",
            provider="openai",
            model="gpt-5.6-luna",
            source="test",
            calls=100_000,
            input_tokens=80_000_000,
            output_tokens=6_000_000,
            latency_ms=900.0,
        )
        for day in range(days)
    ]


def evals() -> list[Score]:
    """A baseline of today's prompt and a distilled candidate that is as good, by one evaluator."""
    return [
        Score(
            key=name.encode().ljust(16),
            feature="review-summary",
            metric="accuracy",
            score=Decimal(score),
            n=4_000,
            at=datetime(2026, 7, 1, tzinfo=UTC),
            strategy=name,
            evaluator="judge",
            evaluator_version="1",
        )
        for name, score in (("prompt", "0.930"), ("distill", "0.935"))
    ]


@pytest.fixture
def company(engine: Engine) -> Engine:
    """A database with one feature, its traffic, its prices and its evals."""
    register(engine, [FEATURE], at=BEFORE, by="test")
    with transaction(engine) as session:
        append_luna(session, luna_prices())
        remember_names(session, {("openai", "gpt-5.6-luna"): LUNA}, OLD)
        record_calls(session, traffic(), BEFORE)
        record_scores(session, evals())
    return engine


def judge_on(engine: Engine, as_of: datetime) -> Reviewed:
    """Review the one feature as of an instant."""
    (done,) = review(engine, load_policy(), as_of=as_of, now=as_of + timedelta(hours=1))
    return done


def test_workers_judge_alike(company: Engine) -> None:
    """What another process reads and judges is what this one does."""
    alone, by_worker = (
        next(judged_in_parts(company, load_policy(), as_of=BEFORE, slugs=["review-summary"], workers=workers))
        for workers in (1, 2)
    )
    assert by_worker == alone
    assert alone[0].verdict.outcome == "due"


def test_a_price_cut_closes_the_alert_it_made_pointless(company: Engine) -> None:
    """$3,480 a month on the 29th is due for distilling; $696 on the 30th is not, and the alert says why it closed."""
    first = judge_on(company, BEFORE)
    assert (first.document["verdict"], first.document["target"], first.flipped) == ("due", "distill", True)
    assert first.document["money"]["monthly_usd"]["prompt"] == "3480.00"
    (alert,) = alerts_document(list_alerts(company))
    assert (alert["feature"], alert["state"], alert["owner"]) == ("review-summary", "active", "catalogue")
    assert alert["saving_usd_month"] == first.document["money"]["saving_usd_month"]

    second = judge_on(company, CUT)
    assert second.document["money"]["monthly_usd"]["prompt"] == "696.00"
    assert second.document["verdict"] != "due"
    assert list_alerts(company) == []
    (closed,) = list_alerts(company, state="closed")
    assert closed.closed_at == CUT
    assert closed.closed_cause is not None
    assert LUNA in closed.closed_cause
    with reading(company) as session:
        opened, ended = flips(session)
    assert (opened.cause, ended.cause) == ("first", "price_change")
    assert (ended.from_verdict, ended.from_target) == ("due", "distill")


def test_reviewing_again_adds_nothing(company: Engine) -> None:
    """The same day judged twice is one verdict, one flip, one alert; an older day changes nothing."""
    first = judge_on(company, BEFORE)
    again = judge_on(company, BEFORE)
    assert again.document == first.document
    older = judge_on(company, BEFORE - timedelta(days=3))
    assert (again.stored, older.stored) == (False, False)
    with reading(company) as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (VerdictRow, FlipRow, AlertRow)]
    assert counts == [1, 1, 1]


def test_a_verdict_is_recomputed_from_its_snapshot_byte_for_byte(company: Engine) -> None:
    """What was judged can be judged again from the frozen facts alone."""
    judge_on(company, BEFORE)
    with reading(company) as session:
        (stored,) = latest_verdicts(session)
        frozen = snapshot_of(session, stored.snapshot_sha)
    assert frozen is not None
    again = document(judge(loads(frozen), load_policy()))
    kept = json.loads(stored.document)
    assert canonical(again | {"cause": kept["cause"], "snapshot": kept["snapshot"]}) == stored.document
    assert kept["snapshot"] == stored.snapshot_sha


def test_two_reviewers_at_once_store_one_flip(company: Engine) -> None:
    """The second waits for the first and then finds nothing to do."""
    start = Barrier(2)

    def run() -> None:
        start.wait()
        judge_on(company, BEFORE)

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(company) as session:
        assert len(flips(session)) == 1
        assert session.scalar(select(func.count()).select_from(VerdictRow)) == 1
    assert len(list_alerts(company)) == 1


def test_explaining_saves_nothing(company: Engine) -> None:
    """The plan is shown and no row is written; asking for what was never judged says what to do."""
    (plan,) = explained(company, load_policy(), as_of=BEFORE)
    assert plan["verdict"] == "due"
    with pytest.raises(BadInput, match="run `offramp review`"):
        explain(company, "review-summary")
    with pytest.raises(BadInput, match="no feature 'nobody'"):
        review(company, load_policy(), as_of=BEFORE, now=BEFORE, slugs=["nobody"])


def test_the_stored_verdict_of_a_day_can_be_asked_for(company: Engine) -> None:
    """`explain` gives the newest verdict, or that of a day, as it was stored."""
    judge_on(company, BEFORE)
    judge_on(company, CUT)
    assert explain(company, "review-summary")["as_of"] == "2026-07-30T00:00:00Z"
    assert explain(company, "review-summary", BEFORE)["verdict"] == "due"
    with pytest.raises(BadInput, match="at 2026-01-01"):
        explain(company, "review-summary", datetime(2026, 1, 1, tzinfo=UTC))


def test_alerts_are_listed_by_state_and_owner(company: Engine) -> None:
    """A state that does not exist is refused with those that do."""
    judge_on(company, BEFORE)
    assert len(list_alerts(company, state="active", owner="catalogue")) == 1
    assert list_alerts(company, owner="somebody else") == []
    with pytest.raises(BadInput, match="use all or active, claimed"):
        list_alerts(company, state="asleep")
