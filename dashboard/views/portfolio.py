"""Every feature on one map, how many run on each strategy, and what each strategy costs over time."""

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st

from dashboard import alert_loads, frames, loads, palette, pieces, portfolio_chart, portfolio_frames, wording
from dashboard.parts import begin
from dashboard.selection import Param
from offramp.actions.features import FeatureLine
from offramp.config import database_url
from offramp.policy import load_policy

_MOVED = 5


def render() -> None:
    """Draw the page."""
    url = database_url()
    lines = sorted(loads.feature_lines(url), key=lambda line: (-(line.cost_usd_28d or 0), line.slug))
    found = loads.portfolio(url)
    pieces.title("Portfolio", portfolio_frames.sentence(lines) if lines else None)
    if not lines:
        begin.how_to_begin(found.discovered)
        return
    _stages(lines)
    moved = portfolio_frames.moved(alert_loads.savings(url).migrations)
    told = "; ".join(moved[:_MOVED]) if moved else "nothing has changed its strategy yet"
    st.caption(wording.plain(f"What moved: {told}."))
    _map(lines)
    _spend(found, lines)
    _table(lines)
    pieces.as_of(found.read_at)


def _stages(lines: Sequence[FeatureLine]) -> None:
    board = portfolio_frames.stages(lines)
    with st.grid(columns=len(board), min_column_width=150):
        for strategy, members in board.items():
            costs = [line.cost_usd_28d for line in members if line.cost_usd_28d is not None]
            due = sum(1 for line in members if line.verdict == "due")
            cost = f"{wording.usd_short(sum(costs, Decimal(0)))} in 28 days" if costs else "no cost known"
            below = cost if members else "no feature"
            pieces.figure(
                strategy,
                str(len(members)),
                below=below + (f" · {due} due" if due else ""),
                note=", ".join(line.name or line.slug for line in members) or "No feature runs on it.",
            )


def _map(lines: Sequence[FeatureLine]) -> None:
    frame = portfolio_frames.placed(lines)
    pieces.section(
        "Map", "A ring marks what is due. Above a dashed line, a move to that strategy is back in half a year."
    )
    if frame.empty:
        pieces.empty("No feature has both calls and a price yet.", "The map needs traffic of the last 28 days.")
        return
    drawn = portfolio_chart.portfolio_map(frame, portfolio_frames.frontiers(frame, load_policy()))
    due = ", ".join(frame[frame["due"]]["name"]) or "none"
    pieces.chart(drawn, f"{len(frame)} features by calls a month and cost per call. Due: {due}.")
    missing = [line.name or line.slug for line in lines if not (line.calls_28d and line.cost_usd_28d)]
    told = f" Not on the map, for want of calls or of a price: {', '.join(missing)}." if missing else ""
    st.caption(
        wording.plain(
            "The lines take each strategy's usual one-off and a target that costs nothing to run: what lies below one "
            "cannot pay in time, what lies above may." + told
        )
    )


def _spend(found: loads.Portfolio, lines: Sequence[FeatureLine]) -> None:
    strategies: dict[str | None, str] = {
        line.slug: palette.strategy_of(line.strategy) for line in lines if line.strategy
    }
    frame = portfolio_frames.spend_by_strategy(found.days, strategies)
    pieces.section("Spend by strategy", "By what each feature runs on today, over eight weeks.")
    if frame.empty:
        pieces.empty("No spend is known.", "Calls come with the first file or span; prices are built in.")
        return
    total = wording.usd(frames.total_cost(found.days))
    pieces.chart(portfolio_chart.spend_over_time(frame), f"Spend per day by strategy, {total} in eight weeks.")


def _table(lines: Sequence[FeatureLine]) -> None:
    pieces.section("All features", "Of the last 28 days, the dearest first. Click a row for the whole argument.")
    config = st.column_config
    colours = [palette.STRATEGY_COLOURS[name] for name in palette.STRATEGIES]
    state = st.dataframe(
        portfolio_frames.table(lines),
        hide_index=True,
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
        st.switch_page("views/feature.py", query_params={Param.FEATURE.value: lines[cells[0][0]].slug})
    pieces.csv_button(portfolio_frames.as_csv(lines), "offramp-portfolio.csv")


if __name__ == "__main__":
    render()
