"""Langfuse's scores, of every version of its API, and as its SDKs send them: one row to a number with its scale.

Texts and corrections are what somebody wrote, comments too: they are never kept.
"""

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any, NamedTuple

from collectors.layouts.cells import as_object, first
from collectors.names import MODEL_LENGTH, clean_name

# What somebody wrote, which is no score of ours.
WRITTEN = ("TEXT", "CORRECTION")
_SOURCES = {"EVAL": "langfuse eval", "ANNOTATION": "langfuse annotation"}
_MOST = Decimal(10**9)
_DIGITS = Decimal("1e-9")
# Some evaluators give a verdict and no number.
_VERDICTS = {"pass": 1, "passed": 1, "true": 1, "yes": 1, "fail": 0, "failed": 0, "false": 0, "no": 0}


class Given(NamedTuple):
    """One score; `trace` and `observation` are what it is of, None where it is of something else."""

    id: str
    metric: str
    value: Decimal
    at: str
    trace: str | None
    observation: str | None
    evaluator: str
    version: str
    low: Decimal | None
    high: Decimal | None
    higher_is_better: bool


def given(row: Mapping[str, Any], configs: Mapping[str, Mapping[str, Any]]) -> Given | None:
    """The score in a row; None where it has no name or is no number. `configs` are score configs by their ids."""
    details = as_object(row.get("details"))
    metadata = as_object(first(details.get("metadata"), row.get("metadata")))
    config = configs.get(str(first(details.get("configId"), row.get("configId"))), {})
    metric = _name(row.get("name"))
    found = _valued(row, config)
    if not metric or found is None:
        return None
    value, low, high = found
    subject = as_object(row.get("subject"))
    kind, about = subject.get("kind"), _text(subject.get("id"))
    trace = _text(first(subject.get("traceId"), row.get("traceId")))
    observation = about if kind == "observation" else _text(row.get("observationId"))
    return Given(
        id=_name(row.get("id")),
        metric=metric,
        value=value.quantize(_DIGITS),
        at=str(row.get("timestamp") or ""),
        trace=about if kind == "trace" else trace,
        observation=observation,
        evaluator=_name(metadata.get("evaluator")) or _SOURCES.get(str(row.get("source")), "langfuse api"),
        version=_name(metadata.get("evaluator_version")),
        low=low,
        high=high,
        higher_is_better=str(metadata.get("higher_is_better")).lower() != "false",
    )


def _valued(row: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[Decimal, Decimal | None, Decimal | None] | None:
    kind, told = str(row.get("dataType") or "").upper(), row.get("value")
    if kind == "BOOLEAN" or isinstance(told, bool):
        value = _number(told)
        return None if value is None else (Decimal(bool(value)), Decimal(0), Decimal(1))
    if kind == "CATEGORICAL" or (not kind and isinstance(told, str)):
        return _category(first(row.get("stringValue"), told), config)
    value = _number(told) if kind in {"", "NUMERIC"} else None
    if value is None:
        return None
    low, high = _number(config.get("minValue")), _number(config.get("maxValue"))
    inside = (low is None or low <= value) and (high is None or value <= high)
    return (value, low, high) if inside else None


def _category(label: object, config: Mapping[str, Any]) -> tuple[Decimal, Decimal | None, Decimal | None] | None:
    categories = config.get("categories")
    known = {
        str(item.get("label")): number
        for item in (categories if isinstance(categories, list) else ())
        if isinstance(item, dict) and (number := _number(item.get("value"))) is not None
    }
    if str(label) in known and len(set(known.values())) > 1:
        return known[str(label)], min(known.values()), max(known.values())
    verdict = _VERDICTS.get(str(label).strip().lower()) if not known else None
    return None if verdict is None else (Decimal(verdict), Decimal(0), Decimal(1))


def _number(value: object) -> Decimal | None:
    if value is None or (isinstance(value, str) and len(value) > MODEL_LENGTH):
        return None
    with suppress(ArithmeticError, ValueError, TypeError):
        number = Decimal(int(value)) if isinstance(value, bool) else Decimal(str(value))
        return number if number.is_finite() and abs(number) <= _MOST else None
    return None


def _name(value: object) -> str:
    return clean_name(str(value), MODEL_LENGTH) if isinstance(value, str | int | float) else ""


def _text(value: object) -> str | None:
    return (clean_name(value, MODEL_LENGTH) or None) if isinstance(value, str) else None
