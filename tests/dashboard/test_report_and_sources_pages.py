"""The archive of letters, and where everything came from: empty, stale and failed are three different things."""

from datetime import timedelta

from db.session import transaction
from db.store.runs import RunCounts, record_run
from db.store.usage import record_calls, record_intake
from offramp.actions.report import build_report, load_report, weeks
from offramp.clock import now
from reports.render import render
from strategy.facts import Call
from tests.dashboard.conftest import OpenPage, opened, seen


def test_the_newest_letter_is_shown_as_it_was_built(demo_url: str, open_page: OpenPage) -> None:
    """The page shows the stored letter's Markdown, and offers its three formats."""
    with opened(demo_url) as engine:
        build_report(engine, "2026-W44", now())
        build_report(engine, "2026-W46", now())
        newest = weeks(engine)[0]
        letter = load_report(engine, newest)
    assert letter is not None
    page = open_page(demo_url, "report")
    assert page.selectbox(key="week").value == newest
    assert render(letter, "md").strip() in [item.value for item in page.markdown]
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
    assert "**1 calls** came without token counts" in text
    metrics = {metric.label: metric.value for metric in page.metric}
    assert (metrics["Claimed"], metrics["Priced"]) == ("40 %", "0 %")
    tables = [item.value for item in page.dataframe]
    assert [list(table["Model"]) for table in tables if "Model" in table] == [["made-up"]]
    assert [list(table["State"]) for table in tables if "Accepted" in table and "State" in table] == [["fresh"]]
    assert [item.proto.label for item in page.get("page_link")] == ["Register triage"]


def test_silence_is_stale_and_not_failed(sqlite_url: str, open_page: OpenPage) -> None:
    """More than 26 hours without a delivery is a warning with its age."""
    with opened(sqlite_url) as engine, transaction(engine) as session:
        record_intake(session, "otlp", {"accepted": 5}, now() - timedelta(hours=30))
    page = open_page(sqlite_url, "sources")
    (warning,) = page.warning
    assert "No source has delivered for more than 26 hours." in warning.value
    assert "30 hours ago" in warning.value
    assert not page.error


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
    refused = [item.value for item in page.dataframe if "Reason" in item.value]
    assert [(row.Reason, row.Records) for row in refused[0].itertuples()] == [("Too old", 3)]


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
