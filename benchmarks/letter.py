"""Writes the demo's last letter into docs/: as Markdown, and as the picture of the e-mail, light and dark.

    python benchmarks/letter.py [--out docs] [--week 2026-W46] [--today 2026-11-22] [--browser CHROMIUM]

Builds the demo company in a folder of its own; asks nobody.
"""

import argparse
import base64
import shutil
import sys
import tempfile
from datetime import UTC, date, datetime, time
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from db.session import make_engine
from offramp.actions.report import build_report, previous_week
from offramp.demo.build import build
from offramp.policy import load_policy
from reports.message import weekly_message
from reports.render import render
from reports.value import WeeklyReport

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WIDTH = 600
NOTE = (
    "*The letter of the demo company's last week, as `offramp report --format md` writes it. "
    "In a mail it looks [like this](report-example.png).*\n\n"
)


def main() -> None:
    """Build the demo, write the letter, take its picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    parser.add_argument("--week", help="ISO week; the last full one before --today by default")
    parser.add_argument("--today", type=date.fromisoformat, default=date(2026, 11, 22))
    parser.add_argument("--browser", default=next((found for name in BROWSERS if (found := shutil.which(name))), None))
    given = parser.parse_args()
    if given.browser is None:
        sys.exit("no Chromium on PATH: install it (Debian: apt-get install chromium) or give --browser")
    now = datetime.combine(given.today, time(9), UTC)
    with tempfile.TemporaryDirectory(prefix="offramp-letter-") as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'demo.db'}")
        build(engine, load_policy(), today=given.today, now=now)
        report = build_report(engine, given.week or previous_week(now), now)
        engine.dispose()
    (given.out / "report-example.md").write_text(NOTE + render(report, "md"), encoding="utf-8", newline="\n")
    shoot(report, given.browser, given.out / "report-example.png")


def shoot(report: WeeklyReport, browser: str, path: Path) -> None:
    """The e-mail as a mail program of 600 pixels shows it, light beside dark."""
    letter = weekly_message(report)
    page_html = letter.html or ""
    for name, image in letter.images:
        page_html = page_html.replace(f"cid:{name}", "data:image/png;base64," + base64.b64encode(image).decode())
    shots = []
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        for theme in ("light", "dark"):
            page = opened.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme=theme)
            page.set_content(page_html)
            shots.append(page.screenshot(full_page=True))
            page.close()
        opened.close()
    _beside(shots).save(path, optimize=True)


def _beside(shots: list[bytes]) -> Image.Image:
    left, right = (Image.open(BytesIO(shot)).convert("RGB") for shot in shots)
    whole = Image.new("RGB", (left.width + right.width, max(left.height, right.height)))
    whole.paste(left, (0, 0))
    whole.paste(right, (left.width, 0))
    # A letter has few colours: 256 of them look the same and weigh a third.
    return whole.quantize(256)


if __name__ == "__main__":
    main()
