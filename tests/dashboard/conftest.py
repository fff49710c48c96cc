"""Pages as a reader meets them: the whole app through its router, on the demo company, on nothing, on ruins."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import streamlit as st
from playwright.sync_api import Browser, Page
from streamlit.testing.v1 import AppTest

from dashboard.launch import SCRIPT
from db.session import Engine, engine_for, make_engine
from offramp import clock
from tests.dashboard.browsing import browsing, looking, serving
from tests.dashboard.demo_time import BEHIND, behind
from tests.sinks import MailSink, mail_sink

OpenPage = Callable[..., AppTest]


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """A database by its URL, closed afterwards: what the page shows is held against what the actions say."""
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True, scope="package")
def _demo_time() -> Iterator[None]:
    """The clock stands where the demo company ends."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "datetime", behind(BEHIND))
        yield


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    """Caches outlive an AppTest: each test starts and ends without them."""
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def demo_url(demo_template: Path, tmp_path: Path) -> Iterator[str]:
    """The URL of a copy of the demo company."""
    path = tmp_path / "demo.db"
    shutil.copy(demo_template, path)
    yield f"sqlite:///{path}"
    engine_for(f"sqlite:///{path}").dispose()
    engine_for.cache_clear()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """A real Chromium, for all tests of a module."""
    with browsing(chromium) as started:
        yield started


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page of it that nobody used before, with the addresses outside this machine that it asked for."""
    with looking(browser) as seen_and_asked:
        yield seen_and_asked


@pytest.fixture(scope="package")
def shared_url(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A demo company that the tests in the browser share: each moves features of its own."""
    path = tmp_path_factory.mktemp("company") / "demo.db"
    shutil.copy(demo_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="package")
def postbox() -> Iterator[MailSink]:
    """Where the shared server's mail arrives."""
    with mail_sink() as sink:
        yield sink


@pytest.fixture(scope="package")
def served(shared_url: str, postbox: MailSink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the dashboard on the shared company; the channel `leads` reaches ana@example.org."""
    file = tmp_path_factory.mktemp("channels") / "channels.yaml"
    file.write_text(
        f"smtp: {{host: 127.0.0.1, port: {postbox.port}, sender: offramp@example.org, security: none}}\n"
        "channels: [{name: leads, email: [ana@example.org]}]\n"
    )
    with serving(shared_url, channels=file) as address:
        yield address


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Opens a page by its name on a database, with URL parameters, as a browser would."""

    def open_it(url: str, name: str = "alerts", **query: str) -> AppTest:
        monkeypatch.setenv("OFFRAMP_DATABASE_URL", url)
        app = AppTest.from_file(SCRIPT, default_timeout=60)
        app.run()
        if name != "alerts":
            app.switch_page(f"views/{name}.py")
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return open_it


def seen(app: AppTest) -> str:
    """Every text on the page that a reader sees, in order, one a line; no backslash of Markdown, no word joiner."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "success", "code")
    texts = [str(item.value) for kind in kinds for item in getattr(app, kind)]
    return "\n".join(texts).replace("\\", "").replace("\u2060", "")
