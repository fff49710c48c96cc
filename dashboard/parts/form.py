"""The form of a feature, drawn from the fields' own questions."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import selection, wording
from dashboard.form_reading import FLAGS, SEPARATOR
from dashboard.palette import STRATEGIES
from strategy.fields import TASK_FIELDS_BY_NAME, FieldKind, FieldSpec
from strategy.profile import CostOverride

# The questions in five groups, in the order in which people can answer them.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "What it does",
        ("determinism", "input_space", "output_space", "share_deterministic", "code_share", "task_simple"),
    ),
    ("What it must hold", ("latency_budget_ms", "error_cost", "behaviour_locked", "needs_citation")),
    ("What you have", ("labelled_examples", "examples_diverse", "days_to_production")),
    ("What changes", ("change_frequency", "must_switch_models", "private_data", "knowledge_changes")),
    ("How good it is today", ("quality_gap", "gap_cause", "tried", "prompt_exhausted", "prompt_chain_steps")),
)
QUALITY = (
    ("metric", "Which metric?", "accuracy"),
    ("floor", "What is the least acceptable score?", "0.90"),
    ("margin", "How much loss is acceptable?", "0.02"),
)
COSTS = tuple(item.name for item in fields(CostOverride))


def draw(token: str, document: Mapping[str, Any], wrong: Mapping[str, str], *, slug_fixed: bool) -> None:
    """All fields, filled from a document; a field left alone is unknown. `wrong` is what to say below which field."""
    _who(token, document, wrong, slug_fixed=slug_fixed)
    task = document.get("task") or {}
    for title, names in GROUPS:
        bad = any(f"task.{name}" in wrong for name in names)
        with st.expander(title, expanded=bad or title == GROUPS[0][0]), st.grid(columns=2, min_column_width=280):
            for name in names:
                with st.container(gap="xsmall"):
                    _field(token, TASK_FIELDS_BY_NAME[name], task.get(name))
                    _note(wrong, f"task.{name}")
    quality = document.get("quality") or {}
    bad = any(f"quality.{name}" in wrong for name, _, _ in QUALITY)
    with st.expander("What quality must hold", expanded=bad), st.grid(columns=3, min_column_width=200):
        for name, label, example in QUALITY:
            _text(token, f"quality.{name}", label, quality.get(name), example, wrong)
    with st.expander("What you know of costs (else cited defaults are used)"):
        st.data_editor(
            cost_frame(document),
            key=selection.field_key(token, "costs"),
            hide_index=True,
            disabled=["strategy"],
            width="stretch",
        )
    with st.expander("How traffic finds it, besides an explicit feature name"):
        st.text_area(
            "One rule a line: attribute = value",
            "\n".join(f"{rule['attribute']} {SEPARATOR} {rule['equals']}" for rule in document.get("match") or ()),
            placeholder="service.name = support-api",
            key=selection.field_key(token, "match"),
        )
        for name in wrong:
            if name.startswith("match"):
                _note(wrong, name)


def _who(token: str, document: Mapping[str, Any], wrong: Mapping[str, str], *, slug_fixed: bool) -> None:
    with st.grid(columns=3, min_column_width=220):
        with st.container(gap="xsmall"):
            st.text_input(
                "Slug",
                document.get("slug") or "",
                disabled=slug_fixed,
                placeholder="ticket-triage",
                help="Its name in traffic and in links: a-z 0-9 . _ -",
                key=selection.field_key(token, "slug"),
            )
            _note(wrong, "slug")
        _text(token, "name", "Name", document.get("name"), "Ticket triage", wrong)
        _text(token, "owner", "Owner", document.get("owner"), "support-platform", wrong)
        st.selectbox(
            "What does it run on today?",
            STRATEGIES,
            index=STRATEGIES.index(document.get("strategy") or "prompt"),
            key=selection.field_key(token, "strategy"),
        )
        _text(token, "model", "Which model? (traffic tells, too)", document.get("model"), "openai/gpt-5.6-luna", wrong)
    st.text_area(
        "Exit note: at what volume is this too expensive, and what would its successor look like?",
        document.get("exit_note") or "",
        height=80,
        key=selection.field_key(token, "exit_note"),
    )
    _note(wrong, "exit_note")


def _text(token: str, name: str, label: str, value: object, example: str, wrong: Mapping[str, str]) -> None:
    text = "" if value is None else str(value)
    with st.container(gap="xsmall"):
        st.text_input(label, text, placeholder=example, key=selection.field_key(token, name))
        _note(wrong, name)


def _note(wrong: Mapping[str, str], name: str) -> None:
    if name in wrong:
        st.markdown(f":red[↑ {wording.plain(wrong[name])}]")


def _field(token: str, spec: FieldSpec, value: Any) -> None:  # noqa: ANN401 (one type per kind of field)
    key = selection.field_key(token, f"task.{spec.name}")
    match spec.kind:
        case FieldKind.CHOICE | FieldKind.FLAG:
            options = list(spec.allowed or FLAGS)
            shown = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
            index = options.index(shown) if shown in options else None
            st.selectbox(spec.question, options, index=index, placeholder="not known", key=key)
        case FieldKind.CHOICES:
            st.multiselect(spec.question, spec.allowed, list(value or ()), placeholder="nothing yet", key=key)
        case FieldKind.WHOLE | FieldKind.SHARE:
            text = "" if value is None else str(value)
            st.text_input(spec.question, text, placeholder=spec.unit or "a share, such as 0.2", key=key)
    st.caption(wording.plain(spec.help))


def cost_frame(document: Mapping[str, Any]) -> pd.DataFrame:
    """A row per strategy with the costs that the owner has stated."""
    known = document.get("costs") or {}
    rows = [
        {"strategy": name} | {cost: _float((known.get(name) or {}).get(cost)) for cost in COSTS} for name in STRATEGIES
    ]
    return pd.DataFrame(rows).astype(dict.fromkeys(COSTS, "float64"))


def _float(value: object) -> float | None:
    return None if value is None else float(str(value))


def question(field: str) -> str:
    """The question of a dotted field name, for an error beside it."""
    spec = TASK_FIELDS_BY_NAME.get(field.removeprefix("task."))
    return spec.question if spec else wording.words(field.replace(".", ": "))
