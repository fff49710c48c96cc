"""What a JSON record holds inside objects, as cells of their own: `usage.prompt_tokens` leads into `usage`."""

from collections.abc import Collection, Iterator, Mapping

from collectors.raw_rows import RawRow
from collectors.rejected import Rejected

_SIGN = "."
# Deeper than any log of calls, and an end for records that are made to have none.
_DEEPEST = 5


def path_of(name: str) -> tuple[str, ...]:
    """The keys that a dotted name leads through, the last one's value included; none where it leads into nothing."""
    keys = tuple(name.split(_SIGN))
    return keys if len(keys) > 1 and all(keys) else ()


def opened_rows(rows: Iterator[RawRow | Rejected], names: Collection[str]) -> Iterator[RawRow | Rejected]:
    """The rows, in which those of these names that lead into objects are cells, and the objects they lead into none."""
    paths = {name: keys for name in names if (keys := path_of(name))}
    if not paths:
        return rows
    return (row if isinstance(row, Rejected) else RawRow(row.number, _opened(row.cells, paths)) for row in rows)


def names_in(cells: Mapping[str, object], depth: int = 1) -> Iterator[str]:
    """The names of the cells, those inside objects dotted."""
    for name, value in cells.items():
        yield name
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from (f"{name}{_SIGN}{inner}" for inner in names_in(value, depth + 1))


def _opened(cells: Mapping[str, object], paths: Mapping[str, tuple[str, ...]]) -> Mapping[str, object]:
    found, entered = dict[str, object](), set[str]()
    for name, (first, *rest) in paths.items():
        value = cells.get(first)
        if cells.get(name) is not None or not isinstance(value, dict):
            continue
        entered.add(first)
        for key in rest:
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            found[name] = value
    return {name: cell for name, cell in cells.items() if name not in entered} | found if entered else cells
