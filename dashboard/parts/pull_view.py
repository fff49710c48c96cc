"""The sources that are pulled: each with a button that asks whether it can be read."""

import streamlit as st

from dashboard import pieces, source_loads, wording
from dashboard.source_writing import Asked, ask
from offramp.actions.failure import BadInput


def _told(done: object) -> None:
    """What a source answered when its button was pressed; nothing of any other button."""
    for finding in done.findings if isinstance(done, Asked) else ():
        if finding.ok:
            st.success(f"{wording.plain(finding.check)}: {wording.plain(finding.detail)}")
        else:
            pieces.failed(f"{finding.check} cannot be read.", finding.detail, finding.cure or "try again in a moment")


def pulled(url: str, done: object) -> None:
    """Each source with its button, what it answered to the last press, and where none is configured, how to."""
    pieces.section("Pulled sources", "The job collect asks them every hour. No key is ever shown.")
    found = source_loads.pulled()
    if isinstance(found, BadInput):
        problem = found.problems[0]
        pieces.failed("The sources file cannot be used.", problem.error, problem.cure or "correct it")
        return
    if not found:
        st.caption("None. A YAML file that `OFFRAMP_SOURCES` names says what to pull from (docs/collect.md, Pulling).")
        return
    _told(done)
    final = source_loads.final(url, found)
    for source in found:
        until = final.get(source.name)
        read = (
            f", days before {wording.long_day(until.date())} are final, later ones are read again"
            if until
            else ", not read yet"
        )
        with st.container(border=True), st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{wording.plain(source.name)}**", width=160)
            st.caption(wording.plain(f"{source.kind} {source.url}".strip() + read), width="stretch")
            st.button("Test connection", key=f"ask-{source.name}", on_click=ask, args=(source.name,))
