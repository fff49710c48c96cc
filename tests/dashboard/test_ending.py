"""A feature is ended and taken back on its page, which says who did it; the other pages leave it out."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from offramp.cli.context import shared
from offramp.cli.main import app
from tests.dashboard.conftest import OpenPage, opened, seen
from tests.offramp.due_company import SLUG, due_company


def _is_of_end(key: str | None, name: str) -> bool:
    """Whether this field is that one of the form that ends a feature, or takes that back."""
    return key is not None and key.startswith(("end-", "resume-")) and key.endswith(f".{name}")


def _filled(page: AppTest, label: str, **values: str) -> AppTest:
    """The page after its form was filled in and this button pressed."""
    for name, value in values.items():
        next(item for item in page.text_input if _is_of_end(item.key, name)).set_value(value)
    return next(button for button in page.button if button.label == label).click().run()


def _features(url: str, *words: str) -> list[dict[str, Any]]:
    """What `offramp features --json` lists."""
    done = CliRunner().invoke(app, ["--db", url, "features", *words, "--json"])
    shared.db = None
    assert done.exit_code == 0, done.output
    listed: list[dict[str, Any]] = json.loads(done.stdout)
    return listed


def test_a_feature_ends_on_its_page_and_comes_back(sqlite_url: str, open_page: OpenPage) -> None:
    """Without a name or a reason nothing is written; ended, its page says so and offers to take it back."""
    with opened(sqlite_url) as engine:
        due_company(engine)
    page = open_page(sqlite_url, "feature", feature=SLUG)
    assert "Say who you are" in seen(_filled(page, "End it", why="Outsourced."))
    assert "Say why" in seen(_filled(page, "End it", by="ann", why=""))
    text = seen(_filled(page, "End it", by="ann", why="Outsourced."))
    assert f"{SLUG} has ended" in text
    assert "Outsourced" in text
    assert "It is judged and counted no more; what is below stays as it was" in text
    assert not any(button.label in {"Claim", "End it"} for button in page.button)
    assert _features(sqlite_url) == []
    (line,) = _features(sqlite_url, "--all")
    assert (line["slug"], line["registered"], line["ended"]["by"]) == (SLUG, False, "ann")
    text = seen(_filled(page, "It runs again", by="ben", why="It came back."))
    assert f"{SLUG} runs again" in text
    assert "It ended on" not in text
    assert [line["registered"] for line in _features(sqlite_url)] == [True]


def test_the_portfolio_keeps_what_ended_apart(sqlite_url: str, open_page: OpenPage) -> None:
    """It is in no figure there, and linked below, with when it ended."""
    with opened(sqlite_url) as engine:
        due_company(engine)
    words = ["--db", sqlite_url, "features", "end", SLUG, "--why", "Outsourced.", "--by", "ann"]
    done = CliRunner().invoke(app, words)
    shared.db = None
    assert (done.exit_code, done.stdout.startswith(f"{SLUG} ended (ann: Outsourced.)")) == (0, True)
    page = open_page(sqlite_url, "portfolio")
    assert [item.label for item in page.expander] == ["1 feature ended"]
    assert any(item.proto.label.startswith(SLUG) for item in page.get("page_link"))
