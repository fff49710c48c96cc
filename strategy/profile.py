"""A feature as its owner describes it: who, what it runs on, and the task's properties.

Every value but the slug may be unknown, which is None (or no cost, no rule) and never a default guess. That nothing was
tried is the empty tuple, which is known.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from strategy.kinds import Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskProfile:
    """The seeds' own words about a task; None is unknown. `strategy.fields` explains each."""

    determinism: str | None = None
    input_space: str | None = None
    output_space: str | None = None
    latency_budget_ms: int | None = None
    error_cost: str | None = None
    labelled_examples: int | None = None
    examples_diverse: bool | None = None
    days_to_production: int | None = None
    share_deterministic: Decimal | None = None
    code_share: Decimal | None = None
    change_frequency: str | None = None
    must_switch_models: bool | None = None
    behaviour_locked: bool | None = None
    private_data: bool | None = None
    knowledge_changes: bool | None = None
    needs_citation: bool | None = None
    quality_gap: bool | None = None
    gap_cause: str | None = None
    tried: tuple[str, ...] | None = None
    prompt_exhausted: bool | None = None
    task_simple: bool | None = None
    prompt_chain_steps: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The score that must hold: metric, least acceptable score, and how much loss is acceptable."""

    metric: str | None = None
    floor: Decimal | None = None
    margin: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostOverride:
    """What the owner knows of a strategy's cost; None falls back to the cited constant."""

    engineer_days: Decimal | None = None
    one_off_usd: Decimal | None = None
    monthly_usd: Decimal | None = None
    usd_per_call: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRule:
    """Traffic whose span or resource attribute equals this value belongs to the feature."""

    attribute: str
    equals: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The source whose figures count where several tell of the same calls; None leaves it to `strategy.record`."""

    usage: str | None = None
    latency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One registered product function. `costs` is keyed by strategy, sorted."""

    slug: str
    name: str | None = None
    owner: str | None = None
    strategy: Strategy = Strategy.PROMPT
    model: str | None = None
    task: TaskProfile = field(default_factory=TaskProfile)
    quality: Quality = field(default_factory=Quality)
    costs: tuple[tuple[Strategy, CostOverride], ...] = ()
    exit_note: str | None = None
    match: tuple[MatchRule, ...] = ()
    record: Record = field(default_factory=Record)
