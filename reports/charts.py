"""The letter's two charts as PNG pictures, drawn offline.

Each has its figures in words too, for those who see no pictures. A mail program that turns the letter dark leaves
pictures as they are: they bring their own light ground.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import vl_convert

from reports.value import WeeklyReport
from reports.words import usd

_WIDTH, _SCALE = 534, 2
_MARGIN = 150
_MOST_BARS = 8
_FEWEST_BARS = 2
_INK, _SOFT, _LINE, _GROUND, _GREEN, _GREY = "#2a2620", "#6d655a", "#e2dbcf", "#fbf7ef", "#1f6f54", "#cfc6b6"
_LONGEST_LABEL = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One picture: its Content-ID, the section it stands in, what it says in words, and how to draw it."""

    name: str
    section: str
    alt: str
    spec: str

    def png(self) -> bytes:
        """The picture, at twice its size for sharp screens."""
        drawn: bytes = vl_convert.vegalite_to_png(self.spec, scale=_SCALE)
        return drawn


def charts(report: WeeklyReport) -> tuple[Chart, ...]:
    """The charts of a letter; none in a week in which nothing changed, or where there is too little to compare."""
    return () if report.quiet else (*_waiting(report), *_spend(report))


def _spend(report: WeeklyReport) -> Iterator[Chart]:
    known = [(week.week, week.cost_usd) for week in report.history if week.cost_usd is not None]
    if len(known) < _FEWEST_BARS:
        return
    bars = [_bar(week.partition("-")[2], cost, on=week == report.week) for week, cost in known]
    said = ", ".join(f"{week} {usd(cost)}" for week, cost in known)
    yield Chart(name="spend", section="Spend", alt=f"Spend a week, as far as priced: {said}", spec=_upright(bars))


def _waiting(report: WeeklyReport) -> Iterator[Chart]:
    items = [item for item in report.due.items if item.saving_usd_month is not None]
    if len(items) < _FEWEST_BARS:
        return
    items.sort(key=lambda item: (-(item.saving_usd_month or 0), item.feature))
    bars = [_bar(_label(item.name, item.feature), item.saving_usd_month, on=True) for item in items[:_MOST_BARS]]
    said = ", ".join(f"{item.name} {usd(item.saving_usd_month or Decimal())}" for item in items[:_MOST_BARS])
    alt = f"What each migration that is due would save a month: {said}"
    yield Chart(name="due", section="Due now", alt=alt, spec=_lying(bars))


def _label(name: str, slug: str) -> str:
    """A name that every font can draw: the slug stands in for one that is not plain."""
    plain = name if name.isascii() and name.isprintable() else slug
    return plain if len(plain) <= _LONGEST_LABEL else plain[: _LONGEST_LABEL - 3].rstrip() + "..."


def _bar(label: str, amount: Decimal | None, *, on: bool) -> dict[str, Any]:
    # A bar's length may be rounded; its label is the figure itself.
    return {"label": label, "size": float(amount or 0), "said": usd(amount or Decimal()).replace("−", "-"), "on": on}


def _upright(bars: list[dict[str, Any]]) -> str:
    across = {"field": "label", "type": "ordinal", "sort": None, "axis": _axis(labelAngle=0)}
    up = {"field": "size", "type": "quantitative", "axis": None}
    return _drawn(bars, {"x": across, "y": up}, {"dy": -7, "baseline": "bottom"}, width=_WIDTH - 40, height=130)


def _lying(bars: list[dict[str, Any]]) -> str:
    down = {"field": "label", "type": "nominal", "sort": None, "axis": _axis(labelLimit=_MARGIN + 30)}
    across = {"field": "size", "type": "quantitative", "axis": None}
    width = _WIDTH - _MARGIN - 110
    return _drawn(bars, {"y": down, "x": across}, {"dx": 6, "align": "left"}, width=width, height=28 * len(bars))


def _axis(**more: Any) -> dict[str, Any]:  # noqa: ANN401 (Vega-Lite's settings)
    quiet = {"title": None, "domain": False, "ticks": False, "labelPadding": 8}
    return {**quiet, "labelColor": _INK, "labelFontSize": 13, **more}


def _drawn(bars: list[dict[str, Any]], where: dict[str, Any], text: dict[str, Any], *, width: int, height: int) -> str:
    colour = {"condition": {"test": "datum.on", "value": _GREEN}, "value": _GREY}
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": _GROUND,
        "padding": 14,
        "width": width,
        "height": height,
        "data": {"values": bars},
        "config": {"view": {"stroke": None}, "font": "Liberation Sans, Arial, Helvetica, sans-serif"},
        "layer": [
            {"mark": {"type": "bar", "cornerRadiusEnd": 2}, "encoding": {**where, "color": colour}},
            {
                "mark": {"type": "text", "color": _SOFT, "fontSize": 12, **text},
                "encoding": {**where, "text": {"field": "said"}},
            },
        ],
    }
    return json.dumps(spec, sort_keys=True)
