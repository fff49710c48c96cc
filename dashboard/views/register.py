"""Register a feature or edit one: the seeds' questions with a live verdict beside them, or the same as YAML."""

import streamlit as st

from dashboard import loads, selection, wording
from dashboard.parts import editor, saved_view
from dashboard.writing import Outcome
from offramp.config import database_url


def render() -> None:
    """Draw the form, or what became of it."""
    url = database_url()
    slug = selection.read().feature or ""
    stored = loads.registered_document(url, slug) if slug else None
    outcome = selection.take_outcome()
    editor.heading(stored)
    if isinstance(outcome, Outcome) and outcome.saved:
        saved_view.saved(outcome, url)
        st.page_link("views/register.py", label="Register another")
        # The next form is a new one: its fields and its token must not be the ones that were just saved.
        selection.new_form()
        return
    if isinstance(outcome, Outcome):
        saved_view.problems(outcome)
    if slug and not stored:
        st.caption(f"Traffic names {wording.plain(slug)} already; the rest is yours to say.")
    editor.editor(url, slug, stored, saved_view.wrong_fields(outcome))


if __name__ == "__main__":
    render()
