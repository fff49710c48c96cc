"""Announced ends of models (retirements.yaml): facts of our own, each with its source."""

from datetime import UTC, datetime, time
from functools import cache
from typing import Any

from collectors.packaged import packaged_yaml
from strategy.facts import Retirement


def retirements() -> list[Retirement]:
    """The day each model stops answering, by book id, with the replacement its vendor names."""
    return [
        Retirement(
            model=model,
            on=group["day"],
            replacement=group.get("replacement"),
            source=f"{group['source']} (grade {group['grade']})",
        )
        for group in _content()["retirements"]
        for model in group["models"]
    ]


def retirements_known_at() -> datetime:
    """Since when these ends are known, at the latest."""
    return datetime.combine(_content()["read"], time(), UTC)


@cache
def _content() -> dict[str, Any]:
    return packaged_yaml("retirements.yaml")
