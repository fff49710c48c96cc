"""The task profile of a feature: what its owner has said, and the form that shows what another answer would do."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import argument_frames, pieces, selection, wording
from dashboard.parts import editor, saved_view
from dashboard.writing import Outcome
from db.queries.features import FeatureHead


def told(outcome: object | None) -> None:
    """What became of an edit made on this page; nothing where there was none."""
    if not isinstance(outcome, Outcome):
        return
    if outcome.saved:
        saved_view.saved(outcome)
        selection.new_form()
    else:
        saved_view.problems(outcome)


def profile(head: FeatureHead, url: str, outcome: object | None) -> None:
    """Every question with its answer and source, the exit note, and the form."""
    pieces.section(
        "Profile", "What its owner has said of the task. What nobody has said is unknown, and never guessed."
    )
    frame = argument_frames.profile(head.document)
    known = int((frame["Source"] != wording.UNKNOWN).sum())
    st.caption(f"{known} of {len(frame)} questions answered.")
    with st.expander("Every question with its answer"):
        st.dataframe(
            frame,
            hide_index=True,
            placeholder=wording.MISSING,
            height="content",
            key="profile",
            alt="The task profile with its unknowns",
        )
    note = head.document.get("exit_note")
    st.markdown(f"**Exit note.** {wording.plain(note) if note else 'None yet: at what volume is this too expensive?'}")
    _edit(url, head.slug, head.document, saved_view.wrong_fields(outcome))


@st.fragment
def _edit(url: str, slug: str, stored: Mapping[str, Any], wrong: Mapping[str, str]) -> None:
    if st.toggle("Edit, and see what a change would do to the verdict", value=bool(wrong), key="edit"):
        editor.editor(url, slug, stored, wrong)
