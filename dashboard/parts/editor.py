"""The form of a feature with the verdict beside it, judged again at every answer; the same as YAML, both ways.

Only this part of the page runs again while somebody answers. Nothing is written before the button is pressed.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st
import yaml

from dashboard import form_reading, pieces, selection, trial_loads
from dashboard.parts import examples, form, live_verdict
from dashboard.writing import submit_form, submit_yaml
from offramp.actions.failure import BadInput, Problem
from offramp.actions.register import read_yaml
from offramp.actions.resemblance import cautions
from strategy.parse import parse_feature

YAML = "yaml"
_SAMPLE = "features:\n  - slug: ticket-triage\n    owner: support-platform\n    task: {output_space: label}\n"


@st.fragment
def editor(url: str, slug: str, stored: Mapping[str, Any] | None, wrong: Mapping[str, str]) -> None:
    """The questions, and what the answers would mean. `stored` is the document being edited, None for a new feature."""
    if selection.has_outcome():
        # What a button did is told at the top of the page, which is not within this part.
        st.rerun()
    token = selection.form_token(slug)
    document = selection.filled_from(token) or stored or live_verdict.prefilled(url, slug)
    left, right = st.columns([3, 2], gap="large")
    with left:
        by_form, by_yaml = st.tabs(["Questions", "The same as YAML"])
        with by_form:
            if not slug and not stored:
                examples.pick(slug)
            form.draw(token, document, wrong, slug_fixed=stored is not None)
            st.button(
                "Save and judge",
                type="primary",
                key=selection.field_key(token, "save"),
                on_click=submit_form,
                args=(url, token, document),
                kwargs={"editing": stored is not None},
            )
        profile = form_reading.read(_values(token, stored), document)
        with by_yaml:
            _yaml(url, token, slug, profile, document)
    with right:
        named = slug or str(profile.get("slug") or "")
        found = trial_loads.trial(url, named, profile)
        look = cautions(profile, trial_loads.there(url), editing=stored is not None)
        live_verdict.card(found, trial_loads.facts(url, named), profile, stored)
        live_verdict.look_at([each for each in found.problems if each.field not in wrong], look)


def _values(token: str, stored: Mapping[str, Any] | None) -> dict[str, Any]:
    return dict(selection.field_values(token)) | ({} if stored is None else {"slug": stored["slug"]})


def _yaml(url: str, token: str, slug: str, profile: Mapping[str, Any], document: Mapping[str, Any]) -> None:
    """The answers as text, following them; and a box for a text that the questions, or the register, are to follow.

    They are two on purpose: a box that is rewritten at every answer may send an older text back after a newer answer.
    """
    st.caption("What the answers say, as `offramp register` reads it:")
    pieces.code(_dumped(profile) or _SAMPLE)
    st.text_area(
        "Change it here, or paste one; slugs that are known are updated",
        _dumped(document),
        height=300,
        placeholder=_SAMPLE,
        key=selection.field_key(token, YAML),
    )
    problem = _wrong_yaml(str(selection.field_values(token).get(YAML) or ""))
    if problem is not None:
        st.caption(f"The questions cannot follow it yet: {problem.sentence()}.")
    with st.container(horizontal=True):
        st.button("Fill the questions from it", on_click=_from_yaml, args=(token, slug), disabled=problem is not None)
        st.button("Save and judge the YAML", on_click=submit_yaml, args=(url, token, YAML))


def _dumped(document: Mapping[str, Any]) -> str:
    return yaml.safe_dump({"features": [dict(document)]}, sort_keys=False, allow_unicode=True) if document else ""


def _from_yaml(token: str, slug: str) -> None:
    """Fill the questions from the text, where it is one whole feature."""
    text = str(selection.field_values(token).get(YAML) or "")
    if text.strip() and _wrong_yaml(text) is None:
        selection.fill_form(slug, read_yaml(text)[0])


def _wrong_yaml(text: str) -> Problem | None:
    """Why the questions cannot show this text; None where they can, or where there is none."""
    if not text.strip():
        return None
    try:
        documents = read_yaml(text)
    except BadInput as problem:
        return problem.problems[0]
    if len(documents) != 1:
        return Problem(error="they ask about one feature at a time, and the text holds several")
    _, errors = parse_feature({"slug": "described", **documents[0]})
    return Problem(error=errors[0].error, field=errors[0].field, cure=errors[0].cure) if errors else None


def heading(stored: Mapping[str, Any] | None) -> None:
    """What the form is for."""
    pieces.title(f"Edit {stored.get('name') or stored['slug']}" if stored else "Register a feature")
    st.markdown(
        "Everything but the slug may stay empty: what is not known is *unknown*, and a verdict that needs it says so."
    )
