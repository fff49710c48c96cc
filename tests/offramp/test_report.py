"""The weekly letter: its totals are the pages', and a past week stays what it was, whatever happens later."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select

from db.queries.verdicts import flips
from db.session import reading, transaction
from db.store.prices import append_prices, remember_names
from db.store.runs import record_run
from db.store.scores import record_scores
from db.store.usage import record_calls
from db.tables import ReportRow
from offramp.actions.alerts import alerts_document, list_alerts
from offramp.actions.failure import BadInput
from offramp.actions.register import register
from offramp.actions.report import build_report, load_report, previous_week, weeks
from offramp.actions.review import review
from offramp.actions.usage import usage
from offramp.policy import load_policy
from reports.render import render
from reports.stored import dumps
from reports.weeks import IsoWeek, parse_week
from strategy.facts import Call, Price, Score
from strategy.kinds import PriceKind

LUNA = "openai/gpt-5.6-luna"
OLD = datetime(2020, 1, 1, tzinfo=UTC)
WEEK = parse_week("2026-W31")  # 27 July to 2 August 2026
CUT = datetime(2026, 7, 30, tzinfo=UTC)
LATER = WEEK.end + timedelta(days=40)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEATURE: Mapping[str, object] = {
    "slug": "review-summary",
    "name": "Review summary",
    "owner": "catalogue",
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


def price(kind: PriceKind, usd: str, start: datetime) -> Price:
    """A line of the book for the one model."""
    return Price(model=LUNA, kind=kind, usd_per_mtok=Decimal(usd), valid_from=start, source="vendor")


def call(number: int, feature: str | None, at: datetime, **more: object) -> Call:
    """100,000 calls of 800 tokens in and 60 out."""
    model, source = str(more.get("model", "gpt-5.6-luna")), str(more.get("source", "gateway"))
    return Call(
        key=number.to_bytes(16, "big"),
        at=at,
        feature=feature,
        provider="openai",
        model=model,
        source=source,
        calls=100_000,
        input_tokens=80_000_000,
        output_tokens=6_000_000,
        latency_ms=900.0,
    )


def add_prices(engine: Engine, lines: list[Price], at: datetime, version: str) -> None:
    """Write price lines into the book."""
    with transaction(engine) as session:
        append_prices(session, lines, recorded_at=at, recorded_by="test", source_version=version, reason="test")


def judge_on(engine: Engine, as_of: datetime) -> None:
    """Review every feature as of an instant."""
    review(engine, load_policy(), as_of=as_of, now=as_of + HOUR)


@pytest.fixture
def company(engine: Engine) -> Engine:
    """A feature due for distilling since June; a price cut in the week; traffic that nobody claims or can price."""
    register(engine, [FEATURE], at=datetime(2026, 6, 1, tzinfo=UTC), by="test")
    before = [price(PriceKind.INPUT, "1", OLD), price(PriceKind.OUTPUT, "6", OLD)]
    add_prices(engine, before, WEEK.start - 2 * DAY, "1")
    first = WEEK.end - 60 * DAY + 12 * HOUR
    calls = [call(day, "review-summary", first + day * DAY) for day in range(60)]
    calls += [
        call(100, None, WEEK.start + DAY),
        call(101, "unknown-chat", WEEK.start + DAY, model="brand-new"),
        call(102, "review-summary", WEEK.start - DAY, source="warehouse"),
    ]
    evals = [
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
    with transaction(engine) as session:
        remember_names(session, {("openai", "gpt-5.6-luna"): LUNA, ("openai", "brand-new"): None}, OLD)
        record_calls(session, calls, WEEK.start)
        record_scores(session, evals)
        record_run(session, "langfuse", started_at=CUT, finished_at=CUT, outcome="failed", message="no route")
    judge_on(engine, WEEK.start - 7 * DAY)
    return engine


def cut_prices(engine: Engine) -> None:
    """The vendor asks a fifth from the Thursday on, and reviews happen before and after."""
    judge_on(engine, CUT - DAY)
    add_prices(engine, [price(PriceKind.INPUT, "0.2", CUT), price(PriceKind.OUTPUT, "1.2", CUT)], CUT - HOUR, "2")
    judge_on(engine, CUT)


def test_the_totals_are_those_of_usage_and_of_the_alerts(company: Engine) -> None:
    """Spend and saving are the figures that the other pages show, exactly."""
    report = build_report(company, WEEK, WEEK.end + 9 * HOUR)
    table = usage(company, by={"feature"}, start=WEEK.start, end=WEEK.end)
    before = usage(company, by={"feature"}, start=WEEK.start - 7 * DAY, end=WEEK.start)
    assert report.spend.total.cost_usd == table.total.cost_usd == sum(row.cost_usd or 0 for row in report.spend.rows)
    assert report.spend.total.cost_before_usd == before.total.cost_usd
    assert report.spend.total.calls == table.total.calls == sum(row.calls for row in report.spend.rows)
    assert {row.feature: row.cost_usd for row in report.spend.rows} == {row.feature: row.cost_usd for row in table.rows}
    found = list_alerts(company)
    assert report.due.saving_usd_month == sum((alert.saving_usd_month or Decimal(0) for alert in found), Decimal(0))
    assert report.due.saving_usd_month is not None
    assert report.due.saving_usd_month > 0
    (item,), (shown,) = report.due.items, alerts_document(found)
    assert (item.feature, item.owner, item.target) == (shown["feature"], shown["owner"], shown["target"])
    assert item.since == found[0].opened_at
    assert f"{report.due.saving_usd_month:.2f}" == shown["saving_usd_month"]


def test_a_price_cut_is_told_with_the_verdict_it_turned(company: Engine) -> None:
    """The flip with its cause and saving, and the price that moved."""
    cut_prices(company)
    report = build_report(company, "2026-W31", WEEK.end)
    (change,) = report.changes
    with reading(company) as session:
        stored = flips(session)[-1]
    assert (change.before is not None, change.before and change.before.verdict) == (True, "due")
    assert change.after.verdict != "due"
    assert (change.cause, change.cause_detail) == ("price_change", stored.cause_detail)
    assert change.saving_before_usd_month == stored.saving_before_usd_month
    assert report.headline == "Review summary is no longer due"
    moved = {(move.model, move.kind): (move.old_usd_per_mtok, move.new_usd_per_mtok) for move in report.prices_changed}
    assert moved == {(LUNA, "input"): (Decimal(1), Decimal("0.2")), (LUNA, "output"): (Decimal(6), Decimal("1.2"))}
    assert report.due.items == ()


def test_what_the_letter_cannot_see_is_said(company: Engine) -> None:
    """Calls of nobody, a model without a price, what nobody registered, sources that failed or fell silent."""
    blind = build_report(company, WEEK, WEEK.end).blind_spots
    assert (blind.unattributed_calls, blind.unattributed_share) == (100_000, Decimal(1) / 9)
    assert [(item.provider, item.model, item.calls) for item in blind.unpriced] == [("openai", "brand-new", 100_000)]
    assert [(item.feature, item.cost_usd) for item in blind.unregistered] == [("unknown-chat", None)]
    assert [(item.source, item.kind) for item in blind.sources] == [("langfuse", "failed"), ("warehouse", "silent")]
    assert (blind.price_book, blind.price_book_at) == (None, None)
    assert (blind.without_baseline, blind.old_evals) == ((), ())


def test_a_past_week_rebuilt_is_the_same_byte_for_byte(company: Engine) -> None:
    """Later reviews, registrations, runs, scores and announcements do not reach back into a letter."""
    built = build_report(company, WEEK, WEEK.end + 9 * HOUR)
    kept = load_report(company, WEEK)
    assert kept == built
    end = WEEK.end
    ahead = [price(PriceKind.INPUT, "0.2", end + 20 * DAY), price(PriceKind.OUTPUT, "1.2", end + 20 * DAY)]
    add_prices(company, ahead, end + HOUR, "2")
    later = {**FEATURE, "name": "Renamed", "owner": "another team", "task": {"determinism": "yes"}}
    register(company, [later, {"slug": "unknown-chat"}], at=end + HOUR, by="test")
    with transaction(company) as session:
        record_run(session, "litellm", started_at=end, finished_at=end, outcome="failed", message="late")
        record_calls(session, [call(900, "review-summary", end + HOUR)], end + 2 * HOUR)
        late = Score(key=b"late".ljust(16), feature="unknown-chat", metric="m", score=Decimal(1), n=1, at=end)
        record_scores(session, [late])
    judge_on(company, end)
    judge_on(company, end + 21 * DAY)
    assert len(list_alerts(company, state="all")) >= 1
    again = build_report(company, WEEK, LATER)
    assert dumps(again) == dumps(built)
    assert all(render(again, form) == render(built, form) for form in ("text", "md", "html", "json"))


def test_a_letter_is_kept_once_and_replaced_only_by_another(company: Engine) -> None:
    """Building again leaves the row as it was; a late call makes a letter that says so."""
    build_report(company, WEEK, WEEK.end + HOUR)
    build_report(company, WEEK, LATER)
    with reading(company) as session:
        rows = [(row.week, row.built_at) for row in session.scalars(select(ReportRow))]
    assert rows == [("2026-W31", WEEK.end + HOUR)]
    with transaction(company) as session:
        record_calls(session, [call(901, "review-summary", WEEK.end - HOUR)], LATER)
    late = build_report(company, WEEK, LATER)
    with reading(company) as session:
        rows = [(row.week, row.built_at) for row in session.scalars(select(ReportRow))]
    assert rows == [("2026-W31", LATER)]
    assert load_report(company, "2026-W31") == late
    assert late.spend.total.cost_usd == usage(company, by=(), start=WEEK.start, end=WEEK.end).total.cost_usd


def test_a_running_week_is_told_and_not_kept(company: Engine) -> None:
    """What will happen later in the week is not in it."""
    judge_on(company, CUT - DAY)
    report = build_report(company, WEEK, CUT)
    assert (report.complete, len(report.due.items)) == (False, 1)
    assert report.due.saving_usd_month == list_alerts(company)[0].saving_usd_month
    assert weeks(company) == []
    assert load_report(company, WEEK) is None


def test_announced_prices_are_told_ahead(company: Engine) -> None:
    """A price known before the week's end that begins after it is announced, with its day."""
    start = WEEK.end + 30 * DAY
    add_prices(company, [price(PriceKind.INPUT, "2", start)], CUT, "2")
    (move,) = build_report(company, WEEK, LATER).prices_announced
    assert (move.model, move.kind, move.old_usd_per_mtok, move.new_usd_per_mtok, move.valid_from) == (
        LUNA,
        "input",
        Decimal(1),
        Decimal(2),
        start,
    )


