"""The archive of letters, and where everything came from: empty, stale and failed are three different things."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dashboard.loads import mail_page
from db.queries.jobs import wanted_of_jobs
from db.queries.outbox import deliveries
from db.session import reading, transaction
from db.store.bills import BillSums, record_bills
from db.store.jobs import claim_slot
from db.store.outbox import NewDelivery, claim_delivery, enqueue, finish_delivery
from db.store.runs import RunCounts, record_run
from db.store.usage import record_calls, record_intake
from db.store.windows import replace_day
from offramp.actions.collect import collect
from offramp.actions.register import register
from offramp.actions.report import build_report, load_report, weeks
from offramp.actions.sources import configured_sources
from offramp.clock import now
from reports.message import weekly_message
from reports.stored import dumps
from strategy.facts import Billed, Call
from tests.dashboard.conftest import OpenPage, opened, seen


def test_the_newest_letter_is_shown_as_it_was_built(demo_url: str, open_page: OpenPage) -> None:
    """The page shows the mail of the stored letter, pictures in it, and offers three formats."""
    with opened(demo_url) as engine:
        build_report(engine, "2026-W44", now())
        build_report(engine, "2026-W46", now())
        newest = weeks(engine)[0]
        letter = load_report(engine, newest)
    assert letter is not None
    page = open_page(demo_url, "report")
    assert page.selectbox(key="week").value == newest
    (shown,) = page.get("iframe")
    assert shown.proto.srcdoc == mail_page(letter)
    assert '<h1 class="ink"' in shown.proto.srcdoc
    assert "cid:" not in shown.proto.srcdoc
    assert shown.proto.srcdoc.count("data:image/png;base64,") == len(weekly_message(letter).images) > 0
    assert [item.proto.label for item in page.get("download_button")] == [
        "Download Markdown",
        "Download HTML",
        "Download JSON",
    ]
    page.selectbox(key="week").set_value("2026-W44").run()
    assert page.query_params == {"week": "2026-W44"}
    assert "2026-W44" in seen(page)


def test_no_letter_yet_says_how_to_build_one(sqlite_url: str, open_page: OpenPage) -> None:
    """An empty archive is no error."""
    page = open_page(sqlite_url, "report")
    assert "No letter has been built yet." in seen(page)
    assert "offramp report --format md" in seen(page)


def test_a_week_without_a_letter_and_a_text_that_is_no_week_differ(demo_url: str, open_page: OpenPage) -> None:
    """The one is empty and can be built, the other is wrong."""
    with opened(demo_url) as engine:
        build_report(engine, "2026-W46", now())
    assert "offramp report --week 2024-W01" in seen(open_page(demo_url, "report", week="2024-W01"))
    page = open_page(demo_url, "report", week="x](y)")
    assert "'x](y)' is no week." in seen(page)
    assert page.error


def _call(number: int, *, feature: str | None = "triage", calls: int = 1, tokens: int | None = 10) -> Call:
    at = now() - timedelta(hours=2)
    return Call(
        key=number.to_bytes(16),
        at=at,
        feature=feature,
        provider="openai",
        model="made-up",
        source="otlp",
        calls=calls,
        input_tokens=tokens,
        output_tokens=tokens,
    )


def test_unattributed_and_unpriced_are_sections_of_their_own(sqlite_url: str, open_page: OpenPage) -> None:
    """What no feature claims and what has no price is counted, named, and never a zero."""
    with opened(sqlite_url) as engine, transaction(engine) as session:
        calls = [_call(1), _call(2, feature=None, calls=3), _call(3, tokens=None)]
        record_calls(session, calls, now())
    page = open_page(sqlite_url, "sources")
    text = seen(page)
    assert "#### 1 source delivered 5 calls in 28 days; the last arrived just now." in text
    assert "**3 calls**, 60 % of all." in text
    assert "**4 calls** of 1 model." in text
    assert "**1 call** came without token counts" in text
    metrics = {metric.label: metric.value for metric in page.metric}
    assert (metrics["Claimed"], metrics["Priced"]) == ("40 %", "0 %")
    tables = [item.value for item in page.dataframe]
    assert [list(table["Model"]) for table in tables if "Model" in table] == [["made-up"]]
    assert [list(table["State"]) for table in tables if "Accepted" in table and "State" in table] == [["fresh"]]
    assert [item.proto.label for item in page.get("page_link")] == ["Register triage"]


def test_a_long_silence_has_its_age_and_is_not_called_never(sqlite_url: str, open_page: OpenPage) -> None:
    """What was heard before the month of receipts that the pages show is told as weeks ago, on both pages."""
    with opened(sqlite_url) as engine:
        register(engine, [{"slug": "triage"}], at=now(), by="test")
        with transaction(engine) as session:
            record_intake(session, "otlp", {"accepted": 5}, now() - timedelta(days=36))
    for name, told in (
        ("sources", "No source has delivered for more than 26 hours."),
        ("alerts", "No data has come in lately"),
    ):
        (warning,) = (each.value for each in open_page(sqlite_url, name).warning if told in each.value)
        assert "Last heard of 5 weeks ago" in warning


def test_silence_is_stale_and_not_failed(sqlite_url: str, open_page: OpenPage) -> None:
    """More than 26 hours without a delivery is a warning with its age."""
    with opened(sqlite_url) as engine, transaction(engine) as session:
        record_intake(session, "otlp", {"accepted": 5}, now() - timedelta(hours=30))
    page = open_page(sqlite_url, "sources")
    (warning,) = page.warning
    assert "No source has delivered for more than 26 hours." in warning.value
    assert "30 hours ago" in warning.value
    assert not page.error


def test_what_is_pulled_is_heard_of(sqlite_url: str, open_page: OpenPage) -> None:
    """Its runs are its deliveries: beside an old file nothing is silent, and both are counted."""
    with opened(sqlite_url) as engine, transaction(engine) as session:
        record_intake(session, "file", {"accepted": 5}, now() - timedelta(hours=30))
        pulled = [_call(1)._replace(source="pull:lake")]
        replace_day(session, "pull:lake", "warehouse", now() - timedelta(days=1), now() + timedelta(days=1), pulled)
        record_run(
            session, "pull:lake", started_at=now(), finished_at=now(), outcome="ok", counts=RunCounts(accepted=1)
        )
    page = open_page(sqlite_url, "sources")
    assert "#### 2 sources delivered 1 call in 28 days; the last arrived just now." in seen(page)
    assert not page.warning


def test_a_failed_run_is_failed_and_not_stale(sqlite_url: str, open_page: OpenPage) -> None:
    """The newest run of a source that failed stands at the top with its message; an older failure does not."""
    with opened(sqlite_url) as engine, transaction(engine) as session:
        for source, outcome in (("file a", "failed"), ("file a", "ok"), ("file b", "failed")):
            record_run(
                session,
                source,
                started_at=now(),
                finished_at=now(),
                outcome=outcome,
                counts=RunCounts(rejected=3),
                message="3 rows rejected",
            )
        record_intake(session, "file", {"accepted": 5, "too_old": 3}, now())
    page = open_page(sqlite_url, "sources")
    (error,) = page.error
    assert "file b: the last run failed" in error.value
    assert "3 rows rejected" in error.value
    assert not page.warning
    assert not any("more run" in item.label for item in page.expander)
    refused = [item.value for item in page.dataframe if "Reason" in item.value]
    assert [(row.Reason, row.Records) for row in refused[0].itertuples()] == [("Too old", 3)]


def test_many_failed_runs_leave_room_for_the_page(sqlite_url: str, open_page: OpenPage) -> None:
    """The newest three are red notices, the others stand folded, each with its message."""
    with opened(sqlite_url) as engine, transaction(engine) as session:
        for number in (4, 3, 2, 1, 0):
            at, told = now() - timedelta(minutes=number), f"reason {number}; cure {number}"
            name, counts = f"pull:gateway-{number}", RunCounts()
            record_run(session, name, started_at=at, finished_at=at, outcome="failed", counts=counts, message=told)
    page = open_page(sqlite_url, "sources")
    assert [f"reason {number}" in error.value for number, error in enumerate(page.error)] == [True] * 3
    (others,) = [item for item in page.expander if "failed" in item.label]
    assert others.label == "2 more runs failed"
    assert ["reason 3; cure 3" in others.markdown[0].value, "reason 4; cure 4" in others.markdown[1].value] == [
        True
    ] * 2


def test_nothing_yet_is_empty_and_says_how_to_send(sqlite_url: str, open_page: OpenPage) -> None:
    """No source, no run: neither stale nor failed."""
    page = open_page(sqlite_url, "sources")
    assert "No data has come in." in seen(page)
    assert not page.error
    assert not page.warning
    assert not page.metric


def test_demo_sources_add_up(demo_url: str, open_page: OpenPage) -> None:
    """Every file of the demo is a run, and the jobs that ran are listed."""
    page = open_page(demo_url, "sources")
    runs = next(item.value for item in page.dataframe if "Rejected" in item.value)
    assert (runs["Outcome"] == "ok").all()
    assert runs["Accepted"].sum() > 10_000


def _outbox(url: str, state: str) -> str:
    """A letter to Ana that ended in a state."""
    with opened(url) as engine:
        report = build_report(engine, "2026-W46", now())
        row = NewDelivery(
            id="d1",
            kind="weekly",
            about="2026-W46",
            channel="leads",
            recipient="ana@example.org",
            payload=dumps(report),
            if_unsure="hold",
            not_before=now(),
        )
        with transaction(engine) as session:
            enqueue(session, [row], now())
            held = claim_delivery(session, "d1", at=now(), lease=timedelta(minutes=5))
            assert held is not None
            finish_delivery(session, held, at=now(), state=state, detail="no answer came")
    return mail_page(report)


def test_a_letter_that_may_have_arrived_is_shown_and_can_be_sent_again(demo_url: str, open_page: OpenPage) -> None:
    """The uncertain one stands out with its reason; pressed once, it is pending; what was sent can be read."""
    letter = _outbox(demo_url, "uncertain")
    page = open_page(demo_url, "report")
    assert "The letter to ana&#64;example.org (leads) may have arrived." in seen(page)
    assert [item.proto.srcdoc for item in page.get("iframe")] == [letter, letter]
    page.button(key="again-d1").click().run()
    assert "is sent again within five minutes" in seen(page)
    with opened(demo_url) as engine, reading(engine) as session:
        (row,) = deliveries(session)
    assert row.state == "pending"


def test_a_test_says_what_is_missing(demo_url: str, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without channels the page says which setting to make; nothing is sent."""
    monkeypatch.delenv("OFFRAMP_CHANNELS", raising=False)
    with opened(demo_url) as engine:
        build_report(engine, "2026-W46", now())
    page = open_page(demo_url, "report")
    assert "It was sent to nobody." in seen(page)
    page.text_input[0].input("ana@example.org")
    page.button[-1].click().run()
    assert "no mail server is configured" in seen(page)


