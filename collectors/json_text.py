"""JSON that arrives as the text of one attribute, as several clients send it: read, bounded and never trusted."""

import json
from typing import Any

_MOST_TEXT = 65_536


def json_in(text: object, most: int = _MOST_TEXT) -> object:
    """The value in a JSON text; None where it is no text, longer than `most`, or no JSON."""
    if not isinstance(text, str) or len(text) > most:
        return None
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed


def object_in(text: object, most: int = _MOST_TEXT) -> dict[str, Any]:
    """The object in a JSON text; empty where there is none.

    >>> object_in('{"model": "gpt-4o"}'), object_in("not json")
    ({'model': 'gpt-4o'}, {})
    """
    parsed = json_in(text, most)
    return parsed if isinstance(parsed, dict) else {}
