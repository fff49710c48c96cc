"""The home page: the sentence, the table, the filters in the URL, the CSV, and its empty, stale and failed faces."""

import io
import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select

from dashboard import alert_choice, frames, loads
from dashboard.frames import alert_csv
from db.migrate import upgrade
from db.queries.alerts import Alert, AlertFilter, alert_page
from db.queries.standing import day_changes
from db.queries.verdicts import latest_verdicts
from db.session import reading, transaction
from db.store.runs import RunCounts, record_run
from db.store.usage import record_intake
from db.store.windows import replace_day
from db.tables import AlertRow
from offramp.actions.alerts import list_alerts
from offramp.actions.register import register
from offramp.clock import now
from strategy.facts import Call
from strategy.lifecycle import OPEN, State
from strategy.money import cents, dollars
from tests.dashboard.conftest import OpenPage, opened, seen


@pytest.fixture
def due(demo_url: str) -> list[Alert]:
    """The open alerts of the demo as the action lists them."""
    with opened(demo_url) as engine:
        return list_alerts(engine)


def _total(alerts: Sequence[Alert]) -> Decimal:
    return sum((cents(alert.saving_usd_month or Decimal(0)) for alert in alerts), Decimal(0))


def test_the_first_sentence_says_where_the_organisation_stands(
    demo_url: str, due: list[Alert], open_page: OpenPage
) -> None:
    """How many should move, for how much a month, and by when the first decision must fall."""
    (title,) = open_page(demo_url).title
    start = f"{len(due)} of 14 features should move: ${_total(due):,.0f} a month on the table; "
    assert title.value.replace("\\", "").startswith(start)
    (day,) = {alert.due_by for alert in due if alert.due_by}
    dated = sum(1 for alert in due if alert.due_by)
    assert title.value.endswith(f"{dated} must be decided by {day.day} {day:%B %Y}.")


def test_the_table_shows_what_moves_where_for_how_much(demo_url: str, due: list[Alert], open_page: OpenPage) -> None:
    """Each due feature stands there once with its strategies, its saving and how sure that is; the largest first."""
    table = open_page(demo_url).dataframe[0].value
    shown = [(name, start[0], end[0]) for name, start, end in table[["Feature", "From", "To"]].to_numpy()]
    assert shown == [(alert.name, alert.now, alert.target.partition(":")[0]) for alert in due]
    assert {"code", "embed", "distill", "hybrid"} <= {end for _, _, end in shown}
    assert Decimal(str(round(table["Saving"].sum(), 2))) == _total(due)
    assert table["How sure"].between(0.5, 1).all()


def test_metrics_agree_with_the_table(demo_url: str, due: list[Alert], open_page: OpenPage) -> None:
    """The figures above the table are those of the table, and the lines behind them end at today's."""
    with opened(demo_url) as engine, reading(engine) as session:
        waiting = sum(1 for item in latest_verdicts(session) if item.verdict in {"watch", "blocked"})
        changes = day_changes(session, [State.DISMISSED])
    (figures,) = open_page(demo_url).get("html")
    told = re.findall(r"<dt[^>]*>([^<]*)</dt><dd[^>]*>([^<]*)</dd>", figures.proto.body)
    assert dict(told[:3]) == {
        "On the table, a month": f"${_total(due):,.0f}",
        "Should move": f"{len(due)} of 14",
        "Waiting": str(waiting),
    }
    assert (told[3][0], len(told), figures.proto.body.count("data:image/svg+xml")) == ("Spend, 28 full days", 4, 4)
    assert "3 active, 1 claimed, 1 snoozed" in figures.proto.body
    assert "registered features; 1 dismissed" in figures.proto.body
    past = frames.standing_over_time(changes, frames.days_before(now().date(), 182))
    assert (past["due"].iloc[-1], past["waiting"].iloc[-1]) == (len(due), waiting)


def test_the_csv_and_the_page_have_one_total(demo_url: str, due: list[Alert], open_page: OpenPage) -> None:
    """The sum of the file's column is the total below the table, to the cent."""
    text = alert_csv(due).to_csv(index=False)
    column = pd.read_csv(io.StringIO(text), dtype=str)["saving_usd_month"]
    total = sum((Decimal(value) for value in column), Decimal(0))
    assert total == _total(due)
    assert f"**{dollars(total)} a month** in {len(due)} of {len(due)} open alerts." in seen(open_page(demo_url))


def test_filters_come_from_the_url_and_go_there(demo_url: str, due: list[Alert], open_page: OpenPage) -> None:
    """A shared link shows the same rows; moving a filter changes the link."""
    page = open_page(demo_url, owner="checkout")
    assert list(page.dataframe[0].value["Feature"]) == ["Delivery address check"]
    assert f"in 1 of {len(due)} open alerts" in seen(page)
    page.selectbox(key="owner").set_value(None)
    page.selectbox(key="target").set_value("embed").run()
    assert page.query_params == {"target": "embed"}
    assert "target embed" in seen(page)
    assert list(page.dataframe[0].value["Feature"]) == [alert.name for alert in due if alert.target == "embed"]


def test_severity_and_order_come_from_the_url(demo_url: str, due: list[Alert], open_page: OpenPage) -> None:
    """A link may ask for the urgent ones, and for the largest saving first."""
    page = open_page(demo_url, severity="urgent")
    assert list(page.dataframe[0].value["Severity"]) == ["urgent"]
    page = open_page(demo_url, order="saving")
    savings = list(page.dataframe[0].value["Saving"])
    assert savings == sorted(savings, reverse=True)
    assert len(savings) == len(due)
    page.selectbox(key="order").set_value("feature").run()
    assert page.query_params == {"order": "feature"}
    assert page.dataframe[0].value["Feature"].iloc[0] == "Delivery address check"