def test_a_job_is_asked_for_and_rests(demo_url: str, open_page: OpenPage) -> None:
    """Each job has a line; the buttons leave a wish that the next tick takes up."""
    page = open_page(demo_url, "sources")
    page.button(key="pause-review").click().run()
    assert "review rests until it is resumed." in seen(page)
    page.button(key="run-review").click().run()
    with opened(demo_url) as engine, reading(engine) as session:
        wanted = wanted_of_jobs(session)["review"]
    assert wanted.paused_at is not None
    assert wanted.run_at is not None
    assert wanted.by == "dashboard"
    assert page.button(key="run-review").disabled
    page.button(key="resume-review").click().run()
    with opened(demo_url) as engine, reading(engine) as session:
        assert wanted_of_jobs(session)["review"].paused_at is None


def test_a_job_that_runs_says_when_it_began(sqlite_url: str, open_page: OpenPage) -> None:
    """There is nothing else to say of it yet."""
    with opened(sqlite_url) as engine, transaction(engine) as session:
        claim_slot(session, "report", now(), owner="worker", at=now(), lease=timedelta(hours=1))
    (caption,) = [item.value for item in open_page(sqlite_url, "sources").caption if item.value.startswith("began ")]
    assert caption.startswith("began just now · next ")


def test_one_source_that_fell_silent_is_named(sqlite_url: str, open_page: OpenPage) -> None:
    """Langfuse delivered daily and is missing since thirty hours, while another source goes on."""
    with opened(sqlite_url) as engine, transaction(engine) as session:
        daily = [_call(day)._replace(source="langfuse", at=now() - timedelta(hours=30 + 24 * day)) for day in range(5)]
        record_calls(session, [*daily, _call(99)], now())
        record_intake(session, "otlp", {"accepted": 1}, now())
    warnings = [item.value for item in open_page(sqlite_url, "sources").warning]
    assert len(warnings) == 1
    assert "No usage from langfuse for" in warnings[0]


