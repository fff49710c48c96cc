"""What the file readers share: a raw row, and opening a file that may be gzipped and may break off."""

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, cast

from collectors.rejected import SourceError

_GZIP = b"\x1f\x8b"
# A call with its pictures is a line of megabytes; DuckDB takes objects of so many bytes.
MOST_LINE = 16 * 2**20


@dataclass(frozen=True, slots=True)
class RawRow:
    """Row `number` (1 is the first row of data) as its cells by column name."""

    number: int
    cells: Mapping[str, object]

    def given(self) -> tuple[str, ...]:
        """The columns that hold something."""
        return tuple(name for name, value in self.cells.items() if value is not None)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked where it is gzip; SourceError where it cannot be read or breaks off."""
    try:
        with path.open("rb") as plain:
            zipped = plain.read(2) == _GZIP
        with cast("BinaryIO", gzip.open(path)) if zipped else path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise _nowhere(path) from None
    except (OSError, EOFError, zlib.error) as error:
        if path.is_dir():
            raise SourceError(f"{path} is a folder", cure=f"name its files, such as {path / '*.csv'}") from None
        reason = getattr(error, "strerror", None) or "the gzip data is damaged or cut off"
        raise SourceError(f"{path.name} cannot be read ({reason})", cure="check the file and export it again") from None


def lines_of(path: Path, *, cut: bool = False) -> Iterator[str]:
    """The file's lines, however they end; bytes that are not UTF-8 come as half surrogates, which no field takes.

    A line that is too long is a SourceError, or comes in pieces where `cut` says so.
    """
    with opened(path) as file:
        text = TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
        while line := text.readline(MOST_LINE + 1):
            if len(line) > MOST_LINE and not cut:
                raise too_long_a_line(path)
            yield line


def _nowhere(path: Path) -> SourceError:
    # As a path, https://x has one slash.
    address = re.match(r"[a-z][a-z0-9]+:/", str(path))
    cure = "download it, and load the file" if address else "check the path"
    return SourceError(f"{path if address else path.name} does not exist", cure=cure)


def too_long_a_line(path: Path) -> SourceError:
    """What is said of a line of more than MOST_LINE characters."""
    return SourceError(
        f"{path.name} has a line of more than {MOST_LINE:,} characters",
        cure="export the columns of the manual only, one row a line",
    )
