"""Spend, calls and scores over time, with price changes and flips drawn in; the history of verdicts."""

from typing import Any

import streamlit as st

from dashboard import charts, frames, pieces, wording
from dashboard.loads import HISTORY_DAYS, Argument
from db.queries.prices import PriceChange
from strategy.shown import exact


def charts_over_time(found: Argument) -> None:
    """Three charts on one time line."""
    pieces.section(
        "Over time",
        f"The last {HISTORY_DAYS // 7} weeks. Dashed: a price changed. Solid: the verdict flipped. Hover for which.",
    )
    frame = frames.daily(found.days)
    start = found.days[0].day if found.days else None
    marks = frames.marks([*price_marks(found.price_changes), *frames.flip_marks(found.flips)], start)
    if frame.empty:
        pieces.empty(
            "No traffic has been seen.", "Send it by OpenTelemetry, or load a file of calls.", "offramp load calls.csv"
        )
    else:
        left, right = st.columns(2, gap="large")
        with left:
            _spend(found, frame, marks)
        with right:
            pieces.chart(charts.calls(frame, marks), f"Calls per day, {int(frame['calls'].sum()):,} in all")
    _scores(found, marks)


def _spend(found: Argument, frame: Any, marks: Any) -> None:  # noqa: ANN401 (frames, for drawing)
    if frame["usd"].isna().all():
        pieces.empty(
            "No spend can be told.", "No price is in force for its models: these calls are unpriced, not free."
        )
        return
    alt = f"Spend per day with {wording.plural(len(marks), 'mark')} for price changes and flips"
    pieces.chart(charts.spend(frame, marks), alt)
    unpriced = sum(row.unpriced_calls for row in found.days)
    if unpriced:
        st.caption(f"{wording.plural(unpriced, 'call')} without a price in force are not in it.")


def _scores(found: Argument, marks: Any) -> None:  # noqa: ANN401 (a frame, for drawing)
    if not found.scores:
        pieces.empty(
            "No eval scores.",
            "Without a score of today's answers no move can be shown to be good enough.",
            "offramp load evals.csv",
        )
        return
    floor = ((found.head.document if found.head else {}).get("quality") or {}).get("floor")
    frame = frames.scores(found.scores, found.head.strategy if found.head else "prompt")
    alt = "Eval scores: " + "; ".join(
        f"{strategy} last {rows['score'].iloc[-1]:.3f}" for strategy, rows in frame.groupby("strategy", sort=False)
    )
    pieces.chart(charts.score(frame, None if floor is None else float(floor), marks), alt)


def price_marks(changes: tuple[PriceChange, ...]) -> list[dict[str, Any]]:
    """The price changes as marks, one per model and instant; a model's first price changed nothing."""
    found: dict[Any, list[str]] = {}
    for change in changes:
        if change.old is not None:
            text = f"{change.kind.replace('_', ' ')} ${exact(change.old)} to ${exact(change.new)} per Mtok"
            found.setdefault((change.valid_from, change.model), []).append(text)
    return [frames.price_mark(at, f"{model}: {', '.join(texts)}") for (at, model), texts in found.items()]


def history(found: Argument) -> None:
    """Every change of verdict with its cause, newest first."""
    if not found.flips:
        return
    pieces.section("History of verdicts")
    config = st.column_config
    st.dataframe(
        frames.flip_table(found.flips),
        hide_index=True,
        key="history",
        alt="Changes of verdict, newest first",
        column_config={
            "When": config.DatetimeColumn(format="D MMM YYYY", width=110),
            "Verdict": config.TextColumn(width=220),
            "Before": config.TextColumn(width=90),
            "Saving": config.TextColumn("Saving, a month", alignment="right", width=120),
            "Cause": config.TextColumn(width="large"),
        },
    )
