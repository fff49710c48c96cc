"""The home page: the sentence, the table, the filters in the URL, the CSV, and its empty, stale and failed faces."""

import io
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from dashboard import frames, loads
from dashboard.frames import alert_csv, total_saving
from db.migrate import upgrade
from db.session import make_engine
from offramp.actions.alerts import list_alerts
from strategy.money import cents, dollars
from tests.dashboard.conftest import OpenPage, seen

DUE = {
    "Review digest on product pages": ("prompt", "distill"),
    "Support ticket triage": ("prompt", "embed"),
    "Delivery address check": ("prompt", "code"),
    "Returns form intake": ("prompt", "hybrid"),
}


def _total(url: str) -> Decimal:
    engine = make_engine(url)
    total = sum((cents(alert.saving_usd_month or Decimal(0)) for alert in list_alerts(engine)), Decimal(0))
    engine.dispose()
    return total


def test_the_first_sentence_says_where_the_organisation_stands(demo_url: str, open_page: OpenPage) -> None:
    """How many should move, for how much a month, and by when the first decision must fall."""
    whole = f"{_total(demo_url):,.0f}"
    (title,) = open_page(demo_url).title
    assert title.value.replace("\\", "") == (
        f"4 of 12 features should move: ${whole} a month on the table; 2 must be decided by 14 January 2027."
    )


def test_the_table_shows_what_moves_where_for_how_much(demo_url: str, open_page: OpenPage) -> None:
    """Each due feature stands there once with its strategies, its saving and how sure that is."""
    table = open_page(demo_url).dataframe[0].value
    assert {row.Feature: (row.From[0], row.To[0]) for row in table.itertuples()} == DUE
    assert Decimal(str(round(table["Saving"].sum(), 2))) == _total(demo_url)
    assert list(table["Saving"]) == sorted(table["Saving"], reverse=True)
    assert table["How sure"].between(0.9, 1).all()


def test_metrics_agree_with_the_table(demo_url: str, open_page: OpenPage) -> None:
    """The figures above the table are those of the table."""
    metrics = {metric.label: metric.value for metric in open_page(demo_url).metric}
    assert metrics["Should move"] == "4 of 12"
    assert metrics["Waiting"] == "6"
    assert metrics["On the table, a month"] == dollars(_total(demo_url).quantize(Decimal(1)))[:-3]


def test_the_csv_and_the_page_have_one_total(demo_url: str, open_page: OpenPage) -> None:
    """The sum of the file's column is the total below the table, to the cent."""
    found = loads.portfolio(demo_url)
    waiting = [alert for alert in found.alerts if alert.closed_at is None]
    text = alert_csv(waiting, found.documents).to_csv(index=False)
    column = pd.read_csv(io.StringIO(text), dtype=str)["saving_usd_month"]
    total = sum((Decimal(value) for value in column), Decimal(0))
    assert total == total_saving(waiting) == _total(demo_url)
    assert f"**{dollars(total)} a month** in 4 of 4 open alerts." in seen(open_page(demo_url))


def test_filters_come_from_the_url_and_go_there(demo_url: str, open_page: OpenPage) -> None:
    """A shared link shows the same rows; moving a filter changes the link."""
    page = open_page(demo_url, owner="checkout")
    assert list(page.dataframe[0].value["Feature"]) == ["Delivery address check"]
    assert "in 1 of 4 open alerts" in seen(page)
    page.selectbox(key="owner").set_value(None)
    page.selectbox(key="target").set_value("embed").run()
    assert page.query_params == {"target": "embed"}
    assert list(page.dataframe[0].value["Feature"]) == ["Support ticket triage"]


def test_filters_that_match_nothing_say_so(demo_url: str, open_page: OpenPage) -> None:
    """An owner of an old link stays visible, and one click clears it."""
    page = open_page(demo_url, owner="nobody")
    assert "No alert matches these filters." in seen(page)
    assert page.selectbox(key="owner").value == "nobody"
    next(button for button in page.button if "Clear" in button.label).click().run()
    assert page.query_params == {}
    assert len(page.dataframe[0].value) == 4


def test_what_stands_in_the_way_is_named_with_its_cure(demo_url: str, open_page: OpenPage) -> None:
    """Blocked and watched features stand below, each with what would clear it."""
    text = seen(open_page(demo_url))
    assert "today's quality was never measured" in text
    assert "score the present strategy: without it nothing can be compared" in text
    assert "openai/gpt-4o-mini stops answering on 2027-01-14" in text


def test_an_empty_portfolio_shows_how_to_begin(sqlite_url: str, open_page: OpenPage) -> None:
    """No table, no zero: the first three steps."""
    page = open_page(sqlite_url)
    assert "No feature is registered yet." in seen(page)
    assert "offramp load calls.csv evals.csv" in seen(page)
    assert not page.dataframe
    assert not page.metric


def test_a_database_without_tables_says_what_to_run(tmp_path: Path, open_page: OpenPage) -> None:
    """Not migrated is a failure with a cure, not a traceback."""
    page = open_page(f"sqlite:///{tmp_path / 'bare.db'}")
    assert "The database is not set up for this version." in seen(page)
    assert "`offramp migrate`" in seen(page)
    assert not page.exception


@pytest.mark.parametrize("url", ["sqlite:////no/such/folder/x.db", "postgresql://nobody:secret@127.0.0.1:1/none"])
def test_a_database_that_is_away_is_a_failure_without_its_password(url: str, open_page: OpenPage) -> None:
    """Unreachable looks like nothing else, and tells no secret."""
    page = open_page(url)
    assert [error.icon for error in page.error] == [":material/error:"]
    assert "The database does not answer." in seen(page)
    assert "secret" not in seen(page)
    assert not page.exception


def test_recovers_when_the_database_is_back(tmp_path: Path, open_page: OpenPage) -> None:
    """A failure is not cached: after the migration the same session shows the page."""
    url = f"sqlite:///{tmp_path / 'late.db'}"
    page = open_page(url)
    assert page.error
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    page.run()
    assert not page.error
    assert "No feature is registered yet." in seen(page)


def test_standing_over_time_ends_at_today(demo_url: str) -> None:
    """The line over the half year ends with what is due today."""
    found = loads.portfolio(demo_url)
    past = frames.standing_over_time(found.flips, frames.days_before(found.read_at.date(), 182))
    assert past["due"].iloc[-1] == 4
    assert past["waiting"].iloc[-1] == 6
