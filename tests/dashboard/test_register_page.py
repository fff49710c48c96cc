"""The register page: one row however often it is clicked, wrong fields named, duplicates caught, judged at once."""

from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from dashboard.parts import form
from dashboard.writing import save_once
from db.queries.features import features
from db.session import reading, transaction
from db.store.usage import record_calls
from db.tables import FeatureRevision
from offramp.actions.explain import explain
from offramp.actions.register import register
from offramp.clock import now
from strategy.facts import Call
from strategy.fields import TASK_FIELDS
from strategy.kinds import Strategy
from strategy.parse import feature_document, parse_feature
from tests.dashboard.conftest import OpenPage, opened, seen


def _field(page: AppTest, name: str) -> str:
    """The key of a form field: the form's token and the field's name."""
    kinds = (page.text_input, page.selectbox, page.multiselect, page.text_area)
    (key,) = (item.key for kind in kinds for item in kind if item.key and item.key.endswith(f".{name}"))
    return key


def _press(page: AppTest, label: str = "Save and judge") -> AppTest:
    next(button for button in page.button if button.label == label).click()
    return page.run()


def _revisions(url: str) -> int:
    with opened(url) as engine, reading(engine) as session:
        return session.scalar(select(func.count()).select_from(FeatureRevision)) or 0


def test_the_form_asks_every_question_of_the_profile() -> None:
    """No field of the profile is left out of the groups, and none stands twice."""
    asked = [name for _, names in form.GROUPS for name in names]
    assert sorted(asked) == sorted(spec.name for spec in TASK_FIELDS)


def test_a_filled_form_is_registered_and_judged(sqlite_url: str, open_page: OpenPage) -> None:
    """What was typed is stored through the same action as the command line, judged, and linked."""
    page = open_page(sqlite_url, "register")
    page.text_input(key=_field(page, "slug")).set_value("ticket-triage")
    page.text_input(key=_field(page, "owner")).set_value("support-platform")
    page.selectbox(key=_field(page, "task.output_space")).set_value("label")
    page.selectbox(key=_field(page, "task.examples_diverse")).set_value("yes")
    page.text_input(key=_field(page, "task.labelled_examples")).set_value("5,400")
    page.text_input(key=_field(page, "quality.floor")).set_value("0.90")
    page.text_area(key=_field(page, "match")).set_value("service.name = support-api")
    page = _press(page)
    assert "**ticket-triage** is registered." in seen(page)
    assert next(item.proto.label for item in page.get("page_link")) == "See the verdict of ticket-triage"
    with opened(sqlite_url) as engine:
        with reading(engine) as session:
            (head,) = features(session)
        assert head.document == {
            "slug": "ticket-triage",
            "owner": "support-platform",
            "strategy": "prompt",
            "task": {"output_space": "label", "labelled_examples": 5400, "examples_diverse": True},
            "quality": {"floor": "0.90"},
            "match": [{"attribute": "service.name", "equals": "support-api"}],
        }
        assert explain(engine, "ticket-triage")["code"] == "cold_start"


def test_three_submits_of_one_form_are_one_row(sqlite_url: str) -> None:
    """A click that comes again before the page has answered finds its own token and is told the same."""
    document = {"slug": "ticket-triage"}
    with opened(sqlite_url):
        outcomes = [save_once(sqlite_url, "token", [document], editing=False) for _ in range(3)]
    assert [outcome.saved[0].change for outcome in outcomes] == ["created"] * 3
    assert not any(outcome.problems for outcome in outcomes)
    assert _revisions(sqlite_url) == 1


def test_after_a_save_the_next_form_is_empty_and_new(sqlite_url: str, open_page: OpenPage) -> None:
    """The token that was spent is not used again: a second feature is a second row."""
    page = open_page(sqlite_url, "register")
    for slug in ("one", "two"):
        key = _field(page, "slug")
        assert page.text_input(key=key).value == ""
        page.text_input(key=key).set_value(slug)
        assert f"**{slug}** is registered." in seen(_press(page))
        page.run()
    assert _revisions(sqlite_url) == 2


def test_every_wrong_field_is_named_with_its_cure(sqlite_url: str, open_page: OpenPage) -> None:
    """At the top and at the field; nothing is saved, and what was typed stays."""
    page = open_page(sqlite_url, "register")
    page.text_input(key=_field(page, "slug")).set_value("Ticket Triage")
    page.text_input(key=_field(page, "task.latency_budget_ms")).set_value("soon")
    page.text_input(key=_field(page, "quality.floor")).set_value("high")
    page = _press(page)
    (error,) = page.error
    text = error.value.replace("\\", "")
    assert "Nothing was saved: 3 fields are wrong." in text
    assert "**How long may an answer take?** (`task.latency_budget_ms`): 'soon' is not a number" in text
    assert "use a whole number of milliseconds, 0 or more" in text
    assert seen(page).count(":red[↑ ") == 3
    assert page.text_input(key=_field(page, "slug")).value == "Ticket Triage"
    assert _revisions(sqlite_url) == 0


