"""Reading foreign cells: JSON that may be text, times that may lack their zone, tags, sums of counts."""

import re
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal
from typing import Any

from collectors.json_text import json_in, object_in
from collectors.row_values import WrongField, time_cell
from collectors.tokens import BadNumber, whole

_TAG = re.compile(r"feature[:=]\s*(.+)", re.IGNORECASE)
_ZONE = re.compile(r"(?:Z|UTC|[+-]\d\d(?::?\d\d)?)\s*$", re.IGNORECASE)
_DATED = re.compile(r"\s*\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")


def as_object(value: object) -> dict[str, Any]:
    """The object in a cell that holds one or its JSON text; empty otherwise."""
    return value if isinstance(value, dict) else object_in(value)


def as_list(value: object) -> list[Any]:
    """The list in a cell that holds one or its JSON text; empty otherwise."""
    found = value if isinstance(value, list) else json_in(value)
    return found if isinstance(found, list) else []


def as_utc(value: object) -> object:
    """A time whose layout means UTC without saying so, with the zone written out.

    >>> as_utc("2025-01-24 09:20:46.847371"), as_utc("2025-01-24T09:20:46+01:00"), as_utc(1737710446)
    ('2025-01-24 09:20:46.847371Z', '2025-01-24T09:20:46+01:00', 1737710446)
    >>> as_utc("2025-01-24 09:20:46+00"), as_utc("2025-01-24 09:20:46 UTC"), as_utc("2025-01-24 09:20")
    ('2025-01-24 09:20:46+00', '2025-01-24 09:20:46 UTC', '2025-01-24 09:20Z')
    """
    if isinstance(value, str) and _DATED.match(value) and not _ZONE.search(value):
        return value.strip() + "Z"
    return value


def elapsed_ms(start: object, end: object) -> float | None:
    """Milliseconds between two times; None where one is missing, unreadable or before the other."""
    with suppress(WrongField):
        first, last = (time_cell({"at": as_utc(value)}, "at", None) for value in (start, end))
        passed = (last - first).total_seconds() * 1000
        return passed if passed >= 0 else None
    return None


def seconds_as_ms(value: object) -> object:
    """A latency in seconds as milliseconds; what is no number stays as it is, for the row parser to name."""
    with suppress(ArithmeticError, ValueError):
        return None if value in (None, "") else Decimal(str(value)) * 1000
    return value


def tagged(tags: Iterable[object]) -> str | None:
    """The feature in the first tag of the form `feature:name`."""
    found = (_TAG.fullmatch(tag.strip()) for tag in tags if isinstance(tag, str))
    return next((match[1].strip() for match in found if match), None)


def first(*values: object) -> Any:  # noqa: ANN401 (a foreign cell of any type)
    """The first value that is given."""
    return next((value for value in values if value not in (None, "")), None)


def count(value: object) -> int | None:
    """A count, None where it is not given or is none."""
    with suppress(BadNumber):
        return whole(value)
    return None


def added(total: object, *parts: object) -> object:
    """A total that was given without its parts, with them; None where it is not given."""
    if total in (None, ""):
        return None
    with suppress(BadNumber):
        return whole(total) + sum(count(part) or 0 for part in parts)
    return total
