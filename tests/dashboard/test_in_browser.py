"""In a real browser: a row is followed, a form is clicked three times, and nothing is asked of the outside."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Request, expect, sync_playwright
from sqlalchemy import func, select

from dashboard.launch import SCRIPT
from db.session import reading
from db.tables import FeatureRevision
from offramp.actions.alerts import list_alerts
from tests.conftest import ROOT
from tests.dashboard.conftest import opened
from tests.offramp.live_server import free_port

pytestmark = pytest.mark.browser
_START_WITHIN = 60
_LATEST_MS = 30_000


@pytest.fixture
def served(demo_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the dashboard, served by Streamlit itself on the demo company."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(SCRIPT), "--server.port", str(port)]
    monkeypatch.setenv("OFFRAMP_DATABASE_URL", demo_url)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        address = f"http://127.0.0.1:{port}"
        end = time.monotonic() + _START_WITHIN
        while time.monotonic() < end:
            try:
                httpx.get(f"{address}/_stcore/health", timeout=1).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.2)
        yield address
        server.terminate()


@pytest.fixture
def browser_page(chromium: Path) -> Iterator[tuple[Page, list[str]]]:
    """A page of a real Chromium, with the addresses outside this machine that it asked for."""
    outside: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            outside.append(request.url)

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(chromium), args=arguments)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.set_default_timeout(_LATEST_MS)
        expect.set_options(timeout=_LATEST_MS)
        page.on("request", note)
        yield page, outside
        browser.close()


def test_an_alert_is_followed_to_its_feature(served: str, demo_url: str, browser_page: tuple[Page, list[str]]) -> None:
    """A click on the first row opens that feature by its slug; no request leaves the machine on the way."""
    page, outside = browser_page
    with opened(demo_url) as engine:
        first = list_alerts(engine)[0]
    page.goto(served)
    expect(page.locator("h1")).to_contain_text("features should move")
    table = page.get_by_test_id("stDataFrame").first
    table.locator("canvas").first.wait_for()
    # The grid draws on a canvas a moment after it is there; a click before that meets no row.
    page.wait_for_timeout(2500)
    table.click(position={"x": 60, "y": 60})
    expect(page.locator("h1")).to_have_text(first.name or first.feature)
    expect(page).to_have_url(f"{served}/feature?feature={first.feature}")
    page.goto(f"{served}/sources")
    expect(page.locator("h1")).to_have_text("Sources")
    assert outside == []


def test_three_clicks_on_save_are_one_row(served: str, demo_url: str, browser_page: tuple[Page, list[str]]) -> None:
    """The button is not disabled while the page works: whatever arrives, one revision is written and judged."""
    page, _ = browser_page

    def revisions() -> int:
        with opened(demo_url) as engine, reading(engine) as session:
            return session.scalar(select(func.count()).select_from(FeatureRevision)) or 0

    before = revisions()
    page.goto(f"{served}/register")
    page.get_by_role("textbox", name="Slug", exact=True).fill("parcel-questions")
    page.get_by_role("textbox", name="Owner", exact=True).fill("logistics")
    page.get_by_role("button", name="Save and judge", exact=True).click(click_count=3, delay=20)
    expect(page.get_by_text("parcel-questions is registered.")).to_be_visible()
    assert revisions() == before + 1
    page.get_by_role("link", name="See the verdict of parcel-questions").click()
    expect(page.locator("h1")).to_have_text("parcel-questions")
    expect(page.get_by_text("Too early to judge parcel-questions")).to_be_visible()