def test_the_provider_whose_bill_was_tracked_least_is_named(demo_url: str, open_page: OpenPage) -> None:
    """In the sum of all of them another one's discount makes up for it."""
    text = seen(open_page(demo_url, "sources"))
    assert re.search(r"\*\*9\d\.\d %\*\* of what was billed was tracked, of openai \*\*9\d\.\d %\*\*\.", text)
    assert "of anthropic" not in text


def test_bills_stand_beside_what_was_counted(sqlite_url: str, open_page: OpenPage) -> None:
    """Coverage, what would explain the rest, what stands beside the record, and the day by day."""
    with opened(sqlite_url) as engine, transaction(engine) as session:
        gateway = _call(2, calls=30)._replace(source="litellm")
        record_calls(session, [_call(1, calls=10), gateway], now())
        bill = Billed(slot="invoice|openai", provider="openai", day=now().date(), amount_usd=Decimal(5))
        sums = BillSums()
        sums.add([bill])
        record_bills(session, sums, now())
    page = open_page(sqlite_url, "sources")
    text = seen(page)
    assert "of what was billed was tracked" in text
    assert "litellm tells of 30 calls where the sources of record counted 10: 20 more, which are in no figure" in text
    (told,) = [frame.value for frame in page.dataframe if "Calls beside" in frame.value.columns]
    assert list(told["Calls beside"]) == [30, 0]
    assert {frame.proto.placeholder for frame in page.dataframe} == {"–"}


