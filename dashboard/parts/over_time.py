"""What happened over time, with price changes, flips and migrations drawn in; the evidence; the history of verdicts."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import frames, pieces, score_frames, time_charts, wording
from dashboard.loads import HISTORY_DAYS, Argument
from db.queries.prices import PriceChange
from offramp.actions.usage import UsageRow
from strategy.shown import exact


def charts_over_time(found: Argument) -> None:
    """Spend, calls, latency and errors on one time line, then the evidence on the same."""
    pieces.section(
        "Over time",
        f"The last {HISTORY_DAYS // 7} weeks. Short dashes: a price changed. Solid: the verdict flipped. "
        "Long dashes: a migration went live. Hover for which.",
    )
    frame = frames.daily(found.days)
    start = found.days[0].day if found.days else None
    happened = [*price_marks(found.price_changes), *frames.flip_marks(found.flips)]
    marks = frames.marks([*happened, *frames.migration_marks(found.migrations)], start)
    if frame.empty:
        pieces.empty(
            "No traffic has been seen.", "Send it by OpenTelemetry, or load a file of calls.", "offramp load calls.csv"
        )
    else:
        with st.grid(columns=2, min_column_width=380):
            _spend(found, frame, marks)
            pieces.chart(time_charts.calls(frame, marks), f"Calls per day, {int(frame['calls'].sum()):,} in all")
            _latency(found, frame, marks)
            failed = sum(row.errors for row in found.days) / max(1, sum(row.calls for row in found.days))
            alt = f"Errors per day, {wording.percent(failed)} of calls in all"
            pieces.chart(time_charts.errors(frame, marks), alt)
    _evidence(found, marks)


def _spend(found: Argument, frame: Any, marks: Any) -> None:  # noqa: ANN401 (frames, for drawing)
    if frame["usd"].isna().all():
        pieces.empty(
            "No spend can be told.", "No price is in force for its models: these calls are unpriced, not free."
        )
        return
    with st.container():
        alt = f"Spend per day with {wording.plural(len(marks), 'mark')} for price changes, flips and migrations"
        pieces.chart(time_charts.spend(frame, marks), alt)
        st.caption(wording.plain(spend_basis(found.days)))


def spend_basis(days: Sequence[UsageRow]) -> str:
    """Who says what these days cost: estimated here, with what senders reported beside it, and what has no price."""
    estimated, reported = (
        [cost for cost in costs if cost is not None]
        for costs in ((row.cost_usd for row in days), (row.reported_cost_usd for row in days))
    )
    told = f"Estimated from tokens and prices: {wording.usd(sum(estimated, Decimal(0)))}."
    if reported:
        calls = wording.plural(sum(row.reported_calls for row in days), "call")
        told += f" Reported by the senders, of {calls}: {wording.usd(sum(reported, Decimal(0)))}."
    unpriced = sum(row.unpriced_calls for row in days)
    return told + (f" {wording.plural(unpriced, 'call')} without a price in force are not in it." if unpriced else "")


def _latency(found: Argument, frame: Any, marks: Any) -> None:  # noqa: ANN401 (frames, for drawing)
    if frame["p95"].isna().all():
        pieces.empty("Latency is not known.", "The calls came without how long they took: add `latency_ms`.")
        return
    budget = ((found.head.document if found.head else {}).get("task") or {}).get("latency_budget_ms")
    told = f", within a budget of {budget:,} ms" if budget else ""
    middle = f"{frame['p95'].median():,.0f}"
    alt = f"Latency per day: the slowest twentieth waits {middle} ms or more on a middling day{told}"
    pieces.chart(time_charts.latency(frame, marks, None if budget is None else float(budget)), alt)


def _evidence(found: Argument, marks: Any) -> None:  # noqa: ANN401 (a frame, for drawing)
    pieces.section(
        "Evidence",
        "Eval scores; a bar is what a score may truly be (exact 95 % bounds on either side). "
        "Scores of different evaluators, versions or metrics are never joined.",
    )
    if not found.scores:
        pieces.empty(
            "No eval scores.",
            "Without a score of today's answers no move can be shown to be good enough.",
            "offramp load evals.csv",
        )
        return
    present = found.head.strategy if found.head else "prompt"
    floor = ((found.head.document if found.head else {}).get("quality") or {}).get("floor")
    frame = score_frames.scores(found.scores, present)
    broken = pd.DataFrame(score_frames.breaks(found.scores, present), columns=["at", "text"])
    sentence = score_frames.told(found.verdict or {})
    if sentence:
        st.markdown(wording.plain(sentence))
    alt = "Eval scores: " + "; ".join(
        f"{option} last {rows['score'].iloc[-1]:.3f}" for option, rows in frame.groupby("option", sort=False)
    )
    pieces.chart(time_charts.score(frame, None if floor is None else float(floor), marks, broken), alt)
    for each in broken.itertuples():
        st.caption(wording.plain(f"{each.at:%-d %b %Y}: the {each.text}; scores before it do not compare."))


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
        placeholder=wording.MISSING,
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
