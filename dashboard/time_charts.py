"""What happened to one feature day by day, on one time line with price changes, flips and migrations drawn in.

Frames to charts. Knows no Streamlit; a mark's kind is told by its dash as well as its colour.
"""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.charts import Chart
from dashboard.palette import FLIP_MARK, LINE, MIGRATION_MARK, PRICE_MARK, STRATEGIES, STRATEGY_COLOURS

_STRATEGY_SCALE = alt.Scale(domain=list(STRATEGIES), range=[STRATEGY_COLOURS[name] for name in STRATEGIES])
KINDS = ("price changes", "verdict flips", "migrations")
_MARK_SCALE = alt.Scale(domain=list(KINDS), range=[PRICE_MARK, FLIP_MARK, MIGRATION_MARK])
_MARK_DASH = alt.Scale(domain=list(KINDS), range=[[4, 3], [1, 0], [8, 3]])
_USD_AXIS = "$.3~s"
_HEIGHT = 190
_HEADROOM = 1.2
_DAYS = alt.Axis(format="%-d %b", tickCount=6, grid=False)


def spend(frame: pd.DataFrame, found: pd.DataFrame) -> Chart:
    """USD a day."""
    return _over_time(frame, "usd", "USD a day", _USD_AXIS, found, "Spend per day")


def calls(frame: pd.DataFrame, found: pd.DataFrame) -> Chart:
    """Calls a day."""
    return _over_time(frame, "calls", "calls a day", ".3~s", found, "Calls per day")


def latency(frame: pd.DataFrame, found: pd.DataFrame, budget_ms: float | None) -> Chart:
    """The wait of the slowest twentieth per day, with the longest wait that users accept where it is known."""
    drawn = _over_time(frame.dropna(subset=["p95"]), "p95", "ms, 95th percentile", ".3~s", found, "Latency per day")
    if budget_ms is None:
        return drawn
    at = pd.DataFrame([{"p95": budget_ms, "text": f"budget {budget_ms:,.0f} ms"}])
    line = alt.Chart(at).mark_rule(strokeDash=[2, 3], color=LINE).encode(y="p95:Q")
    # A spot above both for its words: the line runs through the days where the wait is near it.
    head = alt.Chart(pd.DataFrame([{"p95": max(budget_ms, frame["p95"].max()) * _HEADROOM}])).mark_point(opacity=0)
    words = alt.Chart(at).mark_text(align="left", dy=-7, dx=3, color=LINE, fontWeight="bold")
    both: Chart = alt.layer(drawn, line, head.encode(y="p95:Q"), words.encode(y="p95:Q", x=alt.value(0), text="text:N"))
    return both.properties(height=_HEIGHT, description="Latency per day with its budget")


def errors(frame: pd.DataFrame, found: pd.DataFrame) -> Chart:
    """The share of calls that failed, per day."""
    return _over_time(frame, "failed", "calls that failed", ".1~%", found, "Errors per day", ".2%")


def _over_time(
    frame: pd.DataFrame, name: str, title: str, form: str, found: pd.DataFrame, description: str, tip: str = ",.2~f"
) -> Chart:
    area = (
        alt.Chart(frame)
        .mark_area(line={"color": LINE, "strokeWidth": 1.5}, color=LINE, opacity=0.25)
        .encode(
            x=alt.X("day:T", title=None, axis=_DAYS),
            y=alt.Y(f"{name}:Q", title=title, axis=alt.Axis(format=form, tickCount=4), scale=alt.Scale(zero=True)),
            tooltip=[
                alt.Tooltip("day:T", title="Day", format="%-d %b %Y"),
                alt.Tooltip(f"{name}:Q", title=title, format=tip),
            ],
        )
    )
    return alt.layer(area, _rules(found)).properties(height=_HEIGHT, description=description)


