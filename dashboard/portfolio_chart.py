"""The charts of the Portfolio page. Knows no Streamlit; colour never says something alone."""

import altair as alt
import pandas as pd

from dashboard import map_labels
from dashboard.charts import Chart
from dashboard.palette import FLIP_MARK, LINE, STRATEGIES, STRATEGY_COLOURS

_NAMES = (*STRATEGIES, "not registered")
_COLOURS = [*(STRATEGY_COLOURS[name] for name in STRATEGIES), LINE]
_SHAPES = ["square", "diamond", "triangle-up", "triangle-right", "circle", "cross"]
_SCALE = alt.Scale(domain=list(_NAMES), range=_COLOURS)
_SHAPE = alt.Scale(domain=list(_NAMES), range=_SHAPES)
# Legend and axis are within these.
_HEIGHT, _SPEND_HEIGHT = 560, 260
_LEAST_DAYS = pd.Timedelta(days=27)


def portfolio_map(frame: pd.DataFrame, frontiers: pd.DataFrame) -> Chart:
    """Monthly calls against cost per call; each strategy its colour and shape, a ring around what is due."""
    x = alt.X(
        "calls:Q",
        title="calls a month",
        scale=_log(frame["calls"]),
        axis=alt.Axis(format=".2~s", tickCount=5, grid=False),
    )
    y = alt.Y(
        "usd_per_call:Q",
        title="USD per call",
        scale=_log(frame["usd_per_call"]),
        axis=alt.Axis(format="$.1~g", tickCount=5, grid=False),
    )
    tips = [
        alt.Tooltip("name:N", title="Feature"),
        alt.Tooltip("strategy:N", title="Runs on"),
        alt.Tooltip("verdict:N", title="Verdict"),
        alt.Tooltip("calls:Q", title="Calls a month", format=",.0f"),
        alt.Tooltip("usd_per_call:Q", title="USD per call", format="$.3~g"),
        alt.Tooltip("usd:Q", title="USD a month", format="$,.2f"),
        alt.Tooltip("owner:N", title="Owner"),
    ]
    dots = alt.Chart(frame).encode(x=x, y=y, tooltip=tips)
    points = dots.mark_point(filled=True, size=130, opacity=0.95).encode(
        color=alt.Color("strategy:N", scale=_SCALE, legend=_legend()),
        shape=alt.Shape("strategy:N", scale=_SHAPE, legend=_legend()),
    )
    rings = (
        alt.Chart(frame[frame["due"]])
        .mark_point(shape="circle", size=420, filled=False, color=FLIP_MARK, strokeWidth=2.2)
        .encode(x=x, y=y, tooltip=tips)
    )
    layers: list[Chart] = [*_frontiers(frontiers, x, y), rings, points]
    layers += _names(map_labels.placed(frame), x, y)
    return alt.layer(*layers).properties(height=_HEIGHT, description="Every feature by calls a month and cost per call")


def spend_over_time(frame: pd.DataFrame) -> Chart:
    """USD a day, a bar for each, stacked by the strategy that features run on today; the legend names those drawn."""
    present = [name for name in _NAMES if name in set(frame["strategy"])]
    last = frame["day"].max()
    # The bars of few days stay bars: less than four weeks are drawn as four.
    days = [min(frame["day"].min(), last - _LEAST_DAYS), last + pd.Timedelta(days=1)]
    scale = alt.Scale(domain=present, range=[_COLOURS[_NAMES.index(name)] for name in present])
    chart: Chart = (
        alt.Chart(frame)
        .mark_bar(opacity=0.85)
        .encode(
            x=alt.X(
                "yearmonthdate(day):T",
                title=None,
                scale=alt.Scale(domain=[day.to_pydatetime() for day in days]),
                axis=alt.Axis(format="%-d %b", tickCount=6, grid=False),
            ),
            y=alt.Y("usd:Q", stack="zero", title="USD a day", axis=alt.Axis(format="$.3~s", tickCount=4)),
            color=alt.Color("strategy:N", scale=scale, legend=_legend()),
            order=alt.Order("strategy:N"),
            tooltip=[
                alt.Tooltip("day:T", title="Day", format="%-d %b %Y"),
                alt.Tooltip("strategy:N", title="Runs on"),
                alt.Tooltip("usd:Q", title="USD", format="$,.2f"),
            ],
        )
        .properties(height=_SPEND_HEIGHT, description="Spend per day by strategy")
    )
    return chart


def _names(labels: pd.DataFrame, x: alt.X, y: alt.Y) -> list[Chart]:
    """The names, a layer for each side of its point on which some stand."""
    return [
        alt.Chart(found)
        .mark_text(**map_labels.SIDES[str(side)], fontSize=map_labels.FONT, fontWeight="bold", color=LINE)
        .encode(x=x, y=y, text="label:N")
        for side, found in labels.groupby("side")
    ]


def _legend() -> alt.Legend:
    return alt.Legend(title=None, orient="bottom", columns=3)


def _log(values: pd.Series) -> alt.Scale:
    return alt.Scale(type="log", domain=[values.min() / map_labels.ROOM, values.max() * map_labels.ROOM], nice=False)


def _frontiers(frame: pd.DataFrame, x: alt.X, y: alt.Y) -> list[Chart]:
    lines = alt.Chart(frame).mark_line(strokeDash=[5, 4], strokeWidth=1.2, color=LINE, opacity=0.7, clip=True)
    ends = frame.sort_values("calls").groupby("target", as_index=False).last()
    names = alt.Chart(ends).mark_text(align="right", dx=-4, dy=10, fontSize=11, fontStyle="italic", color=LINE)
    detail = alt.Detail("target:N")
    return [lines.encode(x=x, y=y, detail=detail), names.encode(x=x, y=y, text="target:N")]
