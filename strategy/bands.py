"""The seeds' bands as second opinions in words: what each makes of the volume, and the break-even that settles it."""

from collections.abc import Mapping
from typing import Any

_LOW_TO_HIGH = "seed000"


def opinions(bands: Mapping[str, Any]) -> str:
    """What each seed says, of a verdict document's `bands`; empty where no volume is known.

    >>> opinions({"seed001": "prompt", "seed002": "grey", "breakeven": {"calls_per_day": 18250}})
    'by volume alone: seed 001 says prompt, seed 002 leaves it open; the break-even is at 18,250 calls a day'
    """
    votes = [_vote(seed, label) for seed, label in sorted(_votes(bands).items())]
    calls = bands["breakeven"]["calls_per_day"]
    settles = "no break-even is known" if calls is None else f"the break-even is at {calls:,} calls a day"
    return f"by volume alone: {', '.join(votes)}; {settles}" if votes else ""


def disagreement(bands: Mapping[str, Any]) -> str | None:
    """The sentence where the seeds that name a strategy name different ones; None where they agree.

    >>> disagreement({"seed000": "low", "seed001": "prompt", "seed002": "distill", "breakeven": {"calls_per_day": 9}})
    'By volume alone seed 001 says prompt, seed 002 says distill; the break-even at 9 calls a day settles it.'
    """
    votes = {seed: label for seed, label in _votes(bands).items() if seed != _LOW_TO_HIGH}
    calls = bands.get("breakeven", {}).get("calls_per_day")
    if calls is None or len(set(votes.values())) < 2:  # noqa: PLR2004 (two opinions make a disagreement)
        return None
    said = ", ".join(_vote(seed, label) for seed, label in sorted(votes.items()))
    return f"By volume alone {said}; the break-even at {calls:,} calls a day settles it."


def _votes(bands: Mapping[str, Any]) -> dict[str, str]:
    return {seed: label for seed, label in bands.items() if seed != "breakeven" and label}


def _vote(seed: str, label: str) -> str:
    name = f"seed {seed.removeprefix('seed')}"
    return f"{name} leaves it open" if label == "grey" else f"{name} says {label}"
