"""Tasks that everybody knows, to start a form from: five profiles whose answers differ where the strategies do."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import selection

_LABEL = {
    "determinism": "mostly",
    "input_space": "open",
    "output_space": "label",
    "error_cost": "medium",
    "labelled_examples": 1200,
    "examples_diverse": True,
    "change_frequency": "low",
}
EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "Sort tickets into queues": {"slug": "ticket-triage", "task": _LABEL},
    "Check an address": {
        "slug": "address-check",
        "task": {
            "determinism": "yes",
            "input_space": "structured",
            "output_space": "exact",
            "error_cost": "medium",
            "share_deterministic": "0.9",
        },
    },
    "Answer from our documents": {
        "slug": "help-answers",
        "task": {
            "determinism": "no",
            "input_space": "open",
            "output_space": "free",
            "private_data": True,
            "knowledge_changes": True,
            "needs_citation": True,
        },
    },
    "Read a form, free text included": {
        "slug": "form-intake",
        "task": {
            "determinism": "partially",
            "input_space": "structured+open",
            "output_space": "structured",
            "share_deterministic": "0.6",
            "code_share": "0.7",
        },
    },
    "Write a draft": {
        "slug": "reply-draft",
        "task": {
            "determinism": "no",
            "input_space": "open",
            "output_space": "free",
            "error_cost": "low",
            "change_frequency": "high",
        },
    },
}


def pick(about: str) -> None:
    """A button for each example; a click fills the form with it."""
    st.caption("Answer what you know, in any order, or start from a task like yours:")
    with st.container(horizontal=True, gap="small"):
        for name, document in EXAMPLES.items():
            st.button(name, key=f"example-{document['slug']}", on_click=selection.fill_form, args=(about, document))