def test_a_slug_that_is_taken_is_not_overwritten(demo_url: str, open_page: OpenPage) -> None:
    """The form says so and offers to edit the one that is there."""
    before = _revisions(demo_url)
    page = open_page(demo_url, "register")
    page.text_input(key=_field(page, "slug")).set_value("ticket-triage")
    page = _press(page)
    assert "ticket-triage is registered already" in seen(page)
    assert [item.proto.label for item in page.get("page_link")] == ["Edit ticket-triage", "See ticket-triage"]
    assert _revisions(demo_url) == before


def test_editing_is_filled_from_what_is_stored(demo_url: str, open_page: OpenPage) -> None:
    """?feature= opens the stored profile; saving it unchanged changes nothing, one field changes one field."""
    page = open_page(demo_url, "register", feature="ticket-triage")
    assert page.title[0].value == "Edit a feature"
    assert page.text_input(key=_field(page, "slug")).disabled
    assert page.text_input(key=_field(page, "task.labelled_examples")).value == "5400"
    page = _press(page)
    assert "nothing changed" in seen(page)
    page.run()
    page.text_input(key=_field(page, "task.labelled_examples")).set_value("150")
    assert "**ticket-triage** is updated: task.labelled_examples." in seen(_press(page))


def test_discovered_traffic_fills_the_slug(sqlite_url: str, open_page: OpenPage) -> None:
    """A name that traffic carries needs no typing."""
    call = Call(key=b"k" * 16, at=now(), feature="store-chat", provider="p", model="m", source="otlp", input_tokens=5)
    with opened(sqlite_url) as engine, transaction(engine) as session:
        record_calls(session, [call], now())
    page = open_page(sqlite_url, "register", feature="store-chat")
    assert page.text_input(key=_field(page, "slug")).value == "store-chat"
    assert "**store-chat** is registered." in seen(_press(page))


def test_pasted_yaml_is_read_as_the_command_line_reads_it(sqlite_url: str, open_page: OpenPage) -> None:
    """Several features at once; a wrong one stops all of them and is named by its row."""
    page = open_page(sqlite_url, "register")
    key = _field(page, "yaml")
    page.text_area(key=key).set_value("features:\n  - slug: one\n  - slug: two\n    task: {error_cost: huge}\n")
    page = _press(page, "Save and judge the YAML")
    assert "'huge' is not an answer" in seen(page)
    assert _revisions(sqlite_url) == 0
    page.text_area(key=key).set_value("features:\n  - slug: one\n  - slug: two\n")
    page = _press(page, "Save and judge the YAML")
    assert "**one** is registered." in seen(page)
    assert "**two** is registered." in seen(page)
    assert _revisions(sqlite_url) == 2


def test_the_form_reads_back_what_it_was_filled_with(sqlite_url: str, open_page: OpenPage) -> None:
    """Every field survives the way through the form: opened and saved, a full document is unchanged."""
    costs = {str(strategy): {"engineer_days": "12.5", "monthly_usd": "300"} for strategy in Strategy}
    full = {
        "slug": "full",
        "name": "Full <b>name</b>",
        "strategy": "hybrid",
        "model": "openai/gpt-5.6-luna",
        "exit_note": "At 1,000 a day.\nThen code.",
        "task": {"determinism": "yes", "code_share": "0.25", "tried": ["prompt", "rag"], "quality_gap": False},
        "quality": {"metric": "accuracy", "floor": "0.9", "margin": "0.02"},
        "costs": costs,
        "match": [{"attribute": "service.name", "equals": "a = b"}],
    }
    with opened(sqlite_url) as engine:
        register(engine, [full], at=now(), by="test")
    assert "nothing changed" in seen(_press(open_page(sqlite_url, "register", feature="full")))


def test_cost_edits_are_merged_into_what_was_known() -> None:
    """A changed cell changes one figure; an emptied one is unknown again."""
    known = {"slug": "x", "costs": {"distill": {"engineer_days": "25", "monthly_usd": "300"}}}
    edits = {"edited_rows": {2: {"monthly_usd": None, "one_off_usd": 2000.0}, 1: {"usd_per_call": 0.00001}}}
    document = form.read({"slug": "x", "costs": edits}, known)
    assert document["costs"] == {
        "distill": {"engineer_days": "25", "one_off_usd": "2000"},
        "embed": {"usd_per_call": "1e-05"},
    }
    feature, errors = parse_feature(document)
    assert not errors
    assert feature is not None
    assert feature_document(feature)["costs"]["distill"]["one_off_usd"] == "2000"
