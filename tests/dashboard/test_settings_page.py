"""The settings page: what is in force with its sources, channels and their tests, keys shown once, owners."""

import html
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.parts import people_view, rules_view
from db.queries.deeds import Deed
from offramp.actions.actors import Role
from offramp.actions.alerts import list_alerts
from offramp.actions.keys import list_keys
from offramp.actions.report import build_report
from offramp.actions.sign_in import EVERYBODY, SignIn
from offramp.clock import now
from offramp.policy import load_policy
from tests.dashboard.conftest import OpenPage, opened, seen
from tests.sinks import mail_sink


def _frame(page: AppTest, column: str) -> list[dict[str, object]]:
    """The rows of the one table that has this column."""
    (found,) = (item.value for item in page.dataframe if column in item.value)
    return [{str(name): value for name, value in row.items()} for row in found.to_dict("records")]


def _press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click()
    return page.run()


def test_every_constant_stands_with_its_range_grade_and_source(demo_url: str, open_page: OpenPage) -> None:
    """None is left out, and each is the one the judge reads."""
    page = open_page(demo_url, "settings")
    policy = load_policy()
    rows = {row["Constant"]: row for row in _frame(page, "Grade")}
    assert len(rows) == len(policy.constants)
    day = policy.constants["engineer_day_usd"]
    assert rows["Engineer day USD"] == {
        "Constant": "Engineer day USD",
        "Value": day.value,
        "Range": f"{day.low} to {day.high}",
        "Unit": day.unit,
        "Grade": day.grade,
        "Source": day.source,
    }
    assert [row["Property"] for row in _frame(page, "hybrid")][:2] == ["Determinism", "Input space"]


def test_what_a_feature_overrides_stands_beside_what_it_replaces(demo_url: str, open_page: OpenPage) -> None:
    """Each own cost of a registered feature, with the constant in whose place it stands."""
    rows = _frame(open_page(demo_url, "settings"), "Instead of")
    assert rows
    assert rules_view.usual(load_policy(), "distill", "engineer_days") == "25 days"
    assert rules_view.usual(load_policy(), "code", "usd_per_call") == "what the judge works out"


def test_the_organisations_time_zone_is_told(
    demo_url: str, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The zone, and the next letter in it."""
    monkeypatch.setenv("OFFRAMP_TIMEZONE", "Europe/Berlin")
    page = open_page(demo_url, "settings")
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics == {"Time zone": "Europe/Berlin", "Next weekly letter": "Mon 09:00"}


def test_a_key_is_shown_once_and_can_be_revoked(sqlite_url: str, open_page: OpenPage) -> None:
    """Made with its scopes, its text on the page of the click alone; revoking ends it."""
    page = open_page(sqlite_url, "settings")
    page.text_input[0].set_value("exporter")
    page = _press(page, "Create a key")
    (text,) = (item.value for item in page.code if item.value.startswith("ofr_"))
    with opened(sqlite_url) as engine:
        (key,) = list_keys(engine)
    assert (key.name, sorted(key.scopes), text.startswith(f"ofr_{key.id}_")) == ("exporter", ["ingest"], True)
    page = page.run()
    assert not [item for item in page.code if item.value.startswith("ofr_")]
    assert "may ingest" in seen(page)
    page = _press(page, "Yes, revoke it")
    assert "exporter is revoked" in seen(page)
    with opened(sqlite_url) as engine:
        assert list_keys(engine)[0].state(now()) == "revoked"


def test_a_key_needs_a_name(sqlite_url: str, open_page: OpenPage) -> None:
    """Nothing is made without one, and the page says so."""
    page = _press(open_page(sqlite_url, "settings"), "Create a key")
    assert "Give the key a name" in seen(page)
    with opened(sqlite_url) as engine:
        assert list_keys(engine) == []


def test_a_channel_is_shown_without_its_secret_and_takes_a_test(
    demo_url: str, open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who gets what, that nothing was sent yet, and the newest letter as a test in their mailbox."""
    with mail_sink() as sink:
        file = tmp_path / "channels.yaml"
        file.write_text(
            f"smtp: {{host: 127.0.0.1, port: {sink.port}, sender: offramp@example.org, security: none}}\n"
            "channels:\n  - {name: platform, email: [ana@example.org], send: [weekly]}\n"
        )
        monkeypatch.setenv("OFFRAMP_CHANNELS", str(file))
        with opened(demo_url) as engine:
            build_report(engine, "2026-W46", now())
        page = open_page(demo_url, "settings")
        assert "nothing was sent yet" in seen(page)
        assert "ana@example.org" in html.unescape(seen(page))
        page = _press(page, "Send a test")
        assert "Test to platform: " in seen(page)
        assert [mail["To"] for mail in sink.taken] == ["ana@example.org"]


def test_owners_are_listed_with_what_they_have(demo_url: str, open_page: OpenPage) -> None:
    """By name, with how many of theirs should move: together the open alerts, what was dismissed apart."""
    with opened(demo_url) as engine:
        due = list_alerts(engine)
    rows = {row["Owner"]: row for row in _frame(open_page(demo_url, "settings"), "Should move")}
    assert rows["support-platform"]["Features"] == 1
    assert sum(int(str(row["Should move"])) for row in rows.values()) == len(due)
    assert sum(int(str(row["Dismissed"])) for row in rows.values()) == 1


def test_without_channels_the_page_says_how_to_begin(sqlite_url: str, open_page: OpenPage) -> None:
    """Nobody is told anything until a file says so."""
    assert "Nobody is told anything." in seen(open_page(sqlite_url, "settings"))


def test_roles_and_their_groups_are_told() -> None:
    """Each role stands with its groups in words and what it may; one that no group has is there too."""
    asked = SignIn(
        provider="https://id.example.org/.well-known/openid-configuration",
        client_id="offramp",
        address="http://127.0.0.1:8501",
        roles={Role.VIEWER: (EVERYBODY,), Role.OWNER: ("search", "returns")},
        client_secret="s",  # noqa: S106 (made up)
        cookie_secret="c",  # noqa: S106 (made up)
    )
    told = [(row["Role"], row["Groups"]) for row in people_view.role_rows(asked)]
    assert told == [("viewer", "everybody"), ("owner", "search, returns"), ("admin", "")]
    assert people_view.role_rows(asked)[0]["May"] == "look at every page"


def test_deeds_say_who_did_what_and_what_was_refused() -> None:
    """A refused write stands among the done ones, and says so."""
    at = now()
    refused, done = (
        Deed(at=at, who="ann", role="viewer", what="claim", about="x", done=False),
        Deed(at=at, who="ben", role="owner", what="claim", about="x", done=True),
    )
    rows = people_view.deed_rows([refused, done])
    assert [(row["Who"], row["What"], row["About"], row["Outcome"]) for row in rows] == [
        ("ann", "claim", "x", "refused"),
        ("ben", "claim", "x", "done"),
    ]
