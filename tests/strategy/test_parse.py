"""A feature document is read whole or refused with every wrong field named and cured."""

from decimal import Decimal
from typing import Any

import pytest

from strategy.fields import TASK_FIELDS, FieldKind
from strategy.kinds import Strategy
from strategy.parse import feature_document, parse_feature
from strategy.profile import CostOverride, Feature, MatchRule

WHOLE: dict[str, Any] = {
    "slug": "ticket-triage",
    "name": "Ticket triage",
    "owner": "support-platform",
    "strategy": "hybrid",
    "model": "openai/gpt-5.6-luna",
    "task": {
        "determinism": "no",
        "input_space": "open",
        "output_space": "label",
        "latency_budget_ms": 2000,
        "error_cost": "medium",
        "labelled_examples": 1200,
        "examples_diverse": True,
        "days_to_production": 30,
        "share_deterministic": "0.2",
        "code_share": "0.0",
        "change_frequency": "low",
        "must_switch_models": False,
        "behaviour_locked": False,
        "private_data": False,
        "knowledge_changes": False,
        "needs_citation": False,
        "quality_gap": True,
        "gap_cause": "style",
        "tried": ["prompt", "rag"],
        "prompt_exhausted": False,
    },
    "quality": {"metric": "accuracy", "floor": "0.90", "margin": "0.02"},
    "costs": {"distill": {"engineer_days": "25", "one_off_usd": "2000", "monthly_usd": "300"}},
    "exit_note": "At what volume is this too expensive?",
    "match": [{"attribute": "service.name", "equals": "support-api"}],
}


def read(**changes: object) -> Feature:
    """The feature of the whole document with these fields changed."""
    feature, errors = parse_feature(WHOLE | changes)
    assert errors == []
    assert feature is not None
    return feature


def complaint(document: dict[str, Any]) -> tuple[str, str, str]:
    """The one complaint about a document: field, error, cure."""
    feature, errors = parse_feature(document)
    assert feature is None
    assert len(errors) == 1
    return errors[0].field, errors[0].error, errors[0].cure


def test_every_field_of_the_whole_document_arrives() -> None:
    """What is written is what is read."""
    feature = read()
    assert feature.strategy is Strategy.HYBRID
    assert feature.task.share_deterministic == Decimal("0.2")
    assert feature.task.tried == ("prompt", "rag")
    assert feature.costs == (
        (
            Strategy.DISTILL,
            CostOverride(engineer_days=Decimal(25), one_off_usd=Decimal(2000), monthly_usd=Decimal(300)),
        ),
    )
    assert feature.match == (MatchRule(attribute="service.name", equals="support-api"),)
    assert feature.quality.floor == Decimal("0.90")


def test_a_document_survives_the_round_trip() -> None:
    """Writing a feature out and reading it back gives an equal one."""
    feature = read()
    assert feature_document(feature) == WHOLE
    assert parse_feature(feature_document(feature)) == (feature, [])


def test_only_the_slug_is_needed() -> None:
    """What is missing is unknown, and the present strategy is the prompt that almost every feature starts as."""
    feature, errors = parse_feature({"slug": "a"})
    assert errors == []
    assert feature == Feature(slug="a")
    assert feature.strategy is Strategy.PROMPT
    assert feature_document(feature) == {"slug": "a", "strategy": "prompt"}


