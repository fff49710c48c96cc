"""The archive of weekly letters, each as it was built."""

import streamlit as st

from dashboard import loads, pieces, selection
from dashboard.parts import delivery_view, job_view
from dashboard.selection import Param
from offramp.actions.failure import BadInput
from offramp.config import database_url
from reports.render import Format

_FILES: tuple[tuple[str, Format, str], ...] = (
    ("Markdown", "md", "text/markdown"),
    ("HTML", "html", "text/html"),
    ("JSON", "json", "application/json"),
)


def render() -> None:
    """Draw the letter of the week that the URL names, or the newest."""
    url = database_url()
    known = loads.headlines(url)
    wanted = selection.read().week
    pieces.title("Weekly report")
    job_view.outcome()
    if not known:
        pieces.empty(
            "No letter has been built yet.",
            "One is built every Monday by the scheduler. To build last week's now:",
            "offramp report --format md",
        )
        return
    week = wanted or next(iter(known))
    st.selectbox(
        "Week",
        list(known),
        index=None,
        placeholder="choose a week",
        format_func=lambda each: f"{each}: {known[each]}",
        **selection.widget(Param.WEEK, week if week in known else None),
    )
    try:
        page = loads.mail(url, week)
    except BadInput as problem:
        pieces.failed(f"{week[:40]!r} is no week.", problem.problems[0].error, "choose a week above.")
        return
    if page is None:
        pieces.empty(
            f"No letter was kept for {week}.",
            "Choose another week above, or build it:",
            f"offramp report --week {week}",
        )
        return
    with st.container(horizontal=True):
        for label, form, mime in _FILES:
            data = (loads.letter(url, week, form) or "").encode()
            st.download_button(
                f"Download {label}", data, file_name=f"offramp-{week}.{form}", mime=mime, on_click="ignore"
            )
    st.iframe(page, alt=f"The letter of {week} as the mail shows it: {known.get(week, '')}")
    delivery_view.deliveries(url, week)


if __name__ == "__main__":
    render()
