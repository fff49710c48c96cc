"""What readers do to pages, and machines to readers: links, the back button, two tabs, a restart, no database."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from db.queries.alerts import alert_moves
from db.session import reading
from offramp.actions.alerts import list_alerts
from tests.dashboard.browsing import looking, opened_at, serving
from tests.dashboard.conftest import opened
from tests.offramp.live_server import free_port

pytestmark = pytest.mark.browser
CONNECTED = "document.querySelector('[data-test-connection-state=CONNECTED]')"


def _claim(page: Page, who: str) -> None:
    opens = page.get_by_role("button", name="Claim")
    opens.evaluate("button => button.scrollIntoView({block: 'center'})")
    opens.click()
    body = page.get_by_test_id("stPopoverBody")
    body.get_by_role("textbox", name="Your name").fill(who)
    body.get_by_role("button", name="Claim").click()


def test_a_link_shows_what_it_names_and_back_goes_back(
    served: str, shared_url: str, browser_page: tuple[Page, list[str]]
) -> None:
    """A filtered view is opened by its link; a filter changes the link; back undoes it, and leaves the page last."""
    page, _ = browser_page
    with opened(shared_url) as engine:
        every = list_alerts(engine)
    due = [alert for alert in every if alert.target == "embed"]
    owner = due[0].owner
    opened_at(page, f"{served}/?target=embed")
    all_of_it = page.get_by_text(f"in {len(due)} of {len(every)} open alerts")
    expect(all_of_it).to_be_visible()
    page.get_by_role("button", name="Filter and order").click()
    page.get_by_role("combobox", name="Owner").click()
    page.get_by_role("option", name=str(owner), exact=True).click()
    expect(page).to_have_url(re.compile("owner="))
    expect(page.get_by_text(f"owner {owner} · target embed")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(f"{served}/?target=embed")
    expect(page.get_by_text(f"owner {owner} · target embed")).to_have_count(0)
    expect(all_of_it).to_be_visible()
    page.get_by_role("link", name="Portfolio").first.click()
    expect(page.locator("h1")).to_have_text("Portfolio")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("features should move")


def test_what_another_tab_did_is_told(served: str, shared_url: str, browser: Browser) -> None:
    """Two people claim one alert from pages that both looked free: the first has it, the second reads so."""
    slug = "returns-intake"
    with looking(browser) as (first, _), looking(browser) as (second, _):
        for page in (first, second):
            opened_at(page, f"{served}/?feature={slug}")
            expect(page.get_by_role("button", name="Claim")).to_be_enabled()
        _claim(first, "Ada")
        expect(first.get_by_text(f"{slug} is claimed.")).to_be_visible()
        _claim(second, "Bob")
        expect(second.get_by_text("Nothing was changed.")).to_be_visible()
        expect(second.get_by_text("Ada", exact=False).first).to_be_visible()
    with opened(shared_url) as engine, reading(engine) as session:
        assert [move.by for move in alert_moves(session, slug) if move.move == "claim"] == ["Ada"]


def test_pages_outlive_a_missing_database_and_a_restart(demo_template: Path, tmp_path: Path, browser: Browser) -> None:
    """Without its database the page says so; with it, it is there; after a restart the open page works on by itself."""
    file, port = tmp_path / "late" / "demo.db", free_port()
    url = f"sqlite:///{file}"
    with looking(browser) as (page, outside):
        with serving(url, port=port) as address:
            opened_at_failure = page.get_by_text("The database does not answer.")
            page.goto(address)
            expect(opened_at_failure).to_be_visible()
            file.parent.mkdir()
            shutil.copy(demo_template, file)
            opened_at(page, f"{address}/?feature=address-check")
            expect(page.locator("h1")).to_contain_text("features should move")
        page.wait_for_function(f"!({CONNECTED})")
        with serving(url, port=port):
            page.wait_for_function(CONNECTED)
            page.get_by_role("tab", name="What stands in the way").click()
            expect(page.get_by_text("each with what would clear the way")).to_be_visible()
    assert outside == []