def test_the_letters_are_listed_newest_first(company: Engine) -> None:
    """One per week that was built."""
    for week in (WEEK, WEEK.before(), parse_week("2026-W32")):
        build_report(company, week, LATER)
    assert weeks(company) == ["2026-W32", "2026-W31", "2026-W30"]
    with reading(company) as session:
        assert session.scalar(select(func.count()).select_from(ReportRow)) == 3


def test_an_empty_database_has_a_letter_too(engine: Engine) -> None:
    """Two lines that say that there is nothing yet, and no figure that reads as zero spend."""
    text = render(build_report(engine, previous_week(LATER, "Europe/Berlin"), LATER), "text")
    assert text.splitlines()[1:] == ["No feature has been judged; nothing is due; no calls counted; 1 blind spot."]


@pytest.mark.parametrize(
    ("week", "cure"),
    [
        pytest.param("2026-47", "use an ISO week such as 2026-W47", id="no-week"),
        pytest.param("2026-W54", "use an ISO week", id="no-such-week"),
        pytest.param("2027-W01", "has not begun", id="future"),
    ],
)
def test_a_week_that_cannot_be_told_is_refused(engine: Engine, week: str, cure: str) -> None:
    """With the cure, and nothing is kept."""
    with pytest.raises(BadInput, match=cure):
        build_report(engine, week, LATER)
    assert weeks(engine) == []


def test_weeks_may_be_given_as_values(company: Engine) -> None:
    """A text and a value of the same week are the same letter."""
    assert build_report(company, IsoWeek(WEEK.monday), LATER) == build_report(company, str(WEEK), LATER)
