"""What became of a submitted profile: what was saved and where its verdict is, or every wrong field with its cure."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import loads, pieces, said, wording
from dashboard.parts import form
from dashboard.selection import Param
from dashboard.writing import Outcome

_CHANGES = {"created": "registered", "updated": "updated", "unchanged": "as it was: nothing changed"}
_MOST_MISSING = 3


def saved(outcome: Outcome, url: str | None = None) -> None:
    """What was saved and whether it was judged; with a database its verdict and a link, for pages that lack both."""
    for item in outcome.saved:
        moved = f": {', '.join(item.fields)}" if item.change == "updated" and item.fields else ""
        st.success(
            f"**{wording.plain(item.slug)}** is {_CHANGES.get(item.change, item.change)}{wording.plain(moved)}.",
            icon=":material/check_circle:",
        )
        if url is None:
            continue
        _verdict(loads.argument(url, item.slug).verdict)
        st.page_link(
            "views/feature.py",
            label=f"See the verdict of {wording.plain(item.slug)}",
            query_params={Param.FEATURE.value: item.slug},
        )
    if outcome.unjudged is None:
        st.caption("It was judged on what is known now.")
    else:
        pieces.failed(
            "It was saved, but not judged.", outcome.unjudged, "run `offramp review`, or wait for the next one."
        )


def _verdict(document: Mapping[str, Any] | None) -> None:
    if document is None:
        return
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            pieces.verdict_badge(str(document["verdict"]), document.get("code"))
            pieces.badge(said.way(document))
        st.markdown(f"#### {wording.plain(said.headline(document))}", anchors=False)
        missing = [str(item) for item in document.get("missing") or ()][:_MOST_MISSING]
        if missing:
            st.caption(wording.plain("What is missing: " + "; ".join(missing)))


def problems(outcome: Outcome) -> None:
    """Every wrong field with its cure; where a slug is taken, the way to the one that is there."""
    number = len(outcome.problems)
    lines = []
    for problem in outcome.problems:
        place = "" if not problem.field else f"**{wording.plain(form.question(problem.field))}** (`{problem.field}`): "
        cure = f" → {wording.plain(problem.cure)}" if problem.cure else ""
        row = f"line or row {problem.row}, " if problem.row and not problem.field else ""
        lines.append(f"- {place}{row}{wording.plain(problem.error)}{cure}")
    head = f"**Nothing was saved: {wording.plural(number, 'field is', 'fields are')} wrong.**"
    st.error("\n".join([head, "", *lines]), icon=":material/error:")
    if outcome.taken:
        query = {Param.FEATURE.value: outcome.taken}
        st.page_link("views/register.py", label=f"Edit {wording.plain(outcome.taken)}", query_params=query)
        st.page_link("views/feature.py", label=f"See {wording.plain(outcome.taken)}", query_params=query)


def wrong_fields(outcome: object | None) -> dict[str, str]:
    """What to say below which field."""
    if not isinstance(outcome, Outcome):
        return {}
    return {item.field: f"{item.error}; {item.cure}" for item in outcome.problems if item.field}
