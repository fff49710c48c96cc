"""Frames to charts. Knows no Streamlit; every chart has a description, and colour never says something alone."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.palette import (
    FIT_COLOURS,
    FIT_INK,
    FIT_SYMBOLS,
    FLIP_MARK,
    INTAKE_COLOURS,
    LINE,
    PRICE_MARK,
    STRATEGIES,
    STRATEGY_COLOURS,
)

Chart = alt.Chart | alt.LayerChart | alt.FacetChart

_STRATEGY_SCALE = alt.Scale(domain=list(STRATEGIES), range=[STRATEGY_COLOURS[name] for name in STRATEGIES])
_USD = "$,.2~f"
_USD_AXIS = "$.3~s"
_ROW, _TIME_HEIGHT = 44, 190
_RANGE_SHOWN = 3


def matrix_heatmap(frame: pd.DataFrame, now: str | None, target: str | None) -> Chart:
    """Properties down, strategies across; fit by colour and by sign. `now` and `target` are named in the heads."""
    heads = {name: name + ("|now" if name == now else "|target" if name == target else "|") for name in STRATEGIES}
    drawn = frame.assign(head=frame["strategy"].map(heads), sign=frame["fit"].map(FIT_SYMBOLS))
    fits = list(FIT_COLOURS)
    base = alt.Chart(drawn).encode(
        x=alt.X(
            "head:N",
            sort=list(heads.values()),
            title=None,
            axis=alt.Axis(
                orient="top",
                labelAngle=0,
                labelExpr="split(datum.label, '|')",
                labelFontWeight="bold",
                # On a phone five bold names stand side by side only if they are smaller.
                labelFontSize=alt.expr("width < 230 ? 9 : 11"),
                labelOverlap=False,
            ),
        ),
        y=alt.Y(
            "label:N",
            sort=alt.SortField("place"),
            title=None,
            axis=_two_lines(260),
        ),
        tooltip=[
            alt.Tooltip("property:N", title="Property"),
            alt.Tooltip("value:N", title="Value"),
            alt.Tooltip("strategy:N", title="Strategy"),
            alt.Tooltip("fit:N", title="Fits"),
        ],
    )
    cells = base.mark_rect(cornerRadius=5, width={"band": 0.95}, height={"band": 0.88}).encode(
        color=alt.Color("fit:N", scale=alt.Scale(domain=fits, range=[FIT_COLOURS[fit] for fit in fits]), legend=None)
    )
    signs = base.mark_text(fontSize=16, fontWeight="bold").encode(
        text="sign:N",
        color=alt.Color("fit:N", scale=alt.Scale(domain=fits, range=[FIT_INK[fit] for fit in fits]), legend=None),
    )
    rows = max(1, frame["label"].nunique())
    chart: Chart = (
        alt.layer(cells, signs)
        .resolve_scale(color="independent")
        .properties(height=_ROW * rows, description="How well each strategy fits each property of the task")
    )
    return chart


def cost_bars(frame: pd.DataFrame) -> Chart:
    """USD a month by option, with the range from the 10th to the 90th percentile as a thin line."""
    y = alt.Y("label:N", sort=list(frame["label"]), title=None, axis=_two_lines(200))
    # A wide range must not squash the bars: its line leaves the chart instead, and its end stands in the tooltip.
    widest = min(frame["high"].max(), frame["usd"].max() * _RANGE_SHOWN) or 1.0
    x = alt.X(
        "usd:Q",
        title="USD a month",
        axis=alt.Axis(format=_USD_AXIS, tickCount=4),
        scale=alt.Scale(domain=[0, widest * 1.02], nice=False),
    )
    tips = [
        alt.Tooltip("option:N", title="Option"),
        alt.Tooltip("usd:Q", title="USD a month", format=_USD),
        alt.Tooltip("low:Q", title="10th percentile", format=_USD),
        alt.Tooltip("high:Q", title="90th percentile", format=_USD),
    ]
    colour = alt.Color("strategy:N", scale=_STRATEGY_SCALE, legend=None)
    bars = alt.Chart(frame).mark_bar(height=20, cornerRadiusEnd=3).encode(x=x, y=y, color=colour, tooltip=tips)
    ranged = alt.Chart(frame[frame["high"] > frame["low"]]).encode(x=alt.X("low:Q"), x2="high:Q", y=y, tooltip=tips)
    ends = ranged.mark_rule(color=LINE, strokeWidth=2.5, clip=True)
    return alt.layer(bars, ends).properties(
        height=_ROW * max(1, len(frame)) + 30, description="Monthly cost of each strategy"
    )


def _two_lines(limit: int) -> alt.Axis:
    # Vega centres the first of two lines on the row: half a line up puts both in the middle.
    return alt.Axis(
        labelExpr="split(datum.label, '|')",
        labelLimit=limit,
        labelLineHeight=15,
        labelOffset=-7,
        labelOverlap=False,
        ticks=False,
    )


def break_even(frame: pd.DataFrame, payback_days: float | None) -> Chart:
    """Cumulated cost of staying and of moving, with the day on which moving has paid for itself."""
    options = list(dict.fromkeys(frame["option"]))
    lines = (
        alt.Chart(frame)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("day:Q", title="days from the start", axis=alt.Axis(tickCount=6)),
            y=alt.Y("usd:Q", title="USD, cumulated", axis=alt.Axis(format=_USD_AXIS, tickCount=5)),
            color=alt.Color("strategy:N", scale=_STRATEGY_SCALE, legend=None),
            strokeDash=alt.StrokeDash("option:N", scale=alt.Scale(domain=options, range=[[6, 3], [1, 0]]), legend=None),
            tooltip=[
                alt.Tooltip("option:N", title="Option"),
                alt.Tooltip("day:Q", title="Day"),
                alt.Tooltip("usd:Q", title="USD so far", format=_USD),
            ],
        )
    )
    ends = frame[frame["day"] == frame["day"].max()]
    names = (
        alt.Chart(ends)
        .mark_text(align="right", dx=-4, dy=-9, fontWeight="bold")
        .encode(
            x="day:Q", y="usd:Q", text="option:N", color=alt.Color("strategy:N", scale=_STRATEGY_SCALE, legend=None)
        )
    )
    layers: list[Any] = [lines, names]
    if payback_days is not None and payback_days <= frame["day"].max():
        at = pd.DataFrame([{"day": payback_days, "text": f"pays back on day {payback_days:,.0f}"}])
        layers.append(alt.Chart(at).mark_rule(strokeDash=[3, 3], color=LINE, strokeWidth=1.5).encode(x="day:Q"))
        layers.append(
            alt.Chart(at)
            .mark_text(align="left", baseline="bottom", dx=5, dy=-3, color=LINE)
            .encode(x="day:Q", y=alt.value("height"), text="text:N")
        )
    return alt.layer(*layers).properties(height=260, description="Break-even: cumulated cost of staying and of moving")


def intake(frame: pd.DataFrame) -> Chart:
    """Records received per day, a column per source, refused ones apart."""
    chart: Chart = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b", tickCount=6, grid=False)),
            y=alt.Y("count:Q", title="records received", axis=alt.Axis(format=".3~s", tickCount=4)),
            color=alt.Color(
                "outcome:N",
                title=None,
                scale=alt.Scale(domain=list(INTAKE_COLOURS), range=list(INTAKE_COLOURS.values())),
                legend=alt.Legend(orient="bottom", columns=4),
            ),
            tooltip=[
                alt.Tooltip("day:T", title="Day received", format="%-d %b %Y"),
                alt.Tooltip("source:N", title="Source"),
                alt.Tooltip("outcome:N", title="Outcome"),
                alt.Tooltip("count:Q", title="Records", format=",d"),
            ],
        )
        .properties(height=_TIME_HEIGHT, description="Records received per day by outcome")
    )
    return chart


def effects(frame: pd.DataFrame) -> Chart:
    """Bars left and right of zero: volume, price and strategy of each migration, with its amount beside it."""
    named = ["volume", "price", "strategy"]
    base = alt.Chart(frame).encode(
        x=alt.X("usd:Q", title="USD since it was finished", axis=alt.Axis(format=_USD_AXIS, tickCount=6)),
        y=alt.Y("feature:N", title=None, axis=_two_lines(200)),
        yOffset=alt.YOffset("effect:N", sort=named),
        tooltip=[
            alt.Tooltip("feature:N", title="Feature"),
            alt.Tooltip("effect:N", title="Effect"),
            alt.Tooltip("text:N", title="USD"),
        ],
    )
    colours = alt.Scale(domain=named, range=[LINE, PRICE_MARK, FLIP_MARK])
    legend = alt.Legend(orient="top", title=None)
    bars = base.mark_bar().encode(color=alt.Color("effect:N", scale=colours, legend=legend, sort=named))
    # On the other side of zero than the bar, where nothing lies.
    falls = base.transform_filter("datum.usd <= 0").mark_text(align="left", dx=6, color=LINE)
    rises = base.transform_filter("datum.usd > 0").mark_text(align="right", dx=-6, color=LINE)
    words = (each.encode(text="label:N", x=alt.datum(0)) for each in (falls, rises))
    # Legend and axis are within the height.
    return alt.layer(bars, *words).properties(height=130 + 80 * max(1, frame["feature"].nunique()))
