"""Registering is one action for file, form and HTTP: all or nothing, idempotent, every wrong field named."""

from datetime import UTC, datetime

import pytest
import yaml
from sqlalchemy import Engine

from offramp.actions.export import export_csv, export_yaml
from offramp.actions.failure import BadInput
from offramp.actions.register import read_yaml, register

AT = datetime(2026, 11, 20, tzinfo=UTC)

TEXT = """
features:
  - slug: ticket-triage
    owner: support-platform
    task: {determinism: no, labelled_examples: 1200}
    quality: {metric: accuracy, floor: 0.90}
    match:
      - {attribute: service.name, equals: support-api}
  - slug: reply-draft
"""


def test_a_file_registers_once_and_tells_what_changed(engine: Engine) -> None:
    """Created, then unchanged, then updated with the names of the fields that moved."""
    first = register(engine, read_yaml(TEXT), at=AT, by="test")
    assert [(item.slug, item.change) for item in first] == [("ticket-triage", "created"), ("reply-draft", "created")]
    again = register(engine, read_yaml(TEXT), at=AT, by="test")
    assert [item.change for item in again] == ["unchanged", "unchanged"]
    changed = TEXT.replace("1200", "5000").replace("support-platform", "care")
    (item, _) = register(engine, read_yaml(changed), at=AT, by="test")
    assert item.document() == {
        "slug": "ticket-triage",
        "change": "updated",
        "fields": ["owner", "task.labelled_examples"],
    }


def test_one_wrong_feature_registers_none(engine: Engine) -> None:
    """A file with a mistake writes nothing, and the complaint names row, field and cure."""
    with pytest.raises(BadInput) as caught:
        register(engine, [{"slug": "good"}, {"slug": "Bad One", "owner": 3}, {"slug": "good"}], at=AT, by="test")
    assert [(item.row, item.field) for item in caught.value.problems] == [(2, "slug"), (2, "owner"), (3, "slug")]
    assert "row 2, slug: 'Bad One' is not a slug" in str(caught.value)
    assert yaml.safe_load(export_yaml(engine)) == {"features": []}


def test_a_rule_belongs_to_one_feature(engine: Engine) -> None:
    """A second feature with the same rule is refused by row and name, in one file and in the next; moving it is not."""
    rule = {"match": [{"attribute": "service.name", "equals": "api"}]}
    told = "match: service.name = api is a rule of a already; leave it to one"
    with pytest.raises(BadInput, match="row 2, " + told):
        register(engine, [{"slug": "a"} | rule, {"slug": "b"} | rule], at=AT, by="test")
    register(engine, [{"slug": "a"} | rule, {"slug": "b"}], at=AT, by="test")
    with pytest.raises(BadInput, match="row 1, " + told):
        register(engine, [{"slug": "b"} | rule], at=AT, by="test")
    (moved, taken) = register(engine, [{"slug": "a"}, {"slug": "b"} | rule], at=AT, by="test")
    assert (moved.fields, taken.fields) == (("match",), ("match",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1", "row 1: is not YAML"),
        ("- slug: a", "start the file with `features:`"),
        ("features: {slug: a}", "has no list of features"),
        ("features: [a]", "has no list of features"),
    ],
)
def test_a_text_that_is_no_feature_file_says_so(text: str, words: str) -> None:
    """Broken YAML and YAML of another shape are told apart, with the cure."""
    with pytest.raises(BadInput, match=r"features|YAML") as caught:
        read_yaml(text)
    assert words in str(caught.value)


def test_an_export_registers_back_unchanged(engine: Engine) -> None:
    """What is exported as YAML is what was registered; one feature can be asked for, a missing one is named."""
    register(engine, read_yaml(TEXT), at=AT, by="test")
    again = register(engine, read_yaml(export_yaml(engine)), at=AT, by="test")
    assert {item.change for item in again} == {"unchanged"}
    assert yaml.safe_load(export_yaml(engine, ["reply-draft"])) == {
        "features": [{"slug": "reply-draft", "strategy": "prompt"}]
    }
    with pytest.raises(BadInput, match="no feature 'nobody'"):
        export_yaml(engine, ["nobody"])


def test_the_csv_export_is_flat_and_safe(engine: Engine) -> None:
    """Groups become dotted columns, and a name that looks like a formula is not one any more."""
    register(engine, [*read_yaml(TEXT), {"slug": "x", "name": "=HYPERLINK(1)"}], at=AT, by="test")
    lines = export_csv(engine).splitlines()
    assert set(lines[0].split(",")) == {
        "slug",
        "strategy",
        "owner",
        "task.determinism",
        "task.labelled_examples",
        "quality.metric",
        "quality.floor",
        "match",
        "name",
    }
    assert "service.name=support-api" in lines[2]
    assert "'=HYPERLINK(1)" in lines[3]
