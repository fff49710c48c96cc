"""Home: what should move, for what saving, how sure, since when; then what stands in the way of the rest."""

import streamlit as st

from dashboard import alert_choice, home_loads, pieces, said, selection
from dashboard.parts import alert_actions, alert_list, begin
from dashboard.selection import Param
from offramp.config import database_url
from reports.blind import STALE_AFTER
from strategy.lifecycle import OPEN

LISTS = ("Should move", "What stands in the way", "Recently closed")


def render() -> None:
    """Draw the page."""
    found = home_loads.home(database_url())
    if not found.standing.features:
        pieces.title("Alerts")
        begin.how_to_begin(found.discovered)
        return
    pieces.title(said.standing(found.waiting, found.standing))
    if found.heard_at is None or found.read_at - found.heard_at > STALE_AFTER:
        pieces.stale("No data has come in lately, so these verdicts rest on old facts.", found.heard_at, found.read_at)
    alert_list.figures(found)
    alert_actions.outcome(selection.take_outcome())
    _lists(found)
    pieces.as_of(found.read_at)


def _lists(found: home_loads.Home) -> None:
    # What is not looked at is not read, sent or drawn. No fragment: a restarted server knows none of the pages that are
    # still open, and would leave the list empty.
    due, waiting, over = st.tabs(LISTS, **selection.tabs(Param.LIST))
    with due:
        if due.open:
            _due(found)
    with waiting:
        if waiting.open:
            alert_list.in_the_way(found.standing)
    with over:
        if over.open:
            alert_list.recently_closed(found.read_at)


def _due(found: home_loads.Home) -> None:
    chosen = selection.read()
    if not found.waiting.count and not chosen.state:
        pieces.empty("Nothing is due.", "Every feature is where it should be, or waits for what stands in its way.")
        return
    alert_list.filters(found.choices, chosen)
    wanted = alert_choice.wanted(chosen)
    listed = home_loads.alert_list(database_url(), wanted, alert_choice.order_of(chosen), chosen.page)
    if not listed.alerts:
        pieces.empty("No alert matches these filters.", f"{found.waiting.count} are open without them.")
        return
    slug = alert_list.table(listed)
    if slug is not None:
        st.switch_page("views/feature.py", query_params={Param.FEATURE.value: slug})
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.pager(Param.PAGE, chosen.page, listed.sum.count, home_loads.ROWS)
        if set(wanted.states or ()) <= set(OPEN):
            pieces.total_line(listed.sum.count, found.waiting.count, listed.sum.saving_usd_month)
        st.caption("A row opens its whole argument; in a narrow window scroll sideways.", width="content")
        alert_list.csv_button(wanted, alert_choice.order_of(chosen))
        alert_actions.choose(listed.alerts, chosen.feature)
    alert_actions.decide(listed.alerts, chosen.feature, database_url(), found.read_at.date())


if __name__ == "__main__":
    render()
