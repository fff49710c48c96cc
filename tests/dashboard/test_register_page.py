"""The register page: one row however often it is clicked, wrong fields named, duplicates caught, judged at once."""

import json

import yaml
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from dashboard import form_reading
from dashboard.parts import form
from dashboard.parts.examples import EXAMPLES
from dashboard.writing import save_once
from db.queries.features import features
from db.session import reading, transaction
from db.store.usage import record_calls
from db.tables import FeatureRevision
from offramp.actions.advise import advise_on
from offramp.actions.explain import explain
from offramp.actions.register import register
from offramp.actions.usage import midnight
from offramp.clock import now
from offramp.policy import load_policy
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
    assert "Too early to judge ticket-triage" in seen(page)
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
    assert page.title[0].value == "Edit Support ticket triage"
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
    document = form_reading.read({"slug": "x", "costs": edits}, known)
    assert document["costs"] == {
        "distill": {"engineer_days": "25", "one_off_usd": "2000"},
        "embed": {"usd_per_call": "1e-05"},
    }
    feature, errors = parse_feature(document)
    assert not errors
    assert feature is not None
    assert feature_document(feature)["costs"]["distill"]["one_off_usd"] == "2000"


def _choose(page: AppTest, name: str, value: str) -> AppTest:
    page.selectbox(key=_field(page, name)).set_value(value)
    return page.run()


def test_the_verdict_follows_every_answer_and_nothing_is_written(sqlite_url: str, open_page: OpenPage) -> None:
    """Beside the form stands what `offramp advise` would say, with what to answer next; no row is made by answering."""
    page = open_page(sqlite_url, "register")
    assert "#### Keep prompt: nothing that is stated asks for more." in seen(page)
    assert "Must the same input always give the same output? If yes: move to code;" in seen(page)
    page = _choose(page, "task.output_space", "label")
    profile = {"slug": "x", "task": {"output_space": "label"}}
    (advice,) = advise_on(json.dumps(profile), load_policy(), voice="breakeven", as_of=midnight(now().date()))
    assert f"#### {advice.verdict.reasons[0]}" in seen(page)
    assert "✓ yes · Is it a choice among labels or known items? → **embed**" in seen(page)
    assert _revisions(sqlite_url) == 0


def test_discovered_traffic_is_judged_with_the_answers(demo_url: str, open_page: OpenPage) -> None:
    """The form starts from what traffic tells: slug, name, model; the verdict uses its calls and moves with answers."""
    page = open_page(demo_url, "register", feature="store-chat")
    filled = {name: page.text_input(key=_field(page, name)).value for name in ("slug", "name", "model")}
    assert filled == {"slug": "store-chat", "name": "Store chat", "model": "anthropic/claude-haiku-4-5"}
    assert "Judged on the traffic that names it" in seen(page)
    assert "#### Moving Store chat to code would save $" in seen(page)
    assert "→ **embed**" not in seen(page)
    for name, answer in (("determinism", "no"), ("input_space", "open"), ("output_space", "label")):
        page.selectbox(key=_field(page, f"task.{name}")).set_value(answer)
    page.text_input(key=_field(page, "task.labelled_examples")).set_value("1200")
    page = page.run()
    assert "#### Moving Store chat to code would save $" not in seen(page)
    assert "✓ yes · Is it a choice among labels or known items? → **embed**" in seen(page)


def test_a_changed_answer_shows_what_it_would_do_to_the_verdict(demo_url: str, open_page: OpenPage) -> None:
    """The stored snapshot is judged again with the changed profile, on the feature's own page; saving makes it so."""
    page = open_page(demo_url, "feature", feature="ticket-triage")
    page.toggle[0].set_value(True)
    page = page.run()
    assert "That is today's verdict." in seen(page)
    before = _revisions(demo_url)
    page = _choose(page, "task.output_space", "free")
    assert "**This would change the verdict.** Today: due, prompt → embed, $1,639 a month. Then: " in seen(page)
    assert _revisions(demo_url) == before
    with opened(demo_url) as engine:
        assert explain(engine, "ticket-triage")["verdict"] == "due"
    page = _press(page)
    assert "**ticket-triage** is updated: task.output_space." in seen(page)
    with opened(demo_url) as engine:
        assert explain(engine, "ticket-triage")["verdict"] != "due"


def test_names_nearly_the_same_and_models_without_a_price_are_pointed_out(demo_url: str, open_page: OpenPage) -> None:
    """Before anything is saved: the same slug, a slug that differs by a slip, a model that no price list knows."""
    page = open_page(demo_url, "register")
    page.text_input(key=_field(page, "slug")).set_value("ticket_triages")
    page.text_input(key=_field(page, "model")).set_value("openai/gpt-5.6-lunar")
    page = page.run()
    warned = [item.value.replace("\\", "") for item in page.warning]
    assert warned[0].startswith("Looks like ticket-triage (Support ticket triage); if it is the same thing")
    assert warned[1].startswith("No price is known for openai/gpt-5.6-lunar; did you mean openai/gpt-5.6-luna")
    page.text_input(key=_field(page, "slug")).set_value("ticket-triage")
    page = page.run()
    assert page.warning[0].value.replace("\\", "").startswith("Ticket-triage is registered already; open the one")


def test_the_form_and_its_yaml_are_one_thing(sqlite_url: str, open_page: OpenPage) -> None:
    """An answer shows in the YAML at once; a changed YAML fills the questions, and a wrong one says why it cannot."""
    page = open_page(sqlite_url, "register")
    page.text_input(key=_field(page, "slug")).set_value("one")
    page = _choose(page, "task.output_space", "label")
    (text,) = (item.value for item in page.code if "slug:" in item.value)
    answered = {"slug": "one", "strategy": "prompt", "task": {"output_space": "label"}}
    assert yaml.safe_load(text) == {"features": [answered]}
    page.text_area(key=_field(page, "yaml")).set_value(text.replace("label", "huge"))
    page = page.run()
    assert "The questions cannot follow it yet: task.output_space: 'huge' is not an answer" in seen(page)
    page.text_area(key=_field(page, "yaml")).set_value(text.replace("label", "retrieved"))
    page = _press(page.run(), "Fill the questions from it")
    assert page.selectbox(key=_field(page, "task.output_space")).value == "retrieved"
    assert page.text_input(key=_field(page, "slug")).value == "one"


def test_an_example_fills_the_form(sqlite_url: str, open_page: OpenPage) -> None:
    """Every example is a profile that registers as it stands, and they lead to different strategies."""
    page = _press(open_page(sqlite_url, "register"), "Check an address")
    assert page.selectbox(key=_field(page, "task.output_space")).value == "exact"
    told = {}
    for document in EXAMPLES.values():
        feature, errors = parse_feature(document)
        assert (feature is not None, errors) == (True, [])
        (advice,) = advise_on(json.dumps(document), load_policy(), voice="breakeven", as_of=midnight(now().date()))
        told[document["slug"]] = advice.strategy
    assert told == {
        "ticket-triage": "embed",
        "address-check": "code",
        "help-answers": "hybrid:rag",
        "form-intake": "hybrid",
        "reply-draft": "prompt",
    }
