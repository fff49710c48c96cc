"""Announced ends of models (retirements.yaml): facts of our own, each with its source."""

from typing import Any

import yaml

from collectors.price_history import packaged
from strategy.facts import Retirement


def retirements() -> list[Retirement]:
    """The day each model stops answering, by book id, with the replacement its vendor names."""
    content: dict[str, list[dict[str, Any]]] = yaml.safe_load(packaged("retirements.yaml"))
    return [
        Retirement(
            model=model,
            on=group["day"],
            replacement=group.get("replacement"),
            source=f"{group['source']} (grade {group['grade']})",
        )
        for group in content["retirements"]
        for model in group["models"]
    ]
