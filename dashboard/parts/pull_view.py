"""The sources that are pulled: each with a button that asks whether it can be read."""

import streamlit as st

from dashboard import health_frames, pieces, source_loads, wording
from dashboard.loads import Health
from dashboard.source_writing import Asked, ask
from offramp.actions.failure import BadInput


def _told(done: object) -> None:
    """What a source answered when its button was pressed; nothing of any other button."""
    for finding in done.findings if isinstance(done, Asked) else ():
        if finding.ok:
            st.success(f"{wording.plain(finding.check)}: {wording.plain(finding.detail)}")
        else:
            pieces.failed(f"{finding.check} cannot be read.", finding.detail, finding.cure or "try again in a moment")


def pulled(url: str, done: object, found: Health) -> None:
    """Each source with its button, what it answered to the last press, and where none is configured, how to."""
    pieces.section("Pulled sources", "The job collect asks them every hour. No key is ever shown.")
    configured = source_loads.pulled()
    if isinstance(configured, BadInput):
        problem = configured.problems[0]
        pieces.failed("The sources file cannot be used.", problem.error, problem.cure or "correct it")
        return
    if not configured:
        st.caption("None. A YAML file that `OFFRAMP_SOURCES` names says what to pull from (docs/collect.md, Pulling).")
        return
    _told(done)
    final, last = source_loads.final(url, configured), health_frames.last_runs(found.runs)
    for source in configured:
        until, run = final.get(source.name), last.get(source.label)
        read = (
            f", days before {wording.long_day(until.date())} are final, later ones are read again"
            if until
            else ", not read yet"
        )
        if run and run.outcome == "failed":
            read += f"; the last run failed {wording.ago(run.started_at, found.read_at)}"
        with st.container(border=True), st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{wording.plain(source.name)}**", width=160)
            st.caption(wording.plain(f"{source.kind} {source.url}".strip() + read), width="stretch")
            st.button("Test connection", key=f"ask-{source.name}", on_click=ask, args=(source.name,))
