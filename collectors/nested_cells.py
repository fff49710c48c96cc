"""What a JSON record holds inside objects, as cells of their own: `usage.prompt_tokens` leads into `usage`."""

from collections.abc import Collection, Iterator, Mapping

from collectors.raw_rows import RawRow
from collectors.rejected import Rejected

_SIGN = "."
# Deeper than any log of calls, and an end for records that are made to have none.
DEEPEST = 5


def path_of(name: str) -> tuple[str, ...]:
    """The keys that a dotted name leads through, the last one's value included; none where it leads into nothing."""
    keys = tuple(name.split(_SIGN))
    return keys if len(keys) > 1 and all(keys) else ()


def inside(name: str, inner: str) -> str:
    """The dotted name of what stands inside a column."""
    return f"{name}{_SIGN}{inner}"


def opened_rows(rows: Iterator[RawRow | Rejected], names: Collection[str]) -> Iterator[RawRow | Rejected]:
    """The rows, in which objects that these names lead into are no cells, and all that stands inside them is."""
    paths = {name: keys[0] for name in names if (keys := path_of(name))}
    if not paths:
        return rows
    return (row if isinstance(row, Rejected) else RawRow(row.number, _opened(row.cells, paths)) for row in rows)


def names_in(cells: Mapping[str, object]) -> Iterator[str]:
    """The names of the cells, and of what stands inside them."""
    for name, value in cells.items():
        yield name
        if isinstance(value, dict):
            yield from (leaf for leaf, _ in _leaves(name, value))


def _opened(cells: Mapping[str, object], paths: Mapping[str, str]) -> Mapping[str, object]:
    entered = {first for name, first in paths.items() if isinstance(cells.get(first), dict) and cells.get(name) is None}
    if not entered:
        return cells
    kept = {name: cell for name, cell in cells.items() if name not in entered}
    found = dict(leaf for first in entered for leaf in _leaves(first, cells[first]))
    return found | {name: cell for name, cell in kept.items() if cell is not None or name not in found}


def _leaves(name: str, value: object, depth: int = 1) -> Iterator[tuple[str, object]]:
    if not isinstance(value, dict) or depth == DEEPEST:
        yield name, value
        return
    for key, inner in value.items():
        # A dot in a key is no step.
        yield from _leaves(inside(name, f'"{key}"' if _SIGN in key else key), inner, depth + 1)
