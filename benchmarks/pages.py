"""Opens the pages in Chromium beside a bare Streamlit page, on many features and on few, and says what they cost.

    python benchmarks/pages.py [--features 10000,100] [--repeats 5] [--databases FOLDER] [--browser CHROMIUM] [--home]

The bare page has one table of ten rows and one chart, and is served by `streamlit run`; ours by `offramp dashboard`.
Each round opens the one and then the other, in fresh browser contexts, so that whatever else runs hits both. Medians.

- cold: the first view after the server said that it is ready; lapsed: what was read is older than it is kept (half
  a minute; whole past days five minutes), so it is read again; warm: it is not.
- rendered: from the address to the last element drawn and the script at rest. A filter: from the choice to the same.
- bytes: what the browser received, compressed as it was sent, and the WebSocket's frames.

Databases are made by benchmarks/many_features.py where FOLDER has none (about a minute of one core, 2 GB).
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from many_features import make
from playwright.sync_api import Browser, Page, sync_playwright
from serving import serving

BARE = """
import altair as alt
import pandas as pd
import streamlit as st

st.set_page_config(page_title="Bare", layout="wide")
st.title("Bare")
chosen = st.selectbox("Filter", ["a", "b"], index=None)
rows = pd.DataFrame({"name": [f"row {i}" for i in range(10)], "value": range(10)})
st.dataframe(rows if chosen is None else rows[:5], hide_index=True)
st.altair_chart(alt.Chart(rows).mark_line().encode(x="value", y="value"))
st.caption(f"Filter: {chosen}. The end.")
"""
PAGES = ("", "portfolio", "sources", "savings", "prices", "feature", "settings", "report")
LATEST_MS, KEPT_SECONDS = 180_000, 31
# Drawn: the script rests, the last words stand there, and the first table and chart are there.
TEXT = "document.querySelector('[data-testid=stMainBlockContainer]').innerText"
ENDED = r"/The end\.|As of \d\d:\d\d UTC/.test"
READY = f"""() => document.querySelector('[data-test-script-state=notRunning]')
  && !document.querySelector('[data-testid=stStatusWidget]')
  && !document.querySelector('[data-testid=stSkeleton]') && !document.querySelector('[data-stale=true]')
  && document.querySelector('[data-testid=stMainBlockContainer]')
  && {ENDED}({TEXT})"""
TABLE = "document.querySelector('[data-testid=stDataFrame] canvas')"
DRAWN = {
    "bare": f"() => {TABLE} && document.querySelector('.vega-embed canvas, .vega-embed svg')",
    "home": f"() => {TABLE} && document.querySelectorAll('.stHtml img').length === 4",
}


@dataclass(slots=True)
class Measured:
    """Milliseconds and bytes of the views of one page, by what was warm."""

    rendered: dict[str, list[float]] = field(default_factory=dict)
    received: dict[str, list[float]] = field(default_factory=dict)
    filtered: list[float] = field(default_factory=list)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", default="10000,100")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--databases", type=Path, help="where they are kept; a folder that goes away otherwise")
    parser.add_argument("--home", action="store_true", help="the home page alone, not what the other pages take")
    parser.add_argument("--browser", default=shutil.which("chromium"))
    given = parser.parse_args()
    if given.browser is None:
        sys.exit("no Chromium on PATH: install it (Debian: apt-get install chromium) or give --browser")
    with ExitStack() as stack:
        folder = given.databases or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="offramp-pages-")))
        driver = stack.enter_context(sync_playwright())
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path=given.browser, args=arguments)
        for number in map(int, given.features.split(",")):
            database = folder / f"pages-{number}.db"
            if not database.exists():
                make(database, number)
            _measure(browser, database, number, given.repeats, () if given.home else PAGES)
        browser.close()


def _measure(browser: Browser, database: Path, number: int, repeats: int, pages: Sequence[str]) -> None:
    bare, ours = Measured(), Measured()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "bare.py"
        script.write_text(BARE, encoding="utf-8")
        settings, quiet = {"OFFRAMP_DATABASE_URL": f"sqlite:///{database}"}, subprocess.DEVNULL
        with (
            serving(_bare(script), settings, output=quiet) as plain,
            serving(_ours, settings, output=quiet) as full,
        ):
            for state in ("cold", *["lapsed"] * min(repeats, 3), *["warm"] * repeats):
                time.sleep(KEPT_SECONDS if state == "lapsed" else 0)
                _view(browser, plain, bare, state, ("bare", "Filter", "a"))
                _view(browser, full, ours, state, ("home", "Target", "embed"))
            print(f"\n## {number:,} features\n\n{_table(bare, ours)}\n", flush=True)
            if pages:
                print("| page | lapsed, ms | warm, ms | warm, kB |\n|---|---|---|---|")
            for path in pages:
                seen = Measured()
                for state in ("lapsed", "warm", "warm", "warm"):
                    time.sleep(KEPT_SECONDS if state == "lapsed" else 0)
                    _view(browser, f"{full}/{path}", seen, state)
                times = " | ".join(f"{median(seen.rendered[state]):,.0f}" for state in ("lapsed", "warm"))
                print(f"| {path or 'alerts'} | {times} | {median(seen.received['warm']) / 1000:,.0f} |", flush=True)


def _table(bare: Measured, ours: Measured) -> str:
    lines = ["| | bare | home | home / bare | goal |", "|---|---|---|---|---|"]
    for state in ("cold", "lapsed", "warm"):
        pair = median(bare.rendered[state]), median(ours.rendered[state])
        lines.append(f"| rendered, {state}, ms | {pair[0]:,.0f} | {pair[1]:,.0f} | {pair[1] / pair[0]:.2f} | 1.25 |")
    pair = median(bare.filtered), median(ours.filtered)
    lines.append(f"| a filter, ms | {pair[0]:,.0f} | {pair[1]:,.0f} | {pair[1] / pair[0]:.2f} | 1.50 |")
    pair = median(bare.received["warm"]), median(ours.received["warm"])
    lines.append(f"| received, kB | {pair[0] / 1e3:,.0f} | {pair[1] / 1e3:,.0f} | {pair[1] / pair[0]:.2f} | 1.50 |")
    return "\n".join(lines)


def _view(browser: Browser, url: str, into: Measured, state: str, choice: tuple[str, str, str] | None = None) -> None:
    """Open a page in a fresh context and, where asked, choose an option of a filter and wait for what it changes."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    received = [0.0]
    _count(page, received)
    begun = time.perf_counter()
    page.goto(url)
    page.wait_for_function(READY, timeout=LATEST_MS, polling="raf")
    if choice is not None:
        page.wait_for_function(DRAWN[choice[0]], timeout=LATEST_MS, polling="raf")
    into.rendered.setdefault(state, []).append((time.perf_counter() - begun) * 1000)
    into.received.setdefault(state, []).append(received[0])
    if choice is not None:
        page.wait_for_timeout(1_000)
        before = page.evaluate(TEXT)
        if choice[0] == "home":
            page.get_by_role("button", name="Filter and order").click()
        page.get_by_role("combobox", name=choice[1]).click()
        page.get_by_role("option", name=choice[2], exact=True).wait_for()
        begun = time.perf_counter()
        page.get_by_role("option", name=choice[2], exact=True).click()
        changed = f"before => {TEXT} !== before && ({READY})()"
        page.wait_for_function(changed, arg=before, timeout=LATEST_MS, polling="raf")
        into.filtered.append((time.perf_counter() - begun) * 1000)
    context.close()


def _count(page: Page, received: list[float]) -> None:
    network: Any = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def add(name: str) -> Callable[[dict[str, Any]], None]:
        def note(event: dict[str, Any]) -> None:
            if name == "frame":
                received[0] += len(event["response"]["payloadData"]) * 3 / 4
            else:
                received[0] += event["encodedDataLength"]

        return note

    network.on("Network.loadingFinished", add("body"))
    network.on("Network.webSocketFrameReceived", add("frame"))


def _bare(script: Path) -> Callable[[int], list[str]]:
    options = ["--server.headless=true", "--server.fileWatcherType=none", "--browser.gatherUsageStats=false"]
    options.append("--server.address=127.0.0.1")
    return lambda port: ["streamlit", "run", str(script), "--server.port", str(port), *options]


def _ours(port: int) -> list[str]:
    return ["offramp", "dashboard", "--port", str(port)]


if __name__ == "__main__":
    main()
