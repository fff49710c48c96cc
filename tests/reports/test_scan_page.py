"""The page of a scan as a browser gets it: sums that add up, names that stay names, nothing asked of anybody."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, sync_playwright

from offramp.policy import load_policy
from reports.scan_chart import calls_chart
from reports.scan_page import scan_page
from reports.scan_value import Day, Hint, Lengths, ModelUse, Scan, Seen
from reports.scan_words import cost_words, facts, lead, look_first
from reports.shares import adding_up
from strategy.facts import DayUse, Snapshot, TokenMix, Usage
from strategy.judge import judge
from strategy.kinds import Code, Outcome
from strategy.profile import Feature
from tests.offramp.scan_logs import HOSTILE

FIRST = date(2026, 10, 1)
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)


def seen(feature: str | None, cost: str | None, *, calls: int = 31_000) -> Seen:
    """One feature with a month of even traffic, judged with its task unknown."""
    days = tuple(Day(day=FIRST + timedelta(days=number), calls=calls // 31) for number in range(31))
    unpriced = calls if cost is None else 0
    return Seen(
        feature=feature,
        calls=calls,
        errors=calls // 100,
        input_tokens=calls * 900,
        cached_input_tokens=calls * 300,
        output_tokens=calls * 7,
        cost_usd=None if cost is None else Decimal(cost),
        reported_cost_usd=None,
        unpriced_calls=unpriced,
        calls_without_tokens=0,
        latency_p50_ms=812.3,
        latency_p95_ms=2_400.0,
        models=(ModelUse(provider="openai", name="m", calls=calls, cost_usd=None if cost is None else Decimal(cost)),),
        days=days,
        growth=Decimal("1.2"),
        lengths=Lengths(calls=calls, p50=6, p90=7),
        hint=None if feature is None else Hint(output_space="label", outcome=Outcome.WATCH, code=None, target="embed"),
        verdict=None if feature is None else judge(_snapshot(feature, days), load_policy()),
    )


def _snapshot(feature: str, days: Sequence[Day]) -> Snapshot:
    calls = sum(each.calls for each in days)
    mix = TokenMix(
        model="openai/none",
        tier=0,
        processing="standard",
        calls=calls,
        input_tokens=calls * 900,
        cached_input_tokens=0,
        cache_write_tokens=0,
        output_tokens=calls * 7,
    )
    usage = Usage(days=tuple(DayUse(day=d.day, calls=d.calls, errors=0, cost_usd=None) for d in days), mix=(mix,))
    return Snapshot(
        feature=Feature(slug=feature),
        usage=usage,
        scores=(),
        prices=(),
        retirements=(),
        constants=load_policy().frozen(),
        as_of=AS_OF,
    )


def scan(*rows: Seen) -> Scan:
    """A scan of these rows with their total."""
    costs = [row.cost_usd for row in rows if row.cost_usd is not None]
    total = replace(
        rows[0],
        feature=None,
        calls=sum(row.calls for row in rows),
        unpriced_calls=sum(row.unpriced_calls for row in rows),
        cost_usd=sum(costs, Decimal(0)) if costs else None,
        verdict=None,
        hint=None,
    )
    return Scan(
        files=("calls.csv",),
        first=FIRST,
        last=FIRST + timedelta(days=30),
        as_of=AS_OF,
        rows=rows,
        total=total,
        rejected_rows=0,
        duplicates=0,
    )


class _Page(HTMLParser):
    """Collects the tags with their attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_costs_add_up_to_the_total() -> None:
    """Three thirds of a cent make one cent, in the rows as in the total."""
    page = scan_page(scan(*(seen(name, "100.003333333") for name in "abc"), seen(None, None)))
    (table,) = re.findall(r"<tbody>(.*?)</tfoot>", page, re.DOTALL)[:1]
    told = [Decimal(found) for found in re.findall(r">\$([\d.]+)", table)]
    assert told == [Decimal("100.01"), Decimal("100.00"), Decimal("100.00"), Decimal("300.01")]
    assert sum(told[:3]) == told[3]


@given(st.lists(st.none() | st.decimals(0, 10**6, places=6), max_size=30))
def test_whole_cents_add_up(amounts: list[Decimal | None]) -> None:
    """Whatever the amounts, the cents shown sum to the rounded sum, and none is a cent off."""
    shown = adding_up(amounts)
    total = sum((amount for amount in amounts if amount is not None), Decimal(0))
    assert sum((cents for cents in shown if cents is not None), Decimal(0)) == round(total, 2)
    pairs = [(a, b) for a, b in zip(amounts, shown, strict=True) if a is not None and b is not None]
    assert len(pairs) == len([a for a in amounts if a is not None])
    assert all(abs(a - b) <= Decimal("0.01") for a, b in pairs)


def test_a_hostile_name_stays_a_name() -> None:
    """It is shown as it is written and makes no tag, attribute or template of its own."""
    page = _Page(scan_page(replace(scan(seen(HOSTILE, "1.00")), files=(HOSTILE,))))
    assert HOSTILE in page.words
    assert [tag for tag, _ in page.tags if tag == "script"] == []
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_the_page_asks_nothing_of_anybody() -> None:
    """No link, image, font or script leads out of the file, and the browser is told to fetch nothing."""
    text = scan_page(scan(seen("a", "1.00"), seen(None, "0.50")))
    page = _Page(text)
    links = [value for _, found in page.tags for name in ("href", "src") if (value := found.get(name))]
    assert all(link.startswith("#") or link == "data:," for link in links)
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text
    assert all(found.get("aria-label") for tag, found in page.tags if tag == "svg")


