"""The time line of prices and retirements. Knows no Streamlit; colour never says something alone."""

from datetime import date

import altair as alt
import pandas as pd

from dashboard.charts import Chart
from dashboard.palette import FIT_COLOURS, LINE, PRICE_MARK
from dashboard.price_frames import FALLS, RETIRES, RISES
from strategy.kinds import Fit

_WHAT = [RISES, FALLS, RETIRES]
_COLOUR = alt.Scale(domain=_WHAT, range=[PRICE_MARK, FIT_COLOURS[Fit.YES], LINE])
_SHAPE = alt.Scale(domain=_WHAT, range=["triangle-up", "triangle-down", "cross"])
_ROW, _REST = 38, 90


def time_line(frame: pd.DataFrame, today: date) -> Chart:
    """A row per model: its price changes as triangles, its retirement as a cross, today as a dashed line."""
    marks = (
        alt.Chart(frame)
        .mark_point(filled=True, size=170, opacity=1)
        .encode(
            x=alt.X(
                "at:T",
                title=None,
                scale=alt.Scale(padding=14),
                axis=alt.Axis(format="%-d %b ’%y", tickCount=6, grid=False),
            ),
            y=alt.Y("model:N", title=None, sort=None, axis=alt.Axis(labelLimit=170, grid=True, ticks=False)),
            color=alt.Color("what:N", scale=_COLOUR, legend=alt.Legend(title=None, orient="bottom", columns=3)),
            shape=alt.Shape("what:N", scale=_SHAPE, legend=alt.Legend(title=None, orient="bottom", columns=3)),
            tooltip=[
                alt.Tooltip("at:T", title="When", format="%-d %b %Y"),
                alt.Tooltip("model:N", title="Model"),
                alt.Tooltip("what:N", title="What"),
                alt.Tooltip("text:N", title="How"),
            ],
        )
    )
    at = pd.DataFrame([{"at": pd.Timestamp(today), "text": "today"}])
    rule = alt.Chart(at).mark_rule(strokeDash=[4, 3], color=LINE, strokeWidth=1.5).encode(x="at:T")
    word = (
        alt.Chart(at)
        .mark_text(align="left", baseline="top", dx=5, color=LINE)
        .encode(x="at:T", y=alt.value(0), text="text:N")
    )
    return alt.layer(rule, word, marks).properties(
        height=_ROW * max(1, frame["model"].nunique()) + _REST, description="Price changes and retirements over time"
    )
