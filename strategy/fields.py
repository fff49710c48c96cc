"""The task profile as a table: each field's allowed values and the seeds' question in plain words.

The register form, the command line's error messages and the CSV columns are all made from it.
"""

from dataclasses import dataclass
from enum import StrEnum


class FieldKind(StrEnum):
    """What a field takes."""

    CHOICE = "choice"
    CHOICES = "choices"
    WHOLE = "whole"
    SHARE = "share"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of the task profile: its name, what it takes, and how to ask for it."""

    name: str
    kind: FieldKind
    question: str
    help: str
    allowed: tuple[str, ...] = ()
    unit: str = ""

    @property
    def cure(self) -> str:
        """What a right value looks like, for an error message."""
        match self.kind:
            case FieldKind.CHOICE:
                return "use one of: " + ", ".join(self.allowed)
            case FieldKind.CHOICES:
                return "use a list of: " + ", ".join(self.allowed)
            case FieldKind.WHOLE:
                return f"use a whole number of {self.unit}, 0 or more"
            case FieldKind.SHARE:
                return "use a share from 0 to 1, such as 0.2"
            case _:
                return "use true or false"


TASK_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec(
        "determinism",
        FieldKind.CHOICE,
        "Must the same input always give the same output?",
        "Yes for arithmetic or validation; no where several answers are fine.",
        ("yes", "mostly", "partially", "no"),
    ),
    FieldSpec(
        "input_space",
        FieldKind.CHOICE,
        "What can come in?",
        "Enumerable: you could list it. Structured: a schema. Open: anything people write.",
        ("enumerable", "structured", "structured+open", "open"),
    ),
    FieldSpec(
        "output_space",
        FieldKind.CHOICE,
        "What must come out?",
        "Exact: one right value. Label: one of a fixed set. Retrieved: an existing item. Free: new text.",
        ("exact", "label", "retrieved", "structured", "free"),
    ),
    FieldSpec(
        "latency_budget_ms",
        FieldKind.WHOLE,
        "How long may an answer take?",
        "The longest wait users accept, end to end.",
        unit="milliseconds",
    ),
    FieldSpec(
        "error_cost",
        FieldKind.CHOICE,
        "What does a wrong answer cost?",
        "Low: nobody minds. Medium: someone fixes it. High: money, safety or law.",
        ("low", "medium", "high"),
    ),
    FieldSpec(
        "labelled_examples",
        FieldKind.WHOLE,
        "How many labelled examples do you have?",
        "Inputs with an output that a person (or a trusted model) has confirmed.",
        unit="examples",
    ),
    FieldSpec(
        "examples_diverse",
        FieldKind.FLAG,
        "Do the examples cover what really comes in?",
        "A thousand copies of one case are one case.",
    ),
    FieldSpec(
        "days_to_production",
        FieldKind.WHOLE,
        "How many days may a migration take?",
        "Until the new strategy must be live.",
        unit="days",
    ),
    FieldSpec(
        "share_deterministic",
        FieldKind.SHARE,
        "Which share of the pipeline is plain code already?",
        "Validation, routing, formatting, look-ups: 0.95 means one small language step.",
    ),
    FieldSpec(
        "code_share",
        FieldKind.SHARE,
        "Which share of the calls could code answer alone?",
        "Under hybrid these calls cost nothing; the rest still go to the model.",
    ),
    FieldSpec(
        "change_frequency",
        FieldKind.CHOICE,
        "How often must the behaviour change?",
        "High where wording or rules change every few days: a prompt is quickest to change.",
        ("low", "high"),
    ),
    FieldSpec(
        "must_switch_models",
        FieldKind.FLAG,
        "Must you be able to switch models at will?",
        "A fine-tune ties you to its base model.",
    ),
    FieldSpec(
        "behaviour_locked",
        FieldKind.FLAG,
        "Must tone or format never vary?",
        "Behaviour that prompts alone cannot hold points to training.",
    ),
    FieldSpec(
        "private_data",
        FieldKind.FLAG,
        "Does it need knowledge the model lacks?",
        "Your documents, your customers, your catalogue.",
    ),
    FieldSpec(
        "knowledge_changes",
        FieldKind.FLAG,
        "Does that knowledge change often?",
        "Fresh facts belong in retrieval, not in weights.",
    ),
    FieldSpec(
        "needs_citation",
        FieldKind.FLAG,
        "Must answers name their source?",
        "Grounded answers need retrieval.",
    ),
    FieldSpec(
        "quality_gap",
        FieldKind.FLAG,
        "Is today's output not good enough?",
        "Then the ladder decides: better prompt, then retrieval, then training.",
    ),
    FieldSpec(
        "gap_cause",
        FieldKind.CHOICE,
        "If it is not good enough: why?",
        "Unclear instructions, missing knowledge, wrong style, or a special domain.",
        ("instructions", "knowledge", "style", "domain"),
    ),
    FieldSpec(
        "tried",
        FieldKind.CHOICES,
        "What has been tried and measured already?",
        "A rung of the ladder counts only when its result was measured.",
        ("prompt", "rag"),
    ),
    FieldSpec(
        "prompt_exhausted",
        FieldKind.FLAG,
        "Has prompting been taken as far as it goes?",
        "Structured output, few-shot examples, reasoning steps: all tried and measured.",
    ),
    FieldSpec(
        "task_simple",
        FieldKind.FLAG,
        "Is the task a simple one?",
        "One short instruction would do: extract a date, choose a word.",
    ),
    FieldSpec(
        "prompt_chain_steps",
        FieldKind.WHOLE,
        "How many model calls make one answer?",
        "1 for a single prompt; more where prompts are chained.",
        unit="model calls",
    ),
)

TASK_FIELDS_BY_NAME = {spec.name: spec for spec in TASK_FIELDS}
