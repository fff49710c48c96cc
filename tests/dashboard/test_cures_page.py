"""The cures on the Sources page: what is wrong is put right where it is shown, and the page says what was done."""

from datetime import timedelta
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from db.session import transaction
from db.store.usage import record_calls
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.register import register
from offramp.actions.usage import usage
from offramp.clock import now
from strategy.facts import Call
from tests.dashboard.conftest import OpenPage, opened, seen


def _call(number: int, feature: str | None, model: str = "gpt-5.6-luna", source: str = "otlp") -> Call:
    return Call(
        key=number.to_bytes(16),
        at=now() - timedelta(hours=2),
        feature=feature,
        provider="openai",
        model=model,
        source=source,
        input_tokens=1_000_000,
        output_tokens=0,
    )


@pytest.fixture
def page(sqlite_url: str, open_page: OpenPage) -> AppTest:
    """A feature with traffic of two sources, a name nobody registered, calls of nobody, and two unknown models."""
    with opened(sqlite_url) as engine:
        register(engine, [{"slug": "triage", "owner": "support"}], at=now(), by="test")
        fill_book(engine, now())
        with transaction(engine) as session:
            known = [
                _call(1, "triage"),
                _call(2, None),
                _call(3, None),
                _call(4, "bot"),
                _call(5, "triage", source="csv"),
            ]
            record_calls(session, [*known, _call(6, "triage", "house"), _call(7, "triage", "our-luna")], now())
        resolve_names(engine, now())
    return open_page(sqlite_url, "sources")


def _press(page: AppTest, form: str, label: str, **values: object) -> str:
    """Fill a form, press its button, and say what the page says."""
    for name, value in values.items():
        fields = [*page.selectbox, *page.text_input, *page.checkbox, *page.date_input]
        (field,) = (field for field in fields if field.key == f"cure-{form}.{name}")
        field.set_value(value)
    (button,) = (each for each in page.button if each.key == f"FormSubmitter:cure-{form}-{label}")
    button.click().run()
    assert not page.exception
    return "\n".join(str(item.value).replace("\\", "") for item in (*page.success, *page.error))


def _calls(url: str) -> dict[str | None, int]:
    with opened(url) as engine:
        return {row.feature: row.calls for row in usage(engine, by=("feature",)).rows}


def test_nobodys_traffic_is_given_to_a_feature(sqlite_url: str, page: AppTest) -> None:
    """By a rule and with its past; without a feature or a rule nothing happens, and the page says why."""
    assert "nothing was asked for" in _press(page, "loose", "Give it to the feature", feature="triage")
    said = _press(page, "loose", "Give it to the feature", equals="shop", past=True)
    assert said == (
        "triage claims traffic whose service.name is shop. Nobody's traffic is triage now: 2 calls and 0 scores moved."
    )
    assert _calls(sqlite_url) == {"triage": 6, "bot": 1}
    assert "None: every call is claimed by a feature name." in seen(page)


def test_names_are_renamed_and_merged(sqlite_url: str, page: AppTest) -> None:
    """A discovered name gets another one, then is a registered feature's; a name that cannot be says so."""
    assert "cannot be its name" in _press(page, "renamed", "Rename", old="bot", new="No Slug")
    assert "bot is helper now: 1 call and" in _press(page, "renamed", "Rename", old="bot", new="helper")
    assert "helper is triage now: 1 call and" in _press(page, "named", "Merge", name="helper", feature="triage")
    assert _calls(sqlite_url) == {"triage": 5, None: 2}


def test_models_get_a_price_or_a_meaning(sqlite_url: str, page: AppTest) -> None:
    """The most called first; a wrong price is refused; what was counted is priced at once."""
    assert "**2 calls** of 2 models." in seen(page)
    wrong = _press(page, "priced", "Set the price", model=("openai", "house"), input="cheap")
    assert "a price is missing or wrong" in wrong
    said = _press(page, "priced", "Set the price", model=("openai", "house"), input="$0.50", output="2")
    assert said.startswith("openai/house has a price from ")
    assert "our-luna is openai/gpt-5.6-luna" in _press(
        page, "same", "It is that model", model=("openai", "our-luna"), same="openai/gpt-5.6-luna"
    )
    assert "None: every call with tokens has a price in force." in seen(page)
    with opened(sqlite_url) as engine:
        costs = {row.model: row.cost_usd for row in usage(engine, by=("model",)).rows}
    assert costs["house"] == Decimal("0.50")
    assert costs["our-luna"] == costs["gpt-5.6-luna"] / 5 if costs["gpt-5.6-luna"] else None


def test_the_record_is_chosen(sqlite_url: str, page: AppTest) -> None:
    """Whose figures count changes with the choice; the default brings the order back."""
    assert _calls(sqlite_url)["triage"] == 4
    said = _press(page, "record", "Make it the record", feature="triage", source="csv", measure="usage and latency")
    assert said == "triage: csv is the record of usage and latency."
    assert _calls(sqlite_url)["triage"] == 1
    _press(page, "record", "Make it the record", feature="triage", source="default")
    assert _calls(sqlite_url)["triage"] == 4


def test_the_doctor_is_asked(page: AppTest) -> None:
    """Only when somebody presses: what is amiss with its cure, what is not in a list."""
    assert "Nothing is amiss" not in seen(page)
    page.button(key="examine").click().run()
    text = seen(page)
    assert "openai/house" in text
    assert "offramp prices own" in text
    assert "- **database**:" in text
