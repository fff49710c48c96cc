"""A described profile is read whole or not at all, and every wrong name and value is said with its cure."""

from decimal import Decimal
from typing import Any

import pytest

from strategy.advice import advise
from strategy.advice.describe import read_described
from strategy.advice.described import Described
from strategy.kinds import Outcome, Strategy
from strategy.profile import TaskProfile
from tests.strategy.made import BEFORE_CUT, POLICY

OPTION = "use one of: code, embed, distill, hybrid, prompt; a variant may follow a colon, such as hybrid:rag"


def test_the_owners_costs_are_counted() -> None:
    """A document's own monthly costs and cost of moving decide; the same without them leaves the money open."""
    paid: dict[str, Any] = {
        "slug": "a",
        "task": {"labelled_examples": 2000, "output_space": "free"},
        "costs": {
            "prompt": {"monthly_usd": 3480},
            "distill": {"monthly_usd": 300, "engineer_days": 2, "one_off_usd": 100},
        },
    }
    described, errors = read_described(paid)
    assert (errors, described is not None) == ([], True)
    assert described is not None
    said = advise(described, POLICY, id="a", voice="breakeven", as_of=BEFORE_CUT).verdict
    assert (said.outcome, said.target) == (Outcome.DUE, "distill")
    assert dict(said.money.base.monthly_usd)[Strategy.DISTILL] == 300
    assert dict(said.money.base.one_off_usd)[Strategy.DISTILL] == 2 * POLICY.number("engineer_day_usd") + 100
    dear, _ = read_described(paid | {"costs": paid["costs"] | {"distill": {"monthly_usd": 3400}}})
    assert dear is not None
    assert advise(dear, POLICY, id="a", voice="breakeven", as_of=BEFORE_CUT).verdict.target is None


def fields(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Field and cure of each error."""
    described, errors = read_described(row)
    assert (described is None) == bool(errors)
    return [(error.field, error.cure) for error in errors]


def test_a_flat_profile() -> None:
    """Numbers become decimals, percentages shares, a single figure a range; free text leaves no trace."""
    described, errors = read_described(
        {
            "determinism": "no",
            "tried": [],
            "task": "anything",
            "current": "prompt:sonnet",
            "teacher_score": 79.3,
            "migration_cost": 500,
            "cost_per_year": {"prompt": 10, "embed": "2.5"},
            "stable": "yes",
            "volume": None,
        }
    )
    assert errors == []
    assert described == Described(
        task=TaskProfile(determinism="no", tried=()),
        current="prompt:sonnet",
        teacher_score=Decimal("0.793"),
        migration_cost=(Decimal(500), Decimal(500)),
        cost_per_year={"embed": Decimal("2.5"), "prompt": Decimal(10)},
        stable=True,
    )


def test_a_feature_document() -> None:
    """Its strategy is the present one, its floor what is required, its exit note the plan."""
    described, errors = read_described(
        {
            "slug": "a",
            "strategy": "hybrid",
            "task": {"tried": ["prompt"]},
            "quality": {"floor": 90},
            "exit_note": "At a million.",
        }
    )
    assert errors == []
    assert described is not None
    assert (described.current, described.task.tried, described.required_score) == (
        "hybrid",
        ("prompt",),
        Decimal("0.9"),
    )
    assert described.plan_recorded is True
    silent, _ = read_described({"slug": "a"})
    assert silent is not None
    assert (silent.task.tried, silent.plan_recorded) == (None, None)
    assert [field for field, _ in fields({"slug": "A b", "task": {"volume": "low"}})] == ["slug", "task.volume"]


@pytest.mark.parametrize(
    ("name", "value", "cure"),
    [
        ("determinizm", "yes", "did you mean determinism?"),
        ("determinism", "perhaps", "use one of: yes, mostly, partially, no"),
        ("validated", "maybe", "use true or false"),
        ("volume", "huge", "use one of: low, medium, high"),
        ("calls_per_day", "many", "use a number, 0 or more"),
        ("calls_per_day", True, "use a number, 0 or more"),
        ("calls_per_day", float("inf"), "use a number, 0 or more"),
        ("teacher_score", 900, "use a score from 0 to 1, such as 0.9, or a percentage, such as 90"),
        ("teacher_score", "good", "use a score from 0 to 1, such as 0.9, or a percentage, such as 90"),
        ("migration_cost", [2000, 200], "use a list of the low and the high figure, such as [200, 2000]"),
        ("cost_per_year", 5, "write USD a year by strategy, such as {prompt: 92325, embed: 9179}"),
        ("cost_per_year", {"magic": 5}, "write USD a year by strategy, such as {prompt: 92325, embed: 9179}"),
        ("current", "magic", OPTION),
        ("candidate", "distill:", OPTION),
    ],
)
def test_a_wrong_value_says_its_cure(name: str, value: object, cure: str) -> None:
    """One error, for that name, with what would be right."""
    assert fields({name: value}) == [(name, cure)]


def test_an_unknown_name_far_from_all_lists_them() -> None:
    """Where nothing is near, the names in use are told."""
    ((field, cure),) = fields({"zzz": 1})
    assert (field, cure[:13]) == ("zzz", "names in use:")
