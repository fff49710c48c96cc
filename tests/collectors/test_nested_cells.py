"""A dotted name leads into the objects of a JSON record: what stands inside are cells, and the object is none."""

from collections.abc import Mapping

import pytest

from collectors.nested_cells import names_in, opened_rows
from collectors.raw_rows import RawRow
from collectors.rejected import Rejected

RECORD = {"ts": 1, "usage": {"prompt": 5, "details": {"cached": 3, "audio": None}}, "error": "Timeout", "a.b": 7}
OPENED = {"ts": 1, "error": "Timeout", "a.b": 7} | {
    "usage.prompt": 5,
    "usage.details.cached": 3,
    "usage.details.audio": None,
}


def opened(cells: Mapping[str, object], *names: str) -> Mapping[str, object]:
    """The cells of one row."""
    (row,) = opened_rows(iter([RawRow(1, cells)]), names)
    assert isinstance(row, RawRow)
    return row.cells


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), RECORD),
        (("ts",), RECORD),
        (("usage.prompt",), OPENED),
        (("usage.prompt", "usage.details.cached"), OPENED),
        (("usage.no",), OPENED),
        (("a.b", "error.type", "no.such", "usage.", ".", ""), RECORD),
    ],
)
def test_dotted_names_are_cells(names: tuple[str, ...], expected: Mapping[str, object]) -> None:
    """All that stands in an object; a name that is a column means itself, and a text leads nowhere."""
    assert opened(RECORD, *names) == expected


def test_a_refused_row_stays_refused() -> None:
    """It has no cells."""
    refused = Rejected(1, "row", "is not JSON", "")
    assert list(opened_rows(iter([refused]), ["usage.prompt"])) == [refused]


def test_names_are_told_as_they_are_written() -> None:
    """However deep, to an end."""
    assert list(names_in({"a": {"b": {"c": 1}}, "d": []})) == ["a", "a.b.c", "d"]
    deep: dict[str, object] = {}
    for _ in range(50):
        deep = {"x": deep}
    assert list(names_in(deep))[-1] == "x.x.x.x.x"
