"""Home: what should move, for what saving, how sure, since when; then what stands in the way of the rest."""

from collections.abc import Sequence

import streamlit as st

from dashboard import alert_choice, frames, loads, pieces, said, selection
from dashboard.parts import alert_actions, alert_list, begin
from dashboard.selection import Param
from db.queries.alerts import Alert
from offramp.config import database_url
from reports.blind import STALE_AFTER
from strategy.lifecycle import OPEN


def render() -> None:
    """Draw the page."""
    found = loads.portfolio(database_url())
    if not found.heads:
        pieces.title("Alerts")
        begin.how_to_begin(found.discovered)
        return
    waiting = [alert for alert in found.alerts if alert.state in OPEN]
    deadlines = [item.due_by for item in found.verdicts if item.due_by]
    pieces.title(said.standing(len(waiting), len(found.heads), frames.total_saving(waiting), deadlines))
    if found.heard_at is None or found.read_at - found.heard_at > STALE_AFTER:
        pieces.stale("No data has come in lately, so these verdicts rest on old facts.", found.heard_at, found.read_at)
    alert_list.figures(found, waiting)
    alert_actions.outcome(selection.take_outcome())
    if waiting or selection.read().state:
        _due(found, waiting)
    else:
        pieces.empty(
            "Nothing is due.", "Every feature is where it should be, or is listed below with what it waits for."
        )
    alert_list.in_the_way(found)
    alert_list.recently_closed(found)
    pieces.as_of(found.read_at)


def _due(found: loads.Portfolio, waiting: Sequence[Alert]) -> None:
    pieces.section("Should move", "Click a row for the whole argument.")
    chosen = selection.read()
    alert_list.filters(found.alerts, chosen)
    # What is decided or over is shown by its state; without one the page is about what waits for somebody.
    asked = found.alerts if chosen.state else waiting
    shown = alert_choice.ordered(
        [alert for alert in asked if alert_choice.matches(alert, chosen)], chosen.order, found.documents
    )
    if not shown:
        pieces.empty("No alert matches these filters.", f"{len(waiting)} are open without them.")
        st.button("Clear the filters", on_click=selection.clear_filters)
        return
    slug = alert_list.table(found, shown)
    if slug is not None:
        st.switch_page("views/feature.py", query_params={Param.FEATURE.value: slug})
    with st.container(horizontal=True, vertical_alignment="center"):
        if all(alert.state in OPEN for alert in shown):
            pieces.total_line(len(shown), len(waiting), frames.total_saving(shown))
        pieces.csv_button(frames.alert_csv(shown, found.documents), "offramp-alerts.csv")
    alert_actions.decide(shown, chosen.feature, database_url(), found.read_at.date())


if __name__ == "__main__":
    render()
