"""The Portfolio page: every feature once, the same totals as the actions, and a map that leaves nobody out unsaid."""

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from dashboard import portfolio_frames
from dashboard.portfolio_chart import portfolio_map
from db.migrate import upgrade
from offramp.actions.features import FeatureLine, list_features
from offramp.actions.ledger import list_ledger
from offramp.actions.register import register
from offramp.clock import now
from offramp.policy import load_policy
from strategy.money import cents
from tests.dashboard.conftest import OpenPage, opened, seen


@pytest.fixture
def lines(demo_url: str) -> list[FeatureLine]:
    """The demo's features as the action lists them."""
    with opened(demo_url) as engine:
        return list_features(engine, now())


def test_every_feature_stands_in_the_table_with_its_cost(
    demo_url: str, lines: list[FeatureLine], open_page: OpenPage
) -> None:
    """Registered and discovered ones, to the cent; what is unknown is missing, not zero."""
    table = open_page(demo_url, "portfolio").dataframe[0].value
    assert sorted(table["Feature"]) == sorted(line.name or line.slug for line in lines)
    known = sum((cents(line.cost_usd_28d) for line in lines if line.cost_usd_28d is not None), Decimal(0))
    assert Decimal(str(round(table["Cost"].sum(), 2))) == known
    assert int(table["Calls"].sum()) == sum(line.calls_28d for line in lines)
    assert int(table["Cost"].isna().sum()) == sum(1 for line in lines if line.cost_usd_28d is None)


def test_the_stages_count_each_registered_feature_once(
    demo_url: str, lines: list[FeatureLine], open_page: OpenPage
) -> None:
    """The five figures add up to the registered features, and the sentence says how many still run on a prompt."""
    app = open_page(demo_url, "portfolio")
    shown = {metric.label: int(metric.value) for metric in app.metric}
    assert list(shown) == ["code", "embed", "distill", "hybrid", "prompt"]
    assert sum(shown.values()) == sum(1 for line in lines if line.registered)
    assert f"{shown['prompt']} of 14 features run on a prompt" in seen(app)


def test_who_is_not_on_the_map_is_named(demo_url: str, open_page: OpenPage) -> None:
    """A feature without traffic has no place on it, and the page says so."""
    with opened(demo_url) as engine:
        register(engine, [{"slug": "quiet", "name": "Quiet one", "strategy": "prompt"}], at=now(), by="test")
    assert "for want of calls or of a price: Quiet one." in seen(open_page(demo_url, "portfolio"))


def test_rings_are_what_is_due(lines: list[FeatureLine]) -> None:
    """The map's rings are the features that should move: of the due ones, not what was dismissed."""
    frame = portfolio_frames.placed(lines)
    drawn = portfolio_map(frame, portfolio_frames.frontiers(frame, load_policy())).to_dict()
    data = drawn["datasets"]
    rings = next(layer for layer in drawn["layer"] if layer["mark"].get("size") == 420)
    due = {line.slug for line in lines if line.should_move}
    assert {line.slug for line in lines if line.verdict == "due"} - due == {"review-spam"}
    assert {row["slug"] for row in data[rings["data"]["name"]]} == due


def test_a_frontier_is_a_one_off_paid_back_in_half_a_year() -> None:
    """Where calls times cost per call over 182 days equals the usual one-off: 10 engineer-days for embed."""
    frame = pd.DataFrame({"calls": [1_000.0, 1_000_000.0]})
    found = portfolio_frames.frontiers(frame, load_policy())
    embed = found[found["target"] == "embed"]
    paid = embed["calls"] * embed["usd_per_call"] / 30 * portfolio_frames.PAYBACK_DAYS
    assert paid.round(6).tolist() == [6_000.0, 6_000.0]


def test_an_empty_portfolio_says_how_to_begin(tmp_path: Path, open_page: OpenPage) -> None:
    """No table, no chart: the first commands."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    with opened(url) as engine:
        upgrade(engine)
    app = open_page(url, "portfolio")
    assert len(app.dataframe) == 0
    assert "offramp" in seen(app)


def test_the_stage_board_says_what_moved_and_since_when(demo_url: str, open_page: OpenPage) -> None:
    """Each finished migration with its day; without one, that nothing moved."""
    with opened(demo_url) as engine:
        (line,) = list_ledger(engine)
    day = line.finished_at.strftime("%-d %b %Y")
    told = f"What moved: {line.name}: prompt to embed since {day}."
    assert told in seen(open_page(demo_url, "portfolio"))
