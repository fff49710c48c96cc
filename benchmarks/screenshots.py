"""Takes the pictures of every page: serves the demo company on a free port and shoots light and dark, wide and narrow.

    python benchmarks/screenshots.py [--out docs/screenshots] [--browser CHROMIUM] [--only alerts,feature]

The files are named page-theme-width.png, so that taking them again replaces them. Each is as tall as its page. A page
that shows an error, or asks anything of another host, stops the run.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from serving import ROOT, serving

PATHS = {
    "alerts": "/",
    "portfolio": "/portfolio",
    "feature": "/feature?feature=ticket-triage",
    "savings": "/savings",
    "prices": "/prices?what_if=openai/gpt-5.6-luna%3D1:6",
    "register": "/register",
    "report": "/report",
    "sources": "/sources",
    "settings": "/settings",
}
THEMES = ("light", "dark")
WIDTHS = (1440, 420)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
LATEST_MS, SETTLE_MS, TALLEST = 60_000, 2_500, 8_000
# How tall the page is: Streamlit scrolls a part of the window, not the window.
HEIGHT = "document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"
IDLE = "!document.querySelector('[data-testid=stStatusWidget]')"


def main() -> None:
    """Build, serve, shoot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--browser", default=next((found for name in BROWSERS if (found := shutil.which(name))), None))
    parser.add_argument("--only", default=",".join(PATHS), help="pages, separated by commas")
    given = parser.parse_args()
    if given.browser is None:
        sys.exit("no Chromium on PATH: install it (Debian: apt-get install chromium) or give --browser")
    given.out.mkdir(parents=True, exist_ok=True)
    with _served() as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=given.browser, args=list(ARGUMENTS))
        for theme, width in product(THEMES, WIDTHS):
            _shoot(browser, address, given.only.split(","), theme, width, given.out)
        browser.close()


@contextmanager
def _served() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="offramp-screenshots-") as folder:
        url = f"sqlite:///{Path(folder) / 'demo.db'}"
        with serving(lambda port: ["offramp", "--db", url, "demo", "--port", str(port)], {}) as address:
            yield address


def _shoot(browser: Browser, address: str, names: list[str], theme: str, width: int, out: Path) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
        timezone_id="UTC",
        locale="en-GB",
    )
    page = context.new_page()
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if _is_outside(request.url) else None)
    for name in names:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address + PATHS[name])
        _settle(page)
        page.set_viewport_size({"width": width, "height": min(page.evaluate(HEIGHT) + 60, TALLEST)})
        page.wait_for_timeout(SETTLE_MS)
        assert page.get_by_test_id("stException").count() == 0, f"{name} shows an error"
        path = out / f"{name}-{theme}-{width}.png"
        page.screenshot(path=path)
        # A page has few colours: 256 of them look the same and weigh a third.
        # The usual method mixes small areas of like colours: five strategies became three.
        Image.open(path).convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE).save(path, optimize=True)
        print(path.name)
    assert not outside, f"asked of other hosts: {sorted(set(outside))}"
    context.close()


def _settle(page: Page) -> None:
    page.locator("h1").first.wait_for(timeout=LATEST_MS)
    page.wait_for_function(IDLE, timeout=LATEST_MS)
    page.wait_for_timeout(SETTLE_MS)


def _is_outside(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))


if __name__ == "__main__":
    main()