def test_the_same_scan_is_the_same_bytes() -> None:
    """Nothing of the moment is on the page."""
    found = scan(seen("a", "1.00"))
    assert scan_page(found) == scan_page(found)


def test_only_the_costliest_are_argued_in_full() -> None:
    """All features are in the table; beyond a hundred their argument is left out, and the page says so."""
    page = scan_page(scan(*(seen(f"feature-{number:03}", "1.00") for number in range(103))))
    assert page.count("<article") == 100
    assert page.count('<th scope="row"><') == 103
    assert "3 features with a smaller bill stand in the table only." in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"hint": None}, "its price", id="unpriced"),
        pytest.param({}, "embed", id="hinted"),
        pytest.param(
            {"hint": Hint(output_space="free", outcome=Outcome.STAY, code=None, target=None)},
            "stay on prompt",
            id="text",
        ),
        pytest.param({"verdict": None}, "name its feature", id="nobody's"),
    ],
)
def test_where_to_look_first(changes: dict[str, object], words: str) -> None:
    """The hint's target, else the verdict's; where neither names one, what is missing."""
    assert look_first(replace(seen("a", None), **changes)) == words  # type: ignore[arg-type]  # (the changes differ in type)


def test_codes_that_name_no_strategy_say_why() -> None:
    """A young feature and a retired model have no strategy to look at."""
    row = replace(seen("a", "1.00"), hint=None)
    assert row.verdict is not None
    for code, words in ((Code.COLD_START, "too early to say"), (Code.RETIRED, "another model")):
        assert look_first(replace(row, verdict=replace(row.verdict, code=code))) == words


def test_no_strategy_is_named_for_being_free() -> None:
    """Where the task is unknown and nothing hints at it, the answers that decide are named, and code is not."""
    row = replace(seen("a", "1.00"), hint=None)
    assert row.verdict is not None
    verdict = replace(row.verdict, outcome=Outcome.WATCH, code=Code.UNMEASURED, target="code")
    unknown = replace(row, verdict=verdict)
    assert look_first(unknown) == "not known: determinism, input_space, output_space decide"
    assert (unknown.look_first, unknown.may_move) == (None, True)
    assert lead(scan(unknown))[0].startswith("1 of 1 feature is worth a look")


def test_unknown_is_said() -> None:
    """What the log did not measure is not known, and never nothing."""
    bare = replace(
        seen("a", None, calls=31),
        errors=0,
        input_tokens=0,
        cached_input_tokens=0,
        output_tokens=0,
        unpriced_calls=0,
        calls_without_tokens=31,
        reported_cost_usd=Decimal("2.5"),
        latency_p50_ms=None,
        latency_p95_ms=None,
        growth=None,
        lengths=None,
        models=(),
    )
    told = {fact.name: fact.figure for fact in facts(bare)}
    unknown = ("Growth", "A call costs", "Tokens a call", "Answer length", "Latency")
    assert [told[name] for name in unknown] == ["not known"] * 5
    assert (told["Models"], told["Errors"]) == ("none", "none")
    assert cost_words(bare, None) == "not known (no tokens told; the log says $2.50)"


def test_growth_and_lengths_in_words() -> None:
    """A fall is a fall, little is steady, and a wide spread is uneven."""
    row = seen("a", "1.00")
    for growth, words in (("0.5", "−50%"), ("1.02", "steady"), ("1.2", "+20%")):
        assert facts(replace(row, growth=Decimal(growth)))[1].figure == words
    for p90, words in ((9, "even"), (12, "uneven"), (18, "very uneven")):
        assert facts(replace(row, lengths=Lengths(calls=1, p50=6, p90=p90)))[5].note.endswith(f": {words}")


def test_a_long_log_is_drawn_by_weeks() -> None:
    """A year of days would be too fine to see: 53 bars, and no call is lost."""
    days = [Day(day=FIRST + timedelta(days=number), calls=7) for number in range(365)]
    chart = calls_chart(days, FIRST, days[-1].day)
    assert (len(chart.bars), chart.width) == (53, 53)
    assert chart.bars[0].words == "2026-10-01: 49 calls"
    assert chart.words == "Calls a week from 2026-10-01 to 2027-09-30: from 7 to 49, 7 on the last."


@pytest.fixture
def browser(chromium: Path) -> Iterator[Browser]:
    """A real Chromium."""
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [420, 1440])
def test_in_a_browser(browser: Browser, tmp_path: Path, scheme: Literal["light", "dark"], width: int) -> None:
    """No request but the file itself, nothing wider than the window, no finding of axe-core, in light and dark."""
    path = tmp_path / "scan.html"
    rows = (seen("ticket-triage", "1234.56"), seen(HOSTILE, None), seen(None, "0.50"))
    path.write_text(scan_page(replace(scan(*rows), rejected_rows=2)), encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert asked == [path.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(243, 246, 248)" if scheme == "light" else "rgb(18, 22, 28)"
    )
    found = Axe().run(page).response
    assert [(each["id"], each["impact"]) for each in found["violations"]] == []
    assert len(found["passes"]) > 10
