"""The table of the Portfolio page: every feature, a page at a time."""

from collections.abc import Sequence

import streamlit as st

from dashboard import palette, pieces, portfolio_frames, selection, wording
from dashboard.selection import Param
from offramp.actions.features import FeatureLine

_ROWS = 50


def table(lines: Sequence[FeatureLine]) -> None:
    """The features as they come, with a file of them all; a click opens one."""
    pieces.section("All features", "Of the last 28 days, the dearest first. Click a row for the whole argument.")
    page = selection.read().page
    shown = lines[(page - 1) * _ROWS : page * _ROWS]
    config = st.column_config
    colours = [palette.STRATEGY_COLOURS[name] for name in palette.STRATEGIES]
    state = st.dataframe(
        portfolio_frames.table(shown),
        hide_index=True,
        placeholder=wording.MISSING,
        on_select="rerun",
        selection_mode="single-cell",
        key="portfolio",
        alt="All features with strategy, verdict, cost, calls and owner",
        column_config={
            "Runs on": config.MultiselectColumn(options=palette.STRATEGIES, color=colours, width=95),
            "Cost": config.NumberColumn("Cost $", format="dollar"),
            "Calls": config.NumberColumn(format="localized"),
            "Per call": config.NumberColumn("$ per call", format="$%.6f"),
        },
    )
    cells = state["selection"]["cells"]
    if cells:
        st.switch_page("views/feature.py", query_params={Param.FEATURE.value: shown[cells[0][0]].slug})
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.pager(Param.PAGE, page, len(lines), _ROWS)
        pieces.csv_button(lambda: portfolio_frames.as_csv(lines), "offramp-portfolio.csv")
