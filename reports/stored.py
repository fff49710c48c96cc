"""A frozen value as plain JSON values and back, field by field: how a letter is kept and exchanged.

Money and other decimals are strings in plain digits, instants RFC 3339 in UTC, days ISO; unknown is null.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from reports.value import WeeklyReport
from strategy.shown import exact, instant

if TYPE_CHECKING:
    from _typeshed import DataclassInstance  # exists for type checkers only

_CENTS = 2


def document(report: WeeklyReport) -> dict[str, Any]:
    """The letter as `offramp report --format json` gives it."""
    written: dict[str, Any] = _plain(report)
    return written


def dumps(report: WeeklyReport) -> str:
    """The one text of a letter: sorted keys, no spaces. Equal letters are equal texts."""
    return json.dumps(document(report), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def loads(text: str) -> WeeklyReport:
    """The letter that a text of `dumps` holds; fields it does not know are ignored.

    Raises:
        ValueError: it is not such a text.
    """
    try:
        read: WeeklyReport = _value(WeeklyReport, json.loads(text))
    except (TypeError, KeyError, ArithmeticError) as problem:
        message = f"not a stored weekly report: {problem!r}"
        raise ValueError(message) from problem
    return read


def _plain(value: Any) -> Any:  # noqa: ANN401 (any field of the value)
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    match value:
        case tuple():
            return [_plain(item) for item in value]
        case Decimal():
            return _digits(value)
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case _:
            return value


def _value(kind: Any, given: Any) -> Any:  # noqa: ANN401 (any field of the value)
    if get_origin(kind) is UnionType:
        if given is None:
            return None
        (kind,) = (choice for choice in get_args(kind) if choice is not NoneType)
    if get_origin(kind) is tuple:
        return tuple(_value(get_args(kind)[0], item) for item in given)
    if is_dataclass(kind) and isinstance(kind, type):
        return kind(**_arguments(kind, given))
    if kind is Decimal:
        return Decimal(given)
    if kind in {datetime, date}:
        return kind.fromisoformat(given)
    return given


def _arguments(kind: "type[DataclassInstance]", given: Mapping[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {
        item.name: _value(hints[item.name], given[item.name])
        for item in fields(kind)
        if item.name in given or item.default is MISSING
    }


def _digits(amount: Decimal) -> str:
    """All digits, and at least the cents: 3267.6 is written 3267.60."""
    whole, _, places = exact(amount).partition(".")
    return f"{whole}.{places.ljust(_CENTS, '0')}"