def _rules(found: pd.DataFrame) -> Chart:
    chart: Chart = (
        alt.Chart(found)
        .mark_rule(strokeWidth=2)
        .encode(
            x="at:T",
            color=alt.Color("kind:N", scale=_MARK_SCALE, legend=None),
            strokeDash=alt.StrokeDash("kind:N", scale=_MARK_DASH, legend=None),
            tooltip=[
                alt.Tooltip("at:T", title="When", format="%-d %b %Y"),
                alt.Tooltip("kind:N", title="What"),
                alt.Tooltip("what:N", title="Which"),
            ],
        )
    )
    return chart


def score(frame: pd.DataFrame, floor: float | None, found: pd.DataFrame, broken: pd.DataFrame) -> Chart:
    """Eval scores with their intervals, a line per option and evaluator version, and the floor that must hold.

    `broken` is where the evaluator changed: `at` and `text`.
    """
    layers: list[Any] = [*_scored(frame, _around(frame, floor)), _rules(found)]
    if floor is not None:
        at = pd.DataFrame([{"score": floor, "text": f"floor {floor:g}"}])
        layers.append(alt.Chart(at).mark_rule(strokeDash=[2, 3], color=LINE).encode(y="score:Q"))
        words = alt.Chart(at).mark_text(align="left", dy=9, dx=2, color=LINE)
        layers.append(words.encode(y="score:Q", x=alt.value(0), text="text:N"))
    if not broken.empty:
        layers.append(alt.Chart(broken).mark_rule(strokeDash=[1, 4], strokeWidth=2, color=LINE).encode(x="at:T"))
        words = alt.Chart(broken).mark_text(align="left", dx=4, baseline="top", color=LINE)
        layers.append(words.encode(x="at:T", y=alt.value(2), text="text:N"))
    chart: Chart = (
        alt.layer(*layers)
        .resolve_scale(color="independent", strokeDash="independent")
        .properties(height=_HEIGHT + 60, description="Eval scores over time, by option")
    )
    return chart


def _around(frame: pd.DataFrame, floor: float | None) -> list[float]:
    """The scores with their intervals and the floor, and some room."""
    ends = [*frame["score"], *frame["low"].dropna(), *frame["high"].dropna(), *([] if floor is None else [floor])]
    room = max((max(ends) - min(ends)) * 0.15, 0.01)
    return [min(ends) - room, max(ends) + room]


def _scored(frame: pd.DataFrame, domain: list[float]) -> list[Chart]:
    colour = alt.Color("strategy:N", scale=_STRATEGY_SCALE, legend=None)
    scale = alt.Scale(domain=domain, zero=False)
    y = alt.Y("score:Q", title="score", scale=scale, axis=alt.Axis(tickCount=4))
    base = alt.Chart(frame).encode(
        x=alt.X("at:T", title=None, axis=_DAYS),
        color=colour,
        detail="segment:N",
        tooltip=[
            alt.Tooltip("at:T", title="When", format="%-d %b %Y"),
            alt.Tooltip("option:N", title="Scored"),
            alt.Tooltip("metric:N", title="Metric"),
            alt.Tooltip("score:Q", title="Score", format=".4~f"),
            alt.Tooltip("low:Q", title="At least", format=".4~f"),
            alt.Tooltip("high:Q", title="At most", format=".4~f"),
            alt.Tooltip("n:Q", title="Items", format=",d"),
            alt.Tooltip("evaluator:N", title="Evaluator"),
        ],
    )
    line = base.mark_line(point=alt.OverlayMarkDef(size=55, filled=True), strokeWidth=1.5).encode(y=y)
    bars = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=3, opacity=0.35)
    last = frame.sort_values("at").groupby("option", as_index=False).last()
    names = alt.Chart(last).mark_text(align="right", dx=-6, dy=-11, fontWeight="bold")
    return [
        bars.encode(y=alt.Y("low:Q", title="score"), y2="high:Q"),
        line,
        names.encode(x="at:T", y=y, text="option:N", color=colour),
    ]
