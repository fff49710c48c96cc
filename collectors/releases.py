"""When each model was first sold (releases.yaml): before that day it has no price, whatever a feed says."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

from collectors.packaged import packaged_yaml


@dataclass(frozen=True, slots=True)
class FirstDay:
    """The instant from which a model may have a price, and in words where that is from, with its grade."""

    at: datetime
    words: str
    grade: str


def first_day(model: str) -> FirstDay:
    """The first day of a book id: its own, that of the maker's model a router resells, or a bound by its provider.

    >>> first_day("openai/o3").at.date().isoformat()
    '2025-04-16'
    """
    host, _, sold = model.partition("/")
    own, floor = _days().get(model), _floors().get(host)
    if own is not None:
        return own
    resold = _days().get(sold)
    bound = _floors()["*"] if floor is None else floor
    return bound if resold is None or resold.at < bound.at else resold


def is_bound_only(model: str, at: datetime) -> bool:
    """Whether an instant is no more than a bound for the release of a model: it came out then or later.

    >>> is_bound_only("openai/gpt-rosalind-research", datetime(2026, 5, 21, tzinfo=UTC))
    True
    """
    found = first_day(model)
    return found.grade == "D" and found.at == at


@cache
def _content() -> dict[str, Any]:
    return packaged_yaml("releases.yaml")


@cache
def _days() -> dict[str, FirstDay]:
    return {
        model: _first(day, group["source"], group["grade"])
        for group in _content()["groups"]
        for model, day in group["models"].items()
    }


@cache
def _floors() -> dict[str, FirstDay]:
    bounds = _content()["providers"] | {"*": _content()["others"]}
    return {name: _first(bound["day"], bound["source"], bound["grade"]) for name, bound in bounds.items()}


def _first(day: date, source: str, grade: str) -> FirstDay:
    words = f"not sold before {day}: {source} (grade {grade})"
    return FirstDay(datetime.combine(day, time(), UTC), words, grade)
