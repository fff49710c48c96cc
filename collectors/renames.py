"""Columns that a file names otherwise than we do: what `--rename THEIRS=OURS` says, and where it cannot be meant."""

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from collectors.raw_rows import RawRow
from collectors.rejected import Rejected, SourceError

_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Renames:
    """Our columns by the file's own names for them. Large and small letters differ in JSON only."""

    ours: Mapping[str, str] = field(default_factory=dict)

    def column(self, theirs: str) -> str:
        """A column as it is called here."""
        return self.ours.get(theirs, theirs)

    def theirs(self, column: str) -> str:
        """What the file calls a column of ours."""
        return next((theirs for theirs, ours in self.ours.items() if ours == column), column)

    def said(self, column: str) -> str:
        """The option that names this column of ours."""
        return option(self.theirs(column), column)

    def twice(self, names: Sequence[str]) -> str | None:
        """The first column of ours that these names of a file give both by itself and renamed."""
        present = set(names)
        return next(
            (ours for theirs, ours in self.ours.items() if {theirs, ours} <= present and ours not in self.ours), None
        )

    def row(self, row: RawRow | Rejected) -> RawRow | Rejected:
        """The row by our names; Rejected where it gives a column twice."""
        if isinstance(row, Rejected):
            return row
        named = {self.column(name): cell for name, cell in row.cells.items()}
        if len(named) == len(row.cells):
            return RawRow(row.number, named)
        given = row.given()
        if (ours := self.twice(given)) is not None:
            error = f"is there twice, as {self.theirs(ours)} too"
            return Rejected(row.number, ours, error, f"keep one of them, or leave {self.said(ours)} out")
        return RawRow(row.number, named | {self.column(name): row.cells[name] for name in given})


def option(theirs: str, ours: str) -> str:
    """What is typed to read a column as ours.

    >>> option("Prompt Tokens", "input_tokens")
    "--rename 'Prompt Tokens=input_tokens'"
    """
    return f"--rename {shlex.quote(f'{theirs}={ours}')}"


def checked_renames(renamed: Mapping[str, str], known: Sequence[str], given: Mapping[str, str]) -> None:
    """SourceError where a renamed column is none of the `known`, or has its value from elsewhere too."""
    sources: dict[str, str] = {}
    for theirs, ours in renamed.items():
        said = option(theirs, ours)
        if ours not in known:
            turned = f"the file's name stands first: {option(ours, theirs)}" if theirs in known else ""
            raise SourceError(f"{said} names no column of ours", cure=turned or "use one of: " + ", ".join(known))
        if ours in sources:
            raise SourceError(f"{said} and {option(sources[ours], ours)} name one column", cure="leave one of them")
        if ours in given:
            raise SourceError(f"{said} and --set {ours}={given[ours]} give one column", cure="leave one of them out")
        sources[ours] = theirs


def no_such_column(file: str, renames: Renames, lacking: Collection[str], there: Sequence[str]) -> SourceError:
    """What is said of a file that lacks these of the columns that are to be renamed, and has those that are there."""
    theirs = next(name for name in renames.ours if name in lacking)
    if set(renames.ours.values()) <= set(there):
        cure = "it has our names already: leave --rename out"
    elif near := [name for name in there if name.endswith(f".{theirs}")] or get_close_matches(theirs, there, n=1):
        cure = f"did you mean {option(near[0], renames.ours[theirs])}?"
    else:
        cure = "its columns are " + ", ".join(there[:_MOST_TOLD]) + (" …" if len(there) > _MOST_TOLD else "")
    return SourceError(f"{file} has no column {theirs}", cure=cure)
