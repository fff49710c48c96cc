"""JSON files row by row: one object a line, or one array of objects."""

import json
from collections.abc import Iterator
from pathlib import Path

from collectors.raw_rows import RawRow, lines_of, opened
from collectors.rejected import Rejected, SourceError

_MOST_ARRAY_BYTES = 64 * 2**20
_CURE = "write one JSON object a line"


def json_lines(path: Path) -> Iterator[RawRow | Rejected]:
    """One row per line that is not blank; a line that is no JSON object is rejected."""
    number = 0
    for line in lines_of(path):
        if line.isspace():
            continue
        number += 1
        try:
            parsed = json.loads(line)
        except (ValueError, RecursionError):
            yield Rejected(number, "row", "is not JSON", _CURE)
            continue
        yield _row(number, parsed)


def json_array(path: Path) -> Iterator[RawRow | Rejected]:
    """One row per item of the array."""
    with opened(path) as file:
        text = file.read(_MOST_ARRAY_BYTES + 1)
    if len(text) > _MOST_ARRAY_BYTES:
        raise SourceError(f"{path.name} is one JSON array of more than 64 MiB", cure="write it as JSON lines")
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        raise SourceError(f"{path.name} is not JSON", cure="export it again, or write it as JSON lines") from None
    for number, item in enumerate(items, start=1):
        yield _row(number, item)


def _row(number: int, parsed: object) -> RawRow | Rejected:
    if isinstance(parsed, dict):
        return RawRow(number, parsed)
    return Rejected(number, "row", "is not a JSON object", _CURE)
