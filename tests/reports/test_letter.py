"""Whole letters, as people get them. `python -m tests.reports.sample` writes them anew."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from db.queries.reports import FeatureThen
from reports.lines import one_line
from reports.render import Format, escape_markdown, render
from reports.value import WeeklyReport
from reports.weekly import weekly_report
from reports.words import CODE_WORDS
from strategy.kinds import Code
from tests.reports.sample import ENDINGS, LETTERS, busy, busy_facts, quiet

_HOSTILE = "<script>alert(1)</script>|*x*\r\nBcc: all\u202e[a](http://evil.example) $1$ & \x1b[31mred"
_SEEN = "<script>alert(1)</script>|*x* Bcc: all[a](http://evil.example) $1$ & [31mred"


class _Page(HTMLParser):
    """Collects a page's tags with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def hostile() -> WeeklyReport:
    """The busy week, with a feature and an owner whose names attack every format."""
    facts = busy_facts()
    bad = FeatureThen(slug="ticket-triage", name=_HOSTILE, owner=_HOSTILE, strategy="prompt", model=None)
    return weekly_report(
        replace(
            facts,
            features=tuple(bad if item.slug == bad.slug else item for item in facts.features),
            flips=tuple(replace(flip, cause_detail=_HOSTILE) for flip in facts.flips),
            runs=tuple(replace(run, source=_HOSTILE, message=_HOSTILE) for run in facts.runs),
        )
    )


@pytest.mark.parametrize("form", ENDINGS)
@pytest.mark.parametrize(
    ("name", "build"), [pytest.param("busy", busy, id="busy"), pytest.param("quiet", quiet, id="quiet")]
)
def test_the_letter_reads_as_agreed(form: Format, name: str, build: Callable[[], WeeklyReport]) -> None:
    """Every format of a busy and a quiet week is the letter that was looked at."""
    assert render(build(), form) == (LETTERS / f"{name}.{ENDINGS[form]}").read_text(encoding="utf-8")


def test_a_week_in_which_nothing_changed_is_two_lines() -> None:
    """A headline and one line of sums, in text and in Markdown."""
    lines = render(quiet(), "text").splitlines()
    assert lines == [
        "Offramp 2026-W47 (16 to 22 November 2026): Nothing changed.",
        (
            "5 features judged; 2 migrations are due, worth $4,080.00 a month; "
            "spend $1,075.52, as in the week before; 2 blind spots."
        ),
    ]
    assert len([line for line in render(quiet(), "md").splitlines() if line]) == 2


def test_html_carries_every_word_of_the_letter_and_asks_nobody() -> None:
    """The page holds what the text holds, in one self-contained file without scripts, images or links."""
    page = _Page(render(busy(), "html"))
    tags = {tag for tag, _ in page.tags}
    assert {"h1", "h2", "h3", "table", "style"} <= tags
    assert not tags & {"script", "img", "link", "iframe", "a", "form", "object"}
    assert not [name for _, names in page.tags for name in names if name in {"src", "href", "srcset"}]
    assert "url(" not in render(busy(), "html")
    words = set(re.findall(r"[\w$.,]+", " ".join(page.text).lower()))
    assert set(re.findall(r"[\w$.,]+", render(busy(), "text").lower())) <= words


def test_hostile_names_are_text_in_html() -> None:
    """A name cannot bring a tag into the page; it is shown as it is written."""
    page = _Page(render(hostile(), "html"))
    assert "script" not in {tag for tag, _ in page.tags}
    assert any(_SEEN in text for text in page.text)


def test_hostile_names_are_text_in_markdown() -> None:
    """A name cannot start a tag, a column, a link, a formula or a line."""
    text = render(hostile(), "md")
    assert (
        "\\<script\\>alert(1)\\</script\\>\\|\\*x\\* Bcc: all\\[a\\](http\\://evil.example) \\$1\\$ &amp; \\[31mred"
        in text
    )
    assert not re.search(r"(?<!\\)[<`\[]", text)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4, 5}


@pytest.mark.parametrize("form", ENDINGS)
def test_hostile_names_bring_no_control_characters(form: Format) -> None:
    """No format holds a line break, an escape or a change of direction that came with a name."""
    written = render(hostile(), form)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", written)
    assert not [line for line in written.splitlines() if line.startswith("Bcc")]


def test_the_headline_is_one_short_line() -> None:
    """It fits a subject line whatever the feature is called."""
    report = hostile()
    assert report.headline.splitlines() == [report.headline]
    assert len(report.headline) < 200


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("# no heading", "\\# no heading"),
        ("- no item", "\\- no item"),
        ("1. no list", "1\\. no list"),
        ("=== no rule", "\\=== no rule"),
        (":red[no colour] :smile:", "\\:red\\[no colour\\] \\:smile:"),
        ("see www.evil.example, @all", "see www\\.evil.example, &#64;all"),
        ("plain words, 5 % (really): yes", "plain words, 5 % (really): yes"),
    ],
)
def test_markdown_shows_a_text_as_it_is(text: str, written: str) -> None:
    """What would start markup is escaped, plain words are left alone."""
    assert escape_markdown(text) == written


def test_a_line_is_one_line() -> None:
    """Controls, breaks and overrides go; letters of any language and joined signs stay; what is long is cut."""
    assert one_line("a\u2028b\x85c\td\x00e") == "a b c d e"
    assert one_line("שלום \u2067x") == "שלום x"
    assert one_line("\u0645\u06cc\u200c\u062e\u0648") == "\u0645\u06cc\u200c\u062e\u0648"
    assert one_line("x" * 500, 10) == "x" * 9 + "…"


def test_every_code_has_its_words() -> None:
    """No verdict is told by a bare code."""
    assert set(CODE_WORDS) == {str(code) for code in Code}


def test_json_is_one_document_with_exact_money() -> None:
    """Money is a decimal string, unknown is null, times say their zone."""
    told = json.loads(render(busy(), "json"))
    assert told["due"]["saving_usd_month"] == "4080.00"
    assert told["spend"]["total"]["cost_usd"] == "3095.8691"
    unknown = next(row for row in told["spend"]["rows"] if row["feature"] == "gift-concierge")
    assert (unknown["cost_usd"], unknown["change_usd"], unknown["unpriced_calls"]) == (None, None, 11_000)
    assert (told["week"], told["start"], told["end"]) == ("2026-W47", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z")
