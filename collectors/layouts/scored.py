"""What the eval layouts share: means without float drift, the usual scale, what a run says about its feature."""

from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from collectors.layouts.layout import Origin
from collectors.raw_rows import opened
from collectors.row_values import WrongField, number_cell
from strategy.kinds import Strategy

_DIGITS, _ID_DIGITS, _PIECE = 12, 16, 2**20
# Measures of spread and size, not of quality.
_SPREAD = ("stderr", "std", "var", "ci", "count")


def number(value: object) -> Decimal | None:
    """A finite number; None for anything else (NaN is a judge that failed)."""
    with suppress(WrongField):
        return number_cell({"score": value}, "score")
    return None


def mean(values: Iterable[Decimal]) -> Decimal | None:
    """The mean to 12 digits; None of nothing."""
    known = list(values)
    return Decimal(f"{round(sum(known, Decimal(0)) / len(known), _DIGITS).normalize():f}") if known else None


def unit_scale(values: Iterable[Decimal]) -> dict[str, int]:
    """The scale from 0 to 1 as cells, where all values lie on it."""
    return {"scale_min": 0, "scale_max": 1} if all(0 <= value <= 1 for value in values) else {}


def is_spread(metric: str) -> bool:
    """Whether a metric's name says how sure a score is, and not how good.

    >>> is_spread("bootstrap_std"), is_spread("accuracy")
    (True, False)
    """
    return any(word in _SPREAD for word in metric.lower().split("_"))


def is_strategy(text: object) -> bool:
    """Whether a label names a strategy, with or without a variant."""
    return isinstance(text, str) and text.partition(":")[0] in tuple(Strategy)


def undated(origin: Origin) -> dict[str, Any]:
    """The time cells of a layout that holds none: what --set says, else when the file was last changed.

    A copied file is the same result, so the time is no part of what it is known by.
    """
    return {"timestamp": origin.given.get("timestamp", origin.changed_at), "undated": True}


def run_of(origin: Origin) -> str:
    """What a run without an id of its own is known by: its file's content.

    A copy is the same run; next week's run is another one, though it scores the same and its file is called the same.
    """
    if origin.path is None:
        return origin.name
    digest = sha256()
    with opened(origin.path) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()[:_ID_DIGITS]


def feature_of(told: object, origin: Origin, name: object) -> object:
    """The feature: what the run itself says, what --set says, else the run's own name."""
    return next((value for value in (told, origin.given.get("feature"), name) if value not in (None, "")), None)


def stem(origin: Origin) -> str:
    """The file's name without its endings."""
    return PurePath(origin.name).name.partition(".")[0]
