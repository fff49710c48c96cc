"""Sign-in in a real browser, at a real provider: a viewer is refused a write, an owner's is done."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from db.queries.deeds import deeds
from db.session import reading
from offramp import clock
from offramp.actions.alerts import list_alerts
from tests.conftest import ROOT
from tests.dashboard.browsing import answered, opened_at
from tests.dashboard.conftest import opened
from tests.offramp.live_server import free_port
from tests.oidc import CLIENT, SECRET, Provider, providing

pytestmark = pytest.mark.browser
SLUG, OWNER = "returns-intake", "returns"


@pytest.fixture(autouse=True)
def _present(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider's tokens hold for an hour from now on."""
    monkeypatch.setattr(clock, "datetime", datetime)


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Ann may look, Ben is of the team that owns the feature, Eve has no role at all."""
    people = {
        "ann": {"email": "ann@example.org", "groups": ["staff"]},
        "ben": {"email": "ben@example.org", "groups": ["staff", OWNER]},
        "eve": {"email": "eve@example.org", "groups": []},
    }
    with providing(people) as running:
        yield running


@pytest.fixture
def served(demo_url: str, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of `offramp dashboard` on the demo, asking the provider who comes."""
    address = f"http://127.0.0.1:{free_port()}"
    (tmp_path / "client").write_text(SECRET, encoding="utf-8")
    (tmp_path / "sign-in.yaml").write_text(
        f"provider: {provider.metadata}\nclient_id: {CLIENT}\nclient_secret_file: client\naddress: {address}\n"
        f"roles: {{owner: [{OWNER}], viewer: [staff]}}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("OFFRAMP_SIGN_IN", str(tmp_path / "sign-in.yaml"))
    monkeypatch.setenv("OFFRAMP_DATABASE_URL", demo_url)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    command = [sys.executable, "-m", "offramp", "dashboard", "--port", address.rpartition(":")[2]]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            answered(address)
            yield address
        finally:
            server.terminate()


def _sign_in(page: Page, who: str) -> None:
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name=who, exact=True).click()


def _claim(page: Page, served: str) -> None:
    opened_at(page, f"{served}/feature?feature={SLUG}")
    page.get_by_role("button", name="Claim").first.click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Claim").click()


def test_a_viewer_is_refused_and_an_owner_claims(
    served: str, demo_url: str, browser_page: tuple[Page, list[str]]
) -> None:
    """Nothing is shown before sign-in, nor to whom no group gives a role; who did what is kept, the refusal too."""
    page, outside = browser_page
    page.goto(f"{served}/prices")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_text("per Mtok")).to_have_count(0)
    assert httpx.get(f"{served}/api/features", timeout=60).status_code == 401
    _sign_in(page, "eve")
    expect(page.get_by_text("eve@\u2060example.org has no role here")).to_be_visible()
    page.get_by_role("button", name="Sign in again").click()
    _sign_in(page, "ann")
    expect(page.get_by_text("Signed in as ann@\u2060example.org, viewer")).to_be_visible()
    expect(page.locator("h1")).to_contain_text("features should move")
    _claim(page, served)
    told = f"ann@\u2060example.org (viewer) may not write {SLUG}. Ask its owner ({OWNER}) or an admin"
    expect(page.get_by_text(told)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    _sign_in(page, "ben")
    expect(page.get_by_text("Signed in as ben@\u2060example.org, owner")).to_be_visible()
    _claim(page, served)
    expect(page.get_by_text(f"{SLUG} is claimed.")).to_be_visible()
    assert outside == []
    with opened(demo_url) as engine, reading(engine) as session:
        kept = [(deed.who, deed.role, deed.what, deed.done) for deed in reversed(deeds(session))]
        states = {(alert.state, alert.owner) for alert in list_alerts(engine, state="all") if alert.feature == SLUG}
    assert kept == [("ann@example.org", "viewer", "claim", False), ("ben@example.org", "owner", "claim", True)]
    assert ("claimed", "ben@example.org") in states
