"""A task as someone describes it: the registered profile plus what the seeds also ask for. None is "not spoken of"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from strategy.kinds import Strategy
from strategy.profile import CostOverride, TaskProfile

POLICIES = ("breakeven", "seed000", "seed001", "seed002", "seed003")
Range = tuple[Decimal, Decimal]


class Takes(StrEnum):
    """What a name takes."""

    FLAG = "flag"
    CHOICE = "choice"
    COUNT = "count"
    SCORE = "score"
    RANGE = "range"
    YEARLY = "yearly"
    OPTION = "option"
    TEXT = "text"


_CURES = {
    Takes.FLAG: "use true or false",
    Takes.COUNT: "use a number, 0 or more",
    Takes.SCORE: "use a score from 0 to 1, such as 0.9, or a percentage, such as 90",
    Takes.RANGE: "use a list of the low and the high figure, such as [200, 2000]",
    Takes.YEARLY: "write USD a year by strategy, such as {prompt: 92325, embed: 9179}",
    Takes.OPTION: "use one of: " + ", ".join(Strategy) + "; a variant may follow a colon, such as hybrid:rag",
    Takes.TEXT: "any text",
}


@dataclass(frozen=True, slots=True)
class Name:
    """One name a profile may use beyond the registered profile's fields."""

    name: str
    takes: Takes
    allowed: tuple[str, ...] = ()

    @property
    def cure(self) -> str:
        """What a right value looks like."""
        return "use one of: " + ", ".join(self.allowed) if self.allowed else _CURES[self.takes]


_FLAGS = (
    "curated_dataset",
    "problem_shape_known",
    "validated",
    "stable",
    "schema_stable",
    "unvalidated_outputs",
    "routing_deterministic",
    "needs_language_step",
    "subjective",
    "rules_brittle",
    "needs_world_knowledge",
    "domain_specific",
    "format_strict",
    "plan_recorded",
    "baseline_eval",
    "ni_passed",
    "embed_ni",
)
_COUNTS = (
    "calls_per_day",
    "calls_per_month",
    "calls_per_year",
    "total_calls",
    "age_days",
    "prompt_tokens",
    "ft_tokens",
)
_SCORES = ("baseline_score", "required_score", "teacher_score", "strong_prompt", "ft_weak", "weak_prompt", "margin")

NAMES = {
    name.name: name
    for name in (
        *(Name(each, Takes.FLAG) for each in _FLAGS),
        *(Name(each, Takes.COUNT) for each in _COUNTS),
        *(Name(each, Takes.SCORE) for each in _SCORES),
        Name("volume", Takes.CHOICE, ("low", "medium", "high")),
        Name("volume_trend", Takes.CHOICE, ("growing", "flat", "falling")),
        Name("economics", Takes.CHOICE, ("positive", "negative")),
        Name("policy", Takes.CHOICE, POLICIES),
        Name("migration_cost", Takes.RANGE),
        Name("examples", Takes.RANGE),
        Name("cost_per_year", Takes.YEARLY),
        Name("current", Takes.OPTION),
        Name("candidate", Takes.OPTION),
        Name("task", Takes.TEXT),
        Name("team_says", Takes.TEXT),
        Name("asks", Takes.TEXT),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What was said of a task. Scores and margins are shares; money is USD; `current` may carry a variant."""

    task: TaskProfile = field(default_factory=TaskProfile)
    current: str = "prompt"
    candidate: str | None = None
    policy: str | None = None
    volume: str | None = None
    volume_trend: str | None = None
    calls_per_day: Decimal | None = None
    calls_per_month: Decimal | None = None
    calls_per_year: Decimal | None = None
    total_calls: Decimal | None = None
    age_days: Decimal | None = None
    curated_dataset: bool | None = None
    problem_shape_known: bool | None = None
    validated: bool | None = None
    stable: bool | None = None
    schema_stable: bool | None = None
    unvalidated_outputs: bool | None = None
    routing_deterministic: bool | None = None
    needs_language_step: bool | None = None
    subjective: bool | None = None
    rules_brittle: bool | None = None
    needs_world_knowledge: bool | None = None
    domain_specific: bool | None = None
    format_strict: bool | None = None
    plan_recorded: bool | None = None
    baseline_eval: bool | None = None
    ni_passed: bool | None = None
    embed_ni: bool | None = None
    prompt_tokens: Decimal | None = None
    ft_tokens: Decimal | None = None
    baseline_score: Decimal | None = None
    required_score: Decimal | None = None
    teacher_score: Decimal | None = None
    strong_prompt: Decimal | None = None
    ft_weak: Decimal | None = None
    weak_prompt: Decimal | None = None
    margin: Decimal | None = None
    economics: str | None = None
    migration_cost: Range | None = None
    examples: Range | None = None
    cost_per_year: Mapping[str, Decimal] = field(default_factory=dict)
    costs: tuple[tuple[Strategy, CostOverride], ...] = ()

    @property
    def now(self) -> Strategy:
        """The present strategy, without its variant."""
        return strategy_of(self.current)


def strategy_of(option: str) -> Strategy:
    """The strategy of an option such as `hybrid:rag`."""
    return Strategy(option.partition(":")[0])
