"""Pages in a real browser: the dashboard served by Streamlit, and a Chromium that notes what it asks of others."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from tests.conftest import ROOT
from tests.dashboard.demo_time import BEHIND
from tests.offramp.live_server import free_port

# So long only on a machine that does much besides.
_START_WITHIN, _LATEST_MS = 120, 90_000
_OURS = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "about:")
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
# Nothing is on its way: the script rests, nothing stands for what is still to come, and the last line is there.
REST = """() => document.querySelector('[data-test-script-state=notRunning]')
  && !document.querySelector('[data-testid=stStatusWidget]')
  && !document.querySelector('[data-testid=stSkeleton]') && !document.querySelector('[data-stale=true]')
  && document.querySelector('h1')"""

# What is on the page moves no more: no transition runs, and colours and places are those of the last look.
_SETTLED = """() => {
  const told = [...document.querySelectorAll('.stApp *')].map(each => {
    const {color, backgroundColor, opacity} = getComputedStyle(each), {left, right, top} = each.getBoundingClientRect();
    return [color, backgroundColor, opacity, left, right, top].join();
  }).join(';');
  const same = told === window.offrampLastLook;
  window.offrampLastLook = told;
  return same && document.getAnimations().every(each => each.playState !== 'running');
}"""
_LOOKS_EVERY_MS = 400


@contextmanager
def serving(url: str, *, port: int | None = None, channels: Path | None = None) -> Iterator[str]:
    """The address of the dashboard on this database, at the tests' time, until the block ends."""
    number = str(port or free_port())
    address = f"http://127.0.0.1:{number}"
    settings = ["env", f"OFFRAMP_DATABASE_URL={url}", f"PYTHONPATH={ROOT}"]
    settings += [] if channels is None else [f"OFFRAMP_CHANNELS={channels}"]
    command = [sys.executable, "-m", "tests.dashboard.demo_time", str(BEHIND.total_seconds()), number]
    quiet = subprocess.DEVNULL
    with subprocess.Popen([*settings, *command], cwd=ROOT, stdout=quiet, stderr=quiet) as server:
        try:
            answered(address)
            yield address
        finally:
            server.terminate()


def answered(address: str) -> None:
    """Wait until the server there answers."""
    end = time.monotonic() + _START_WITHIN
    while time.monotonic() < end:
        try:
            httpx.get(f"{address}/_stcore/health", timeout=1).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(address)


@contextmanager
def browsing(chromium: Path) -> Iterator[Browser]:
    """A real Chromium, until the block ends."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(chromium), args=list(_ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def looking(browser: Browser, width: int = 1440) -> Iterator[tuple[Page, list[str]]]:
    """A window of its own, with the addresses outside this machine that it asked for."""
    outside: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(_OURS):
            outside.append(request.url)

    page = browser.new_page(viewport={"width": width, "height": 1000})
    page.set_default_timeout(_LATEST_MS)
    expect.set_options(timeout=_LATEST_MS)
    page.on("request", note)
    yield page, outside
    page.context.close()


def opened_at(page: Page, address: str) -> None:
    """Open an address and wait until everything stands there."""
    page.goto(address)
    page.wait_for_function(REST)


def settled(page: Page) -> None:
    """Wait until what is on the page moves no more, nor changes its colours."""
    page.wait_for_function(_SETTLED, polling=_LOOKS_EVERY_MS)
