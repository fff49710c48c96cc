"""JSON that arrives as the text of one attribute, as several clients send it: read, bounded and never trusted."""

import json
from typing import Any

_MOST_TEXT = 65_536


def json_in(text: object) -> object:
    """The value in a JSON text; None where it is no text, too long, or no JSON."""
    if not isinstance(text, str) or len(text) > _MOST_TEXT:
        return None
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed


def object_in(text: object) -> dict[str, Any]:
    """The object in a JSON text; empty where there is none.

    >>> object_in('{"model": "gpt-4o"}'), object_in("not json")
    ({'model': 'gpt-4o'}, {})
    """
    parsed = json_in(text)
    return parsed if isinstance(parsed, dict) else {}