@pytest.mark.parametrize(
    ("change", "field", "cure"),
    [
        ({"slug": "Ticket Triage"}, "slug", "such as ticket-triage"),
        ({"slug": None}, "slug", "such as ticket-triage"),
        ({"strategy": "llm"}, "strategy", "code, embed, distill, hybrid, prompt"),
        ({"ownr": "me"}, "ownr", "did you mean owner?"),
        ({"zzzzz": 1}, "zzzzz", "known fields: slug"),
        ({"error_cost": "high"}, "error_cost", "indented below `task:`"),
        ({"name": 7}, "name", "quotes"),
        ({"name": "x" * 201}, "name", "at most 200"),
        ({"exit_note": "a\x00b"}, "exit_note", "printable"),
        ({"task": "open"}, "task", "indented"),
        ({"task": {"error_cost": "huge"}}, "task.error_cost", "low, medium, high"),
        ({"task": {"latency_budget_ms": 1.5}}, "task.latency_budget_ms", "whole number of milliseconds"),
        ({"task": {"latency_budget_ms": True}}, "task.latency_budget_ms", "whole number of milliseconds"),
        ({"task": {"latency_budget_ms": "soon"}}, "task.latency_budget_ms", "whole number of milliseconds"),
        ({"task": {"labelled_examples": -1}}, "task.labelled_examples", "0 or more"),
        ({"task": {"code_share": 1.2}}, "task.code_share", "0 to 1"),
        ({"task": {"code_share": "NaN"}}, "task.code_share", "0 to 1"),
        ({"task": {"private_data": "perhaps"}}, "task.private_data", "true or false"),
        ({"task": {"tried": 3}}, "task.tried", "prompt, rag"),
        ({"task": {"tried": ["magic"]}}, "task.tried", "prompt, rag"),
        ({"quality": {"floor": "high"}}, "quality.floor", "0.90"),
        ({"quality": {"margin": -1}}, "quality.margin", "0.90"),
        ({"costs": {"magic": {"engineer_days": 1}}}, "costs.magic", "code, embed"),
        ({"costs": {"code": {"engineer_day": 1}}}, "costs.code.engineer_day", "did you mean engineer_days?"),
        ({"costs": {"code": {"one_off_usd": -1}}}, "costs.code.one_off_usd", "0 or more"),
        ({"match": "service.name"}, "match", "attribute: service.name"),
        ({"match": [{"attribute": "service.name"}]}, "match.1", "equals: support-api"),
        ({"match": [{"attribute": 1, "equals": "x"}]}, "match.1.attribute", "quotes"),
    ],
)
def test_a_wrong_field_is_named_with_what_would_be_right(change: dict[str, Any], field: str, cure: str) -> None:
    """One wrong field gives one complaint about that field, with its cure."""
    found_field, _, found_cure = complaint({"slug": "a"} | change)
    assert found_field == field
    assert cure in found_cure


def test_all_wrong_fields_are_named_at_once() -> None:
    """A person sees every mistake of a document, not only the first."""
    _, errors = parse_feature({"slug": "A b", "strategy": "x", "task": {"error_cost": 1}})
    assert [error.field for error in errors] == ["slug", "strategy", "task.error_cost"]


def test_yaml_words_are_read_as_the_seeds_mean_them() -> None:
    """YAML turns yes and no into booleans; an empty text or list is unknown."""
    task = read(
        task={
            "determinism": True,
            "input_space": "",
            "private_data": "yes",
            "tried": "prompt, rag",
            "quality_gap": None,
        }
    ).task
    assert task.determinism == "yes"
    assert task.input_space is None
    assert task.private_data is True
    assert task.tried == ("prompt", "rag")
    assert read(task={"determinism": False, "tried": []}).task.determinism == "no"
    assert read(name="  ", match="", quality=None, costs={"code": {}}).name is None


def test_every_task_field_says_how_to_fill_it() -> None:
    """The table of fields has a question, help and a cure for each kind."""
    assert {spec.kind for spec in TASK_FIELDS} == set(FieldKind)
    for spec in TASK_FIELDS:
        assert spec.question.endswith("?")
        assert spec.help.endswith(".")
        assert spec.cure.startswith("use ")


def test_the_source_of_record_is_one_name_or_one_a_measure() -> None:
    """A bare name stands for both measures, and comes back as both; a wrong measure is named."""
    feature, _ = parse_feature({"slug": "a", "record": "pull:proxy"})
    assert feature is not None
    assert feature_document(feature)["record"] == {"usage": "pull:proxy", "latency": "pull:proxy"}
    feature, _ = parse_feature({"slug": "a", "record": {"latency": "otlp"}})
    assert feature is not None
    assert feature_document(feature)["record"] == {"latency": "otlp"}
    assert [error.field for error in parse_feature({"slug": "a", "record": {"usages": "otlp"}})[1]] == ["record.usages"]
    assert [error.field for error in parse_feature({"slug": "a", "record": 3})[1]] == ["record"]
