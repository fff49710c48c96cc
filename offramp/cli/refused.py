"""Refused rows: told on stderr, and written beside their reasons into a file of the working folder."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from collectors.call_rows import CALL_COLUMNS
from collectors.eval_rows import EVAL_COLUMNS
from collectors.rejected import Rejected
from offramp.actions.load import Loaded, Refused
from offramp.cli import context as ctx

_SHOWN = 5
_REASON = ("rejected_row", "rejected_field", "reason", "cure")
_COLUMNS = tuple(dict.fromkeys((*CALL_COLUMNS, *EVAL_COLUMNS)))


@contextmanager
def refused_rows(path: Path, *, dry_run: bool = False) -> Iterator[Refused | None]:
    """Takes the refused rows of a file and writes them to NAME.rejected.csv, which only the first one creates."""
    if dry_run:
        yield None
        return
    with ExitStack() as open_file:
        writers: list[Any] = []

        def write(rows: Sequence[Rejected]) -> None:
            if rows and not writers:
                target = open_file.enter_context(_file_of(path).open("w", newline="", encoding="utf-8"))
                writers.append(csv.writer(target))
                writers[0].writerow((*_REASON, *_COLUMNS))
            for row in rows:
                cells = (row.cells.get(name, "") for name in _COLUMNS)
                writers[0].writerow((row.row, row.field, row.error, row.cure, *cells))

        yield write


def tell_rejected(item: Loaded, *, written: bool = True) -> None:
    """Tell which columns nothing reads, and the first rejected rows; `written` says that all are in their file."""
    if item.ignored_columns:
        ctx.log.print(f"  columns not read: {', '.join(item.ignored_columns)}", markup=False)
    for row in item.rejected[:_SHOWN]:
        ctx.log.print(f"  row {row.row}, {row.field}: {row.error}; {row.cure}", markup=False)
    if item.rejected and written:
        ctx.log.print(f"  all rejected rows, with their reasons: {_file_of(item.path)}", markup=False)


def _file_of(path: Path) -> Path:
    return Path(f"{path.name}.rejected.csv")
