"""Which names stand on the map of the portfolio, and on which side of their points: none over another.

Vega-Lite places no labels. They are laid out for a phone; on a wider window points only move apart. What has no
room has its name in the tooltip and in the table.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

# How far the axes reach beyond the outermost points, as a factor.
ROOM = 2.5
FONT = 12
SIDES: Mapping[str, Mapping[str, Any]] = {
    "above": {"dy": -18, "align": "center"},
    "below": {"dy": 19, "align": "center"},
    "right": {"dx": 15, "align": "left"},
    "left": {"dx": -15, "align": "right"},
}
_WIDTH, _HEIGHT, _LETTER, _LINE, _POINT = 270, 430, 6.4, 15, 9
_MOST, _LONGEST = 8, 26
_Box = tuple[float, float, float, float]


def placed(frame: pd.DataFrame) -> pd.DataFrame:
    """The due features whose names have room, the dearest first: `label`, `side`, and where their points are."""
    xs, ys = _pixels(frame["calls"], _WIDTH), _pixels(frame["usd_per_call"], _HEIGHT)
    taken = [(x - _POINT, y - _POINT, x + _POINT, y + _POINT) for x, y in zip(xs, ys, strict=True)]
    rows = []
    for place in frame[frame["due"]].nlargest(_MOST, "usd").index:
        at = list(frame.index).index(place)
        label = _short(str(frame["name"][place]))
        own, others = taken[at], taken[:at] + taken[at + 1 :]
        boxes = {side: _box(side, (own[0] + own[2]) / 2, (own[1] + own[3]) / 2, label) for side in SIDES}
        side = next((side for side, box in boxes.items() if _inside(box) and not _meets(box, others)), None)
        if side is not None:
            taken.append(boxes[side])
            rows.append(frame.loc[place].to_dict() | {"label": label, "side": side})
    return pd.DataFrame(rows, columns=[*frame.columns, "label", "side"])


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"


def _pixels(values: pd.Series, length: float) -> list[float]:
    low, high = math.log(float(values.min()) / ROOM), math.log(float(values.max()) * ROOM)
    return [(math.log(float(value)) - low) / (high - low) * length for value in values]


def _box(side: str, x: float, y: float, label: str) -> _Box:
    """Left, lower, right and upper edge of a label; y grows upwards."""
    mark, width = SIDES[side], len(label) * _LETTER
    x, y = x + mark.get("dx", 0), y - mark.get("dy", 0)
    left = {"center": x - width / 2, "left": x, "right": x - width}[mark["align"]]
    return left, y - _LINE / 2, left + width, y + _LINE / 2


def _inside(box: _Box) -> bool:
    return box[0] >= 0 and box[2] <= _WIDTH and box[1] >= 0 and box[3] <= _HEIGHT


def _meets(box: _Box, others: list[_Box]) -> bool:
    return any(box[0] < each[2] and each[0] < box[2] and box[1] < each[3] and each[1] < box[3] for each in others)
