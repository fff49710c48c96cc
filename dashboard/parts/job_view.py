"""The jobs: how each stands, what a person may want of it, and the history of its runs."""

import streamlit as st

from dashboard import health_frames, pieces, selection, wording
from dashboard.job_writing import PAUSE, RESUME, RUN, Done, control
from dashboard.loads import Health
from dashboard.palette import BadgeColour
from offramp.actions.job_control import JobStanding

_COLOURS: dict[str, BadgeColour] = {"ok": "green", "failed": "red", "crashed": "red", "retrying": "orange"}


def outcome() -> None:
    """What the last press of a button did."""
    told(selection.take_outcome())


def told(done: object | None) -> None:
    """What a button did, where it was one about jobs, messages or settings."""
    if isinstance(done, Done):
        (st.success if done.ok else st.error)(wording.plain(done.said))


def jobs(found: Health, url: str) -> None:
    """What the schedulers did and will do."""
    pieces.section("Jobs", "Every run is a slot in the database, so that two schedulers run it once.")
    if not found.jobs:
        pieces.empty("No job has run.", "The scheduler runs with the server, or by itself:", "offramp worker")
    for run in found.jobs:
        if run.state == "crashed":
            pieces.failed(
                f"{run.job} of {wording.clock(run.slot)} crashed.",
                run.detail or "It left no message.",
                "the next tick takes it over.",
            )
    for standing in found.standings:
        _job(standing, found, url)
    if found.jobs:
        config = st.column_config
        frame = health_frames.job_table(found.jobs, found.read_at)
        columns = {"Slot": config.DatetimeColumn(format="D MMM YYYY HH:mm"), "Detail": config.TextColumn(width="large")}
        with st.expander(f"The last {wording.plural(len(found.jobs), 'run')}"):
            st.dataframe(
                frame,
                hide_index=True,
                placeholder=wording.MISSING,
                key="jobs",
                alt="Job history, newest first",
                column_config=columns,
            )


def _job(standing: JobStanding, found: Health, url: str) -> None:
    """One job in a line: its state, its last run, its next one, and the two buttons."""
    last, resting = standing.last, standing.wanted.paused_at is not None
    with st.container(border=True), st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{standing.name}**", width=90)
        state = "resting" if resting else last.state if last else "not yet"
        pieces.badge(state, _COLOURS.get(state, "gray"))
        st.caption(wording.plain(_words(standing, found)), width="stretch")
        # A container of their own keeps the two buttons side by side on a narrow page.
        with st.container(horizontal=True, width="content"):
            _buttons(standing, url, resting=resting)


def _buttons(standing: JobStanding, url: str, *, resting: bool) -> None:
    asked = standing.wanted.run_at is not None
    st.button(
        "Asked for" if asked else "Run now",
        key=f"run-{standing.name}",
        disabled=asked,
        on_click=control,
        args=(url, standing.name, RUN),
    )
    wish = RESUME if resting else PAUSE
    # Two buttons: a second click on the one must not be the first on the other.
    st.button(wish.capitalize(), key=f"{wish}-{standing.name}", on_click=control, args=(url, standing.name, wish))


def _words(standing: JobStanding, found: Health) -> str:
    last = standing.last
    parts = ["never ran"]
    if last is not None:
        ago, detail = wording.ago(last.started_at, found.read_at), f": {last.detail}" if last.detail else ""
        when = f"began {ago}" if last.lasted is None else f"{ago}, took {health_frames.lasted(last.lasted)}"
        parts = [f"{when}{detail}"]
    if standing.wanted.paused_at is None:
        parts.append(f"next {wording.clock(standing.next_at)}")
    else:
        parts.append(f"rests since {wording.clock(standing.wanted.paused_at)} ({standing.wanted.by})")
    return " · ".join(parts)
