"""Eval scores to tidy frames: each with the interval its items allow, split where the evaluator changed.

For drawing only; knows no Streamlit.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard import wording
from dashboard.palette import strategy_of
from strategy.bound import lower_bound
from strategy.facts import Score

COLUMNS = ["at", "score", "low", "high", "strategy", "option", "metric", "evaluator", "segment", "n"]


def scores(found: Sequence[Score], present: str) -> pd.DataFrame:
    """One row per eval score; a segment is one option, metric, evaluator and version, never mixed.

    A score that names no strategy is of the present one. `low` and `high` are the exact one-sided 95 % bounds.
    """
    rows = []
    for score in found:
        option, evaluator = score.strategy or present, evaluator_of(score)
        low, high = interval(score)
        rows.append(
            {
                "at": pd.Timestamp(score.at.replace(tzinfo=None)),
                "score": float(score.score),
                "low": low,
                "high": high,
                "strategy": strategy_of(option),
                "option": wording.option(option),
                "metric": score.metric,
                "evaluator": evaluator,
                "segment": f"{option} {score.metric} {evaluator}",
                "n": score.n,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def evaluator_of(score: Score) -> str:
    """The evaluator with its version; unknown where nobody said."""
    return " ".join(part for part in (score.evaluator, score.evaluator_version) if part) or wording.UNKNOWN


def interval(score: Score) -> tuple[float | None, float | None]:
    """What the score may truly be, in its own scale; None where its items or its scale are not known.

    Each end is an exact one-sided bound of 95 %, as the judge uses below.
    """
    low_end = float(score.scale_min) if score.scale_min is not None else 0.0
    width = (float(score.scale_max) if score.scale_max is not None else 1.0) - low_end
    share = (float(score.score) - low_end) / width if width > 0 else -1.0
    if not score.n or not 0 <= share <= 1:
        return None, None
    hits = round(share * score.n)
    high = 1.0 - lower_bound(score.n - hits, score.n)
    return low_end + width * lower_bound(hits, score.n), low_end + width * high


def breaks(found: Sequence[Score], present: str) -> list[dict[str, Any]]:
    """Where an option's evaluator changed: scores before and after do not compare."""
    last: dict[tuple[str, str], str] = {}
    rows: dict[Any, set[str]] = {}
    for score in sorted(found, key=lambda each: each.at):
        series, evaluator = (score.strategy or present, score.metric), evaluator_of(score)
        if last.get(series, evaluator) != evaluator:
            rows.setdefault(pd.Timestamp(score.at.replace(tzinfo=None)), set()).add(evaluator)
        last[series] = evaluator
    return [{"at": at, "text": f"evaluator is {', '.join(sorted(names))} from here"} for at, names in rows.items()]


def told(document: Mapping[str, Any]) -> str:
    """What the verdict makes of the evidence, as one sentence; empty where no candidate was scored.

    >>> told({"target": "embed", "quality": {"metric": "accuracy", "lower_bound": 0.957, "passes": True,
    ...       "candidate": {"score": 0.96, "n": 2400}, "baseline": {"score": 0.95, "n": 2400}}})
    'embed scored 0.960 in accuracy on 2,400 items, against 0.950 today: at least 0.957 is believable, which is enough.'
    """
    quality = document.get("quality") or {}
    candidate, baseline = quality.get("candidate") or {}, quality.get("baseline") or {}
    if candidate.get("score") is None:
        return ""
    text = f"{wording.option(document.get('target'))} scored {float(candidate['score']):.3f} in {quality.get('metric')}"
    text += f" on {wording.plural(candidate['n'], 'item')}" if candidate.get("n") else ""
    text += f", against {float(baseline['score']):.3f} today" if baseline.get("score") is not None else ""
    if quality.get("lower_bound") is None:
        return text + "."
    enough = "which is enough" if quality.get("passes") else "which is not enough yet"
    return f"{text}: at least {float(quality['lower_bound']):.3f} is believable, {enough}."
