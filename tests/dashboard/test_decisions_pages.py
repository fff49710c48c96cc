"""People decide on the pages as on the command line; the savings page tells what the ledger tells."""

import io
from datetime import UTC, datetime
from decimal import Decimal

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import alert_frames, alert_loads, alert_writing, loads, wording
from db.queries.alerts import alert_moves
from db.session import reading
from offramp.actions.alerts import list_alerts
from offramp.actions.ledger import ledger_document, list_ledger
from tests.dashboard.conftest import OpenPage, opened, seen

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hour after the demo company was built, whenever the test runs."""
    for module in (loads, alert_loads, alert_writing):
        monkeypatch.setattr(module, "now", lambda: NOW)


def _fill(page: AppTest, number: int, move: str, **values: str) -> AppTest:
    """Fill the form of a move and press its button."""
    for name, value in values.items():
        start, end = f"move-{number}-", f"-{move}.{name}"
        for kind in (page.text_input, page.text_area, page.selectbox):
            for item in kind:
                if (item.key or "").startswith(start) and (item.key or "").endswith(end):
                    item.set_value(value)
    wanted = move.capitalize()
    return next(button for button in page.button if button.label == wanted and not button.disabled).click().run()


def test_a_feature_page_dismisses_with_a_reason_and_takes_it_back(demo_url: str, open_page: OpenPage) -> None:
    """The form asks for a name, a reason and a note; the page says what became of it, and the history has the row."""
    with opened(demo_url) as engine:
        (alert,) = [each for each in list_alerts(engine) if each.feature == "returns-intake"]
    page = open_page(demo_url, "feature", feature="returns-intake")
    page = _fill(page, alert.id, "dismiss")
    assert "Every move has a name. Fill in your name." in seen(page).replace("Say who you are: every", "Every")
    page = _fill(page, alert.id, "dismiss", by="Ann")
    assert "note: is empty" in seen(page) or "Nothing was changed." in seen(page)
    page = _fill(page, alert.id, "dismiss", by="Ann", reason="no_capacity", note="Not before spring.")
    assert "returns-intake is dismissed. Not before spring." in seen(page).replace("*", "")
    with opened(demo_url) as engine, reading(engine) as session:
        last = alert_moves(session, "returns-intake")[-1]
    assert (last.by, last.reason, last.why) == ("Ann", "no_capacity", "Not before spring.")
    history = next(item.value for item in page.dataframe if "Why" in item.value)
    assert history["Why"].iloc[0] == "No capacity: Not before spring."
    page = _fill(page, alert.id, "reopen", by="Ann")
    assert "returns-intake is active." in seen(page).replace("*", "")


def test_what_is_not_possible_is_greyed_with_its_reason(demo_url: str, open_page: OpenPage) -> None:
    """A claimed alert is not claimed again; its owner and day stand beside it."""
    page = open_page(demo_url, "feature", feature="ticket-triage")
    grey = {button.label: button.help for button in page.button if button.disabled}
    assert grey == dict.fromkeys(("Claim", "Snooze"), "Not while it is claimed; possible: dismiss, finish, reopen.")
    assert "Irena Kowal, 10 Nov 2026: To be done by 2026-12-25." in seen(page)


def test_a_claimed_alert_says_on_which_figures(demo_url: str, open_page: OpenPage) -> None:
    """Where the frozen saving differs from the verdict's, the page says which is which, with the listing's amount."""
    with opened(demo_url) as engine:
        (alert,) = (each for each in list_alerts(engine) if each.feature == "ticket-triage")
    page = open_page(demo_url, "feature", feature="ticket-triage")
    told = f"are those it was claimed on: {wording.usd(alert.saving_usd_month)} a month, how sure: "
    assert told in seen(page)
    assert "are those it was" not in seen(open_page(demo_url, "feature", feature="address-check"))


def test_finishing_says_what_it_changes_and_asks_for_a_model_where_one_is_prompted(
    demo_url: str, open_page: OpenPage
) -> None:
    """A move to hybrid names the model that stays; where nobody names one the traffic will tell."""
    page = open_page(demo_url, "feature", feature="returns-intake")
    assert "is then registered on hybrid instead of prompt, judged again" in seen(page)
    model = next(item for item in page.text_input if item.label == "Model it runs on now")
    assert (model.value, model.placeholder) == ("openai/gpt-5.4", "the model it prompts")
    with opened(demo_url) as engine:
        (alert,) = [each for each in list_alerts(engine) if each.feature == "subject-lines"]
    page = _fill(open_page(demo_url, "feature", feature="subject-lines"), alert.id, "finish", by="Ann")
    assert "**subject-lines is finished.** Moved from distill to prompt." in seen(page)


def test_the_plan_and_the_options_stand_on_the_page(demo_url: str, open_page: OpenPage) -> None:
    """The plan's parts, and one recommended option among at most three."""
    page = open_page(demo_url, "feature", feature="ticket-triage")
    assert "The eval that must pass" in seen(page)
    options = next(item.value for item in page.dataframe if "Option" in item.value)
    assert options["Option"].iloc[0] == "embed (recommended)"
    assert 1 <= len(options) <= 3


def test_the_alerts_page_moves_an_alert_in_place(demo_url: str, open_page: OpenPage) -> None:
    """Choose a feature, claim it, and stay on the page; the state filter shows what is decided."""
    with opened(demo_url) as engine:
        (alert,) = [each for each in list_alerts(engine) if each.feature == "address-check"]
    page = open_page(demo_url, feature="address-check")
    page = _fill(page, alert.id, "claim", by="Ann", due="soon")
    assert "Due: 'soon' is no day. Write it as 2027-01-31." in seen(page)
    page = _fill(page, alert.id, "claim", by="Ann", due="2026-12-22", note="This sprint.")
    assert "address-check is claimed. To be done by 2026-12-22. This sprint." in seen(page).replace("*", "")
    table = page.dataframe[0].value.set_index("Feature")
    assert (table.loc["Delivery address check", "State"], table.loc["Delivery address check", "Owner"]) == (
        "claimed",
        "Ann",
    )
    table = open_page(demo_url, state="dismissed").dataframe[0].value
    assert list(table["Feature"]) == ["Review spam check"]


def test_the_savings_page_tells_the_ledger(demo_url: str, open_page: OpenPage) -> None:
    """Promised and realised are those of the command, in the sentence, the table and the file."""
    with opened(demo_url) as engine:
        found = list_ledger(engine)
    (told,) = ledger_document(found)
    page = open_page(demo_url, "savings")
    table = page.dataframe[0].value
    promised, realised = (Decimal(told[f"{name}_usd_month"]) for name in ("promised", "realised"))
    assert f"${realised:,.0f} a month came of ${promised:,.0f} promised" in seen(page)
    assert Decimal(str(table["Realised"].iloc[0])) == realised
    text = alert_frames.ledger_csv([told]).to_csv(index=False)
    row = pd.read_csv(io.StringIO(text), dtype=str).iloc[0]
    names = ("volume_effect_usd", "price_effect_usd", "strategy_effect_usd")
    assert sum(Decimal(row[name]) for name in names) == Decimal(row["total_usd"])


def test_without_a_migration_the_savings_page_says_how_to_begin(sqlite_url: str, open_page: OpenPage) -> None:
    """No table and no zero."""
    page = open_page(sqlite_url, "savings")
    assert "No migration is finished yet." in seen(page)
    assert not page.dataframe
    assert not page.metric