def test_discovered_traffic_is_shown_with_what_was_measured(sqlite_url: str, open_page: OpenPage) -> None:
    """Volume, models and who told; a name that is no slug is renamed first."""
    with opened(sqlite_url) as engine, transaction(engine) as session:
        record_calls(session, [_call(1, calls=10), _call(2, feature="Odd Name")], now())
    page = open_page(sqlite_url, "sources")
    (found,) = [frame.value for frame in page.dataframe if "Told by" in frame.value.columns]
    assert found[["Name", "Calls", "Models"]].to_numpy().tolist() == [
        ["triage", 10, "made-up"],
        ["Odd Name", 1, "made-up"],
    ]
    assert "offramp features rename 'Odd Name' odd-name" in seen(page)


def test_a_pulled_source_is_asked_by_its_button(
    sqlite_url: str, open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that answers says so, one that does not has a cure, and a file that cannot be used is named."""
    lake = tmp_path / "lake.db"
    with opened(f"sqlite:///{lake}") as engine, engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE c (timestamp TEXT, model TEXT, input_tokens INT, output_tokens INT)")
    file = tmp_path / "sources.yaml"
    query = "SELECT * FROM {} WHERE timestamp >= :start AND timestamp < :end"
    entry = "  - {{name: {}, kind: warehouse, database: {{env: LAKE_URL}}, query: '{}'}}"
    entries = [entry.format("lake", query.format("c")), entry.format("dry", query.format("nothing"))]
    file.write_text("\n".join(["sources:", *entries]), encoding="utf-8")
    monkeypatch.setenv("OFFRAMP_SOURCES", str(file))
    monkeypatch.setenv("LAKE_URL", f"sqlite:///{lake}")
    with opened(sqlite_url) as ours:
        collect(ours, configured_sources(), now=datetime(2026, 11, 22, 9, tzinfo=UTC))
    page = open_page(sqlite_url, "sources")
    assert "warehouse, days before 19 November 2026 are final" in seen(page)
    assert "warehouse, not read yet; the last run failed" in seen(page)
    page.button(key="ask-lake").click().run()
    assert "source lake: warehouse answers" in seen(page)
    page.button(key="ask-dry").click().run()
    assert "source dry cannot be read." in seen(page)
    file.write_text("sources: [{name: a, kind: nobody}]", encoding="utf-8")
    assert "The sources file cannot be used." in seen(open_page(sqlite_url, "sources"))