def test_every_order_holds_every_alert(demo_url: str, due: list[Alert]) -> None:
    """The surest, the earliest date and the newest stand first; what no order knows is left as it comes."""
    with opened(demo_url) as engine, reading(engine) as session:
        orders = (*alert_choice.ORDERS, None)
        found = {order: alert_page(session, AlertFilter(states=OPEN), order=order) for order in orders}
    assert all(
        sorted(each.feature for each in alerts) == sorted(each.feature for each in due) for alerts in found.values()
    )
    assert found[None] == due
    assert found["due"][0].due_by is not None
    assert found["newest"][0].opened_at == max(alert.opened_at for alert in due)


def test_filters_that_match_nothing_say_so(demo_url: str, due: list[Alert], open_page: OpenPage) -> None:
    """An owner of an old link stays visible, and one click clears it."""
    page = open_page(demo_url, owner="nobody")
    assert "No alert matches these filters." in seen(page)
    assert page.selectbox(key="owner").value == "nobody"
    next(button for button in page.button if "Clear" in button.label).click().run()
    assert page.query_params == {}
    assert len(page.dataframe[0].value) == len(due)


def test_what_stands_in_the_way_is_named_with_its_cure(demo_url: str, open_page: OpenPage) -> None:
    """Blocked and watched features stand below, each with what would clear it."""
    page = open_page(demo_url, list="What stands in the way")
    assert not page.dataframe
    text = seen(page)
    assert "today's quality was never measured" in text
    assert "score the present strategy: without it nothing can be compared" in text
    assert "openai/gpt-4o-mini stops answering on 2027-01-14" in text


def test_only_the_open_list_is_drawn_and_an_unknown_one_is_the_first(demo_url: str, open_page: OpenPage) -> None:
    """The link says which list is open; one that there is not opens the first, and nothing breaks."""
    (table,) = open_page(demo_url, list="nonsense").dataframe
    assert "How sure" in table.value
    assert "What no longer needs to move" not in seen(open_page(demo_url))


def test_an_empty_portfolio_shows_how_to_begin(sqlite_url: str, open_page: OpenPage) -> None:
    """No table, no zero: the first three steps."""
    page = open_page(sqlite_url)
    assert "No feature is registered yet." in seen(page)
    assert "offramp load calls.csv evals.csv" in seen(page)
    assert not page.dataframe
    assert not page.get("html")


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
    with opened(url) as engine:
        upgrade(engine)
    page.run()
    assert not page.error
    assert "No feature is registered yet." in seen(page)


def test_a_closed_alert_is_shown_with_what_closed_it(demo_url: str, due: list[Alert], open_page: OpenPage) -> None:
    """It leaves the table and the total, and stands below with its cause."""
    with opened(demo_url) as engine, transaction(engine) as session:
        row = session.scalars(select(AlertRow).where(AlertRow.closed_at.is_(None)).order_by(AlertRow.id)).first()
        assert row is not None
        row.state, row.closed_at, row.closed_flip_id = "closed", now(), row.opened_flip_id
    listed = open_page(demo_url).dataframe[0].value
    (table,) = open_page(demo_url, list="Recently closed").dataframe
    closed = table.value
    assert closed["Closed"].iloc[0].startswith("just now (")
    assert closed["Because"].iloc[0] != "unknown"
    assert len(listed) == len(due) - 1
    assert closed["Feature"].iloc[0] not in set(listed["Feature"])


def test_old_facts_are_stale_and_not_failed(sqlite_url: str, open_page: OpenPage) -> None:
    """Verdicts on data that stopped coming say so above everything else."""
    with opened(sqlite_url) as engine:
        register(engine, [{"slug": "x"}], at=now(), by="test")
        with transaction(engine) as session:
            record_intake(session, "otlp", {"accepted": 1}, now() - timedelta(hours=30))
    page = open_page(sqlite_url)
    (warning,) = page.warning
    assert "these verdicts rest on old facts" in warning.value
    assert page.title[0].value == "None of 1 feature should move today."
    assert not page.error


def test_facts_that_are_pulled_are_not_old(sqlite_url: str, open_page: OpenPage) -> None:
    """A pull delivers nothing to be received: its runs tell, those that failed and those of the price list do not."""
    call = Call(key=bytes(16), at=now(), feature="x", provider="openai", model="m", source="pull:lake", input_tokens=1)
    with opened(sqlite_url) as engine:
        register(engine, [{"slug": "x"}], at=now(), by="test")
        with transaction(engine) as session:
            replace_day(session, "pull:lake", "warehouse", now() - timedelta(days=1), now() + timedelta(days=1), [call])
            for source, outcome in (("pull:lake", "failed"), ("price list", "ok")):
                record_run(session, source, started_at=now(), finished_at=now(), outcome=outcome, counts=RunCounts())
        assert "these verdicts rest on old facts" in open_page(sqlite_url).warning[0].value
        loads.forget()
        with transaction(engine) as session:
            record_run(session, "pull:lake", started_at=now(), finished_at=now(), outcome="ok", counts=RunCounts())
    assert not open_page(sqlite_url).warning
