"""JSON files row by row: one object a line, one array of objects, or one document that holds them."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from collectors.picked_lines import picked_lines
from collectors.raw_rows import RawRow, lines_of, opened
from collectors.rejected import Rejected, SourceError

_MOST_WHOLE_BYTES = 64 * 2**20
_CURE = "write one JSON object a line"


def json_lines(path: Path) -> Iterator[RawRow | Rejected]:
    """One row per line that is not blank; a line that is no JSON object is rejected."""
    number = 0
    for line in lines_of(path):
        if line.isspace():
            continue
        number += 1
        yield _line(number, line)


def json_lines_at(path: Path, numbers: Sequence[int]) -> Iterator[RawRow | Rejected]:
    """The rows of these numbers, in order, of a file without blank lines."""
    return map(_line, numbers, picked_lines(path, numbers))


def json_array(path: Path) -> Iterator[RawRow | Rejected]:
    """One row per item of the array."""
    for number, item in enumerate(_whole(path), start=1):
        yield _row(number, item)


def json_document(path: Path, *, quietly: bool = False) -> Iterator[RawRow | Rejected]:
    """The rows of a page that an API answered (`data`), else the document itself as one row.

    Where it is no JSON at all: a SourceError, or no row where `quietly` says so.
    """
    try:
        document = _whole(path)
    except SourceError:
        if quietly:
            return
        raise
    data = document.get("data")
    for number, item in enumerate(data if isinstance(data, list) else [document], start=1):
        yield _row(number, item)


def _whole(path: Path) -> Any:  # noqa: ANN401 (any JSON)
    with opened(path) as file:
        text = file.read(_MOST_WHOLE_BYTES + 1)
    if len(text) > _MOST_WHOLE_BYTES:
        raise SourceError(f"{path.name} is one JSON value of more than 64 MiB", cure="write it as JSON lines")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise SourceError(f"{path.name} is not JSON", cure="export it again, or write it as JSON lines") from None


def _line(number: int, line: str) -> RawRow | Rejected:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError):
        return Rejected(number, "row", "is not JSON", _CURE)
    return _row(number, parsed)


def _row(number: int, parsed: object) -> RawRow | Rejected:
    if isinstance(parsed, dict):
        return RawRow(number, parsed)
    return Rejected(number, "row", "is not a JSON object", _CURE)
