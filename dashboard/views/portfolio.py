"""Every feature on one map, how many run on each strategy, and what each strategy costs over time."""

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st

from dashboard import alert_loads, frames, loads, palette, pieces, portfolio_chart, portfolio_frames, wording
from dashboard.parts import begin, ending, portfolio_table
from offramp.actions.features import FeatureLine
from offramp.clock import now
from offramp.config import database_url
from offramp.policy import load_policy

_MOVED = 5
_MOST_PLACED, _MOST_READ, _MOST_NAMED = 500, 1_000, 30


def render() -> None:
    """Draw the page."""
    url = database_url()
    known = sorted(loads.feature_lines(url), key=lambda line: (-(line.cost_usd_28d or 0), line.slug))
    lines = [line for line in known if line.ended is None]
    pieces.title("Portfolio", portfolio_frames.sentence(lines) if lines else None)
    if not lines:
        begin.how_to_begin(())
        ending.listed(known)
        return
    _stages(lines)
    moved = portfolio_frames.moved(alert_loads.savings(url).migrations)
    told = "; ".join(moved[:_MOVED]) if moved else "nothing has changed its strategy yet"
    st.caption(wording.plain(f"What moved: {told}."))
    _map(lines)
    _spend(known)
    portfolio_table.table(lines)
    ending.listed(known)
    pieces.as_of(now())


def _stages(lines: Sequence[FeatureLine]) -> None:
    board = portfolio_frames.stages(lines)
    with st.grid(columns=len(board), min_column_width=150):
        for strategy, members in board.items():
            costs = [line.cost_usd_28d for line in members if line.cost_usd_28d is not None]
            # One line of a phone's width, or it is cut: what it leaves out is in the note.
            due = wording.moves(sum(line.should_move for line in members), 0)
            cost = wording.usd_short(sum(costs, Decimal(0))) if costs else "no cost known"
            below = cost if members else "no feature"
            pieces.figure(
                strategy,
                f"{len(members):,}",
                below=below + (f" · {due}" if due else ""),
                note=_note(members) if members else "No feature runs on it.",
            )


def _note(members: Sequence[FeatureLine]) -> str:
    dismissed = wording.moves(0, sum(line.dismissed for line in members))
    names = wording.some([line.name or line.slug for line in members], _MOST_NAMED)
    return f"{names}. The cost is of 28 days" + (f"; {dismissed}." if dismissed else ".")


def _map(lines: Sequence[FeatureLine]) -> None:
    frame = portfolio_frames.placed(lines[:_MOST_PLACED])
    pieces.section(
        "Map", "A ring marks what should move. Above a dashed line, a move to that strategy is back in half a year."
    )
    if frame.empty:
        pieces.empty("No feature has both calls and a price yet.", "The map needs traffic of the last 28 days.")
        return
    drawn = portfolio_chart.portfolio_map(frame, portfolio_frames.frontiers(frame, load_policy()))
    due = wording.some(list(frame[frame["due"]]["name"]), _MOST_NAMED) or "none"
    pieces.chart(
        drawn, f"{wording.plural(len(frame), 'feature')} by calls a month and cost per call. Should move: {due}."
    )
    missing = [line.name or line.slug for line in lines if not (line.calls_28d and line.cost_usd_28d)]
    told = f" Not on the map, for want of calls or of a price: {wording.some(missing, _MOST_NAMED)}." if missing else ""
    if len(lines) > _MOST_PLACED:
        told = f" The {_MOST_PLACED} dearest of {len(lines):,} features are on the map." + told
    st.caption(
        wording.plain(
            "The lines take each strategy's usual one-off and a target that costs nothing to run: what lies below one "
            "cannot pay in time, what lies above may." + told
        )
    )


@st.fragment
def _spend(lines: Sequence[FeatureLine]) -> None:
    strategies: dict[str | None, str] = {
        line.slug: palette.strategy_of(line.strategy) for line in lines if line.strategy
    }
    pieces.section("Spend by strategy", "By what each feature runs on today, over eight weeks.")
    # It reads each feature's days: with thousands of features nobody waits for it who did not ask.
    if len(lines) > _MOST_READ and not st.toggle(f"Add up the days of {len(lines):,} features"):
        return
    days = loads.feature_days(database_url())
    frame = portfolio_frames.spend_by_strategy(days, strategies)
    if frame.empty:
        pieces.empty("No spend is known.", "Calls come with the first file or span; prices are built in.")
        return
    total = wording.usd(frames.total_cost(days))
    pieces.chart(portfolio_chart.spend_over_time(frame), f"Spend per day by strategy, {total} in eight weeks.")


if __name__ == "__main__":
    render()
