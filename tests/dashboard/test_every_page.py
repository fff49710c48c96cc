"""Every page in a real browser, with names that nobody should have chosen: readable, by keyboard, on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from offramp.actions.register import register
from offramp.actions.report import build_report
from offramp.clock import now
from tests.dashboard.browsing import opened_at, settled
from tests.dashboard.conftest import opened

pytestmark = pytest.mark.browser

PAGES = ("", "portfolio", "feature", "prices", "savings", "register", "report", "sources", "settings")
MIXED = (
    "<img src=x onerror=\"document.title='owned'\"> [here](x) **bold** $x$ :red[x] תיוג פניות 🦖🏳️‍🌈"
    " https://example.org/x or www.example.org"
)
HOSTILE = {"mixed": MIXED, "long": "x" * 200}
OWNER = "<b>team</b> " + "o" * 188
JOINER = "\u2060"
# What lies beyond the window's edge, but for what scrolls within itself.
TOO_WIDE = """block => [...block.querySelectorAll('*')]
  .filter(each => each.getBoundingClientRect().right > innerWidth + 1
    && !each.closest('[data-testid=stDataFrame], [data-testid=stVegaLiteChart], canvas, pre, [role=tablist]'))
  .map(each => each.outerHTML.slice(0, 160))"""
CHARTS = "[data-testid=stVegaLiteChart] [role=graphics-document]"


@pytest.fixture(scope="module")
def address(served: str, shared_url: str) -> str:
    """The dashboard on a company with such names, and with a letter."""
    named = [{"slug": slug, "name": name, "owner": OWNER} for slug, name in HOSTILE.items()]
    with opened(shared_url) as engine:
        register(engine, named, at=now(), by="test")
        build_report(engine, "2026-W45", now())
    return served


def _serious(page: Page, options: dict[str, object] | None = None) -> list[tuple[str, str]]:
    found = Axe().run(page, options=options).response
    assert found["passes"]
    return [
        (each["id"], node["html"][:200])
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_readable_on_desk_and_phone_and_asks_nobody_outside(
    path: str, address: str, browser_page: tuple[Page, list[str]]
) -> None:
    """No serious finding of axe-core in two themes, words for every chart, no other host asked, within 420 px."""
    page, outside = browser_page
    opened_at(page, f"{address}/{path}")
    assert _serious(page) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("getComputedStyle(document.querySelector('.stApp')).backgroundColor === 'rgb(18, 22, 28)'")
    # Colours change over a moment, and what is read in between is neither theme's.
    settled(page)
    assert _serious(page, {"runOnly": ["color-contrast"]}) == []
    assert page.get_by_test_id("stException").count() == 0
    assert [chart.get_attribute("aria-label") for chart in page.locator(CHARTS).all()].count(None) == 0
    _fits_a_phone(page)
    assert outside == []


def _fits_a_phone(page: Page) -> None:
    """Nothing pushes the page wider than 420 px; no name became code or a link."""
    page.set_viewport_size({"width": 420, "height": 900})
    settled(page)
    assert page.get_by_test_id("stMainBlockContainer").evaluate(TOO_WIDE) == []
    assert page.locator("a[href*='example.org']").count() == 0
    assert page.evaluate("document.title") != "owned"


@pytest.mark.parametrize("slug", HOSTILE)
def test_a_name_is_shown_letter_for_letter(slug: str, address: str, browser_page: tuple[Page, list[str]]) -> None:
    """HTML, Markdown, an address, another direction: the page of such a feature says its name, and fits."""
    page, _ = browser_page
    opened_at(page, f"{address}/feature?feature={slug}")
    assert page.locator("h1").inner_text().replace(JOINER, "").strip() == HOSTILE[slug]
    _fits_a_phone(page)
    assert page.locator("h1 :is(a, img, b, strong, .katex)").count() == 0


def test_the_controls_of_the_home_page_are_reached_by_keyboard(
    address: str, browser_page: tuple[Page, list[str]]
) -> None:
    """Tab alone goes from the pages' names through lists, filters and the table to the file and the decision."""
    page, _ = browser_page
    opened_at(page, address)
    reached: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "(e => e.tagName === 'CANVAS' || e.closest('[data-testid=stDataFrame]') ? 'table'"
                " : e.getAttribute('aria-label') || e.innerText || '')(document.activeElement)"
            )
        )
    told = "\n".join(reached)
    wanted = ("Portfolio", "Settings", "Should move", "Text", "Filter and order", "table", "Download CSV", "Decide")
    assert [name for name in wanted if name not in told] == []
