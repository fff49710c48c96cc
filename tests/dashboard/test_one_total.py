"""One total, to the cent: the letter's, the page's, the CSV's, the API's and the command's."""

import io
import json
from datetime import timedelta
from decimal import Decimal

import pandas as pd
import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from dashboard import home_loads
from dashboard.frames import alert_csv
from db.session import make_engine
from offramp.actions.alerts import list_alerts
from offramp.actions.report import build_report
from offramp.cli.main import app
from offramp.serve.service import Service
from reports.render import render
from strategy.money import dollars
from tests.dashboard.conftest import OpenPage, seen
from tests.offramp.live_server import serving
from tests.offramp.test_report import WEEK, judge_on
from tests.offramp.test_report import company as company  # noqa: PLC0414 (a fixture, taken on)

NOW = WEEK.end + timedelta(hours=9)


@pytest.fixture
def engine(sqlite_url: str) -> Engine:
    """The company's database, which a page opens too."""
    return make_engine(sqlite_url)


def test_every_place_says_the_same(
    company: Engine, sqlite_url: str, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is on the table, and what the week cost: letter (in all forms), page, CSV, HTTP and command line."""
    judge_on(company, WEEK.end - timedelta(days=1))
    report = build_report(company, WEEK, NOW)
    letter = json.loads(render(report, "json"))
    monkeypatch.setattr(home_loads, "now", lambda: NOW)
    page = seen(open_page(sqlite_url))
    text = alert_csv(list_alerts(company)).to_csv(index=False)
    column = pd.read_csv(io.StringIO(text), dtype=str)["saving_usd_month"]
    with serving(Service(engine=company, now=lambda: NOW, late_window=None)) as live:
        answered = live.client.get("/api/alerts").json()
    command = CliRunner().invoke(app, ["--db", sqlite_url, "alerts", "--json"])
    savings = {
        "letter": Decimal(letter["due"]["saving_usd_month"]),
        "csv": sum((Decimal(usd) for usd in column), Decimal(0)),
        "api": sum((Decimal(each["saving_usd_month"]) for each in answered), Decimal(0)),
        "command": sum((Decimal(each["saving_usd_month"]) for each in json.loads(command.stdout)), Decimal(0)),
    }
    (saving,) = set(savings.values())
    assert saving > 0
    assert f"**{dollars(saving)} a month** in 1 of 1 open alert." in page
    asked = ["usage", "--json", "--from", WEEK.start.isoformat(), "--to", WEEK.end.isoformat()]
    used = json.loads(CliRunner().invoke(app, ["--db", sqlite_url, *asked]).stdout)
    spent = Decimal(used["total"]["cost_usd"])
    assert Decimal(letter["spend"]["total"]["cost_usd"]) == spent.quantize(Decimal("0.01"))
    assert sum(Decimal(row["cost_usd"]) for row in used["rows"] if row["cost_usd"]) == spent
    for form in ("text", "md", "html"):
        told = render(report, form)
        assert f"${saving:,.0f}" in told
        assert f"${spent:,.0f}" in told
