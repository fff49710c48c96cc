"""A described profile from plain data, every wrong name and value said with its cure.

Two shapes are read: a flat profile with the names of `described.NAMES` and of the registered task, and a feature
document as `register` takes it.
"""

import difflib
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from strategy.advice.described import NAMES, Described, Name, Takes
from strategy.fields import TASK_FIELDS_BY_NAME
from strategy.kinds import Strategy
from strategy.parse import FieldError, parse_feature

_WORDS = {"yes": True, "true": True, "no": False, "false": False}
_MOST = Decimal(10**15)
_PERCENT = Decimal(100)
_MONTHS = 12


def is_feature(row: Mapping[str, Any]) -> bool:
    """Whether a row is a feature document: it has a slug, or its task is a group of fields."""
    return "slug" in row or isinstance(row.get("task"), Mapping)


def read_described(row: Mapping[str, Any]) -> tuple[Described | None, list[FieldError]]:
    """Read a profile or a feature document; the profile is None where any field is wrong."""
    return _from_feature(row) if is_feature(row) else _from_profile(row)


def _from_feature(row: Mapping[str, Any]) -> tuple[Described | None, list[FieldError]]:
    """What a feature document says: its task, its strategy, the score it must hold, its exit note, and its costs.

    A year's cost is told where all of it is paid by the month, for a document says nothing of the volume.
    """
    feature, errors = parse_feature(row)
    if feature is None:
        return None, errors
    described = Described(
        task=feature.task,
        current=feature.strategy.value,
        required_score=_share(feature.quality.floor),
        margin=_share(feature.quality.margin),
        plan_recorded=True if feature.exit_note else None,
        costs=feature.costs,
        cost_per_year={
            strategy.value: own.monthly_usd * _MONTHS
            for strategy, own in feature.costs
            if own.monthly_usd is not None and not own.usd_per_call
        },
    )
    return described, []


def _from_profile(row: Mapping[str, Any]) -> tuple[Described | None, list[FieldError]]:
    known = (*TASK_FIELDS_BY_NAME, *NAMES)
    errors = [_unknown(name, known) for name in row if name not in known]
    own = {name: value for name, value in row.items() if name in TASK_FIELDS_BY_NAME}
    feature, wrong = parse_feature({"slug": "described", "task": own})
    errors += [FieldError(error.field.removeprefix("task."), error.error, error.cure) for error in wrong]
    values: dict[str, Any] = {}
    for name, spec in NAMES.items():
        if row.get(name) is None or spec.takes is Takes.TEXT:
            continue
        value = _value(spec, row[name])
        if value is None:
            errors.append(FieldError(name, f"{row[name]!r:.60} is not right here", spec.cure))
        else:
            values[name] = value
    if errors or feature is None:
        return None, errors
    return Described(task=feature.task, **values), []


def _unknown(name: str, known: tuple[str, ...]) -> FieldError:
    near = difflib.get_close_matches(name, known, 1, cutoff=0.5)
    cure = f"did you mean {near[0]}?" if near else "names in use: " + ", ".join(sorted(known))
    return FieldError(name, "is not a known name", cure)


def _value(spec: Name, given: object) -> object:
    """The value of a name, None where it is not one."""
    if spec.takes is Takes.CHOICE:
        return given if given in spec.allowed else None
    readers: dict[Takes, Callable[[object], object]] = {
        Takes.FLAG: _flag,
        Takes.COUNT: _number,
        Takes.SCORE: _score,
        Takes.RANGE: _range,
        Takes.YEARLY: _yearly,
        Takes.OPTION: _option,
    }
    return readers[spec.takes](given)


def _flag(given: object) -> bool | None:
    return given if isinstance(given, bool) else _WORDS.get(str(given).lower())


def _score(given: object) -> Decimal | None:
    number = _number(given)
    return None if number is None or number > _PERCENT else _share(number)


def _number(given: object) -> Decimal | None:
    try:
        number = Decimal("bool" if isinstance(given, bool) else str(given))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number <= _MOST else None


def _share(score: Decimal | None) -> Decimal | None:
    """A score above 1 is a percentage."""
    return score / _PERCENT if score is not None and score > 1 else score


def _range(given: object) -> tuple[Decimal, Decimal] | None:
    ends = given if isinstance(given, list | tuple) else [given, given]
    numbers = [number for number in map(_number, ends) if number is not None]
    if len(ends) != 2 or len(numbers) != 2 or numbers[0] > numbers[1]:  # noqa: PLR2004 (low and high)
        return None
    return numbers[0], numbers[1]


def _yearly(given: object) -> dict[str, Decimal] | None:
    if not isinstance(given, Mapping):
        return None
    found = {_option(option): _number(usd) for option, usd in given.items()}
    known = {option: usd for option, usd in found.items() if option is not None and usd is not None}
    return dict(sorted(known.items())) if len(known) == len(given) else None


def _option(given: object) -> str | None:
    """A strategy, with a variant after a colon where one is named."""
    strategy, colon, variant = str(given).partition(":")
    right = strategy in set(Strategy) and bool(variant.strip()) == bool(colon)
    return str(given) if right else None
