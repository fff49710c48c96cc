"""A row of figures as one piece of HTML: a card for each, its line as a picture with words. Knows no Streamlit.

Four metric cards of Streamlit with their lines cost the browser more than the rest of the home page together, because
each line is a Vega view of its own (docs/decisions/0031). Everything that is written here is escaped; colours follow
the theme, for they are mixed from the text's own.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from dashboard import wording
from dashboard.palette import LINE

_WIDTH, _HEIGHT = 240, 40
_ROW = "display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:1rem;margin:0;padding:0"
_CARD = (
    "border:1px solid color-mix(in srgb,currentColor 18%,transparent);border-radius:6px;padding:0.8rem 1rem;"
    "display:flex;flex-direction:column;gap:0.15rem;min-width:0;overflow-wrap:anywhere"
)
_SOFT = "margin:0;font-size:0.875rem;opacity:0.75"
_PICTURE = f"display:block;width:100%;height:{_HEIGHT}px"
_UNSEEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number with its name, what it means below it and on hover, and how it came about, oldest first."""

    label: str
    value: str
    below: str
    note: str
    trend: Sequence[float]
    money: bool = False


def row(figures: Sequence[Figure]) -> str:
    """The figures as HTML, side by side where there is room."""
    return f'<dl style="{_ROW}">{"".join(map(_card, figures))}</dl>'


def _card(figure: Figure) -> str:
    note = escape(figure.note)
    return (
        f'<div style="{_CARD}" title="{note}"><dt style="{_SOFT}">{escape(figure.label)}</dt>'
        f'<dd style="margin:0;font-size:1.9rem;line-height:1.25;font-variant-numeric:tabular-nums">'
        f"{escape(figure.value)}</dd>"
        f'<dd style="{_SOFT}">{escape(figure.below)}<span style="{_UNSEEN}"> {note}</span></dd>{_line(figure)}</div>'
    )


def _line(figure: Figure) -> str:
    if len(figure.trend) < 2:  # noqa: PLR2004 (a line has two ends)
        return ""
    picture = b64encode(spark(figure.trend).encode()).decode()
    first, last = (
        f"{'$' if figure.money else ''}{wording.short(round(value))}" for value in (figure.trend[0], figure.trend[-1])
    )
    return (
        f'<dd style="margin:auto 0 0"><img alt="A line from {first} to {last}" style="{_PICTURE}"'
        f' src="data:image/svg+xml;base64,{picture}"></dd>'
    )


def spark(values: Sequence[float]) -> str:
    """A line over its area as SVG, from zero (or below) to the largest value; at least two values."""
    low, high = min(0.0, *values), max(0.0, *values)
    step, scale = _WIDTH / (len(values) - 1), (_HEIGHT - 4) / ((high - low) or 1)
    points = [
        (round(place * step, 1), round(_HEIGHT - 2 - (value - low) * scale, 1)) for place, value in enumerate(values)
    ]
    line = " ".join(f"{x:g},{y:g}" for x, y in points)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none">'
        f'<polygon points="0,{_HEIGHT} {line} {_WIDTH},{_HEIGHT}" fill="{LINE}" fill-opacity="0.22"/>'
        f'<polyline points="{line}" fill="none" stroke="{LINE}" stroke-width="2" vector-effect="non-scaling-stroke"/>'
        "</svg>"
    )
