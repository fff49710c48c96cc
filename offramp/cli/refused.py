"""Refused rows: told on stderr, and written beside their reasons into a file of the working folder."""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from collectors.bill_rows import FOCUS_COLUMNS, INVOICE_COLUMNS
from collectors.call_rows import CALL_COLUMNS
from collectors.eval_rows import EVAL_COLUMNS
from collectors.rejected import REASON_COLUMNS, Rejected
from offramp.actions.export import safe_cell
from offramp.actions.load_options import Refused
from offramp.actions.loaded import Loaded
from offramp.cli import context as ctx

_SHOWN = 5
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")


@contextmanager
def refused_rows(path: Path, *, dry_run: bool = False) -> Iterator[Refused | None]:
    """Takes the refused rows of a file and writes them to NAME.rejected.csv, which only the first one creates."""
    if dry_run:
        yield None
        return
    with ExitStack() as open_file:
        writers: list[csv.DictWriter[str]] = []

        def write(rows: Sequence[Rejected]) -> None:
            if rows and not writers:
                target = open_file.enter_context(_file_of(path).open("w", newline="", encoding="utf-8"))
                columns = (*REASON_COLUMNS, *_columns(rows))
                writers.append(csv.DictWriter(target, columns, extrasaction="ignore"))
                writers[0].writeheader()
            for row in rows:
                reason = dict(zip(REASON_COLUMNS, (str(row.row), row.field, row.error, row.cure), strict=True))
                writers[0].writerow({name: _safe(cell) for name, cell in (reason | dict(row.cells)).items()})

        yield write


def _columns(rows: Sequence[Rejected]) -> Sequence[str]:
    """The columns of what the rows are of: one that no other kind has tells it."""
    held = {name for row in rows for name in row.cells}
    kinds = (
        (EVAL_COLUMNS, {"metric", "score"}),
        (INVOICE_COLUMNS, {"day", "amount_usd"}),
        (FOCUS_COLUMNS, {"billedcost"}),
    )
    return next((columns for columns, marks in kinds if marks & held), CALL_COLUMNS)


def tell_rejected(item: Loaded, *, written: bool = True, counted: bool = False) -> None:
    """Tell which columns nothing reads, and the first rejected rows; `written` says that all are in their file.

    What is `counted` is told no other names: read by them, it would count again.
    """
    if item.ignored_columns:
        meant = "" if counted or not item.meant else f" ({item.meant})"
        ctx.log.print(f"  columns not read: {', '.join(item.ignored_columns)}{meant}", markup=False)
    for row in item.rejected[:_SHOWN]:
        ctx.log.print(f"  {row.sentence()}", markup=False)
    if item.rejected and written:
        # A reader that makes rows of something else (an archive, a document) has no cells to mend.
        mendable = item.kind in ("calls", "evals") and any(row.cells for row in item.rejected)
        again = "mended there, it loads as it is" if mendable else f"mend and load {item.path.name} itself"
        ctx.log.print(f"  all rejected rows, with their reasons: {_file_of(item.path)} ({again})", markup=False)


def _safe(cell: str) -> object:
    # A number below zero is none of a spreadsheet's formulas, and must load again as it is.
    return cell if _NUMBER.fullmatch(cell) else safe_cell(cell)


def _file_of(path: Path) -> Path:
    return Path(f"{path.name}.rejected.csv")
