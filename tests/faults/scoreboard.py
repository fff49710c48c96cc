"""The scoreboard as a table and as the page docs/faults.md."""

import platform
import sqlite3
from collections.abc import Sequence

from tests.faults.outcome import Outcome

_HEAD = ("fault", "database", "how often", "acknowledged", "lost", "doubled", "else wrong", "beside it")
_PAGE = """# What happens when things break

Written by `make faults`: it breaks real processes on real databases, and counts. *Acknowledged* is what a client
was told is kept (calls, slots or letters); *lost* and *doubled* are held against what the database says
afterwards; *else wrong* counts any other broken promise: a wrong token, another feature, an answer that should
not be.

{table}
This was `python -m tests.faults --size {size}`, {minutes:.0f} minutes on two shared cores, Python {python},
SQLite {sqlite}. `--size long` is the same for a night; every build runs a short form
(`tests/faults/test_faults.py`). A row that begins with *control* breaks a promise on purpose: were it not seen,
none of the other rows would mean anything.

## What this does not show

- A power cut. `kill -9` keeps what the operating system holds; that commits are flushed rests on SQLite's
  `synchronous=FULL`  and PostgreSQL's `synchronous_commit`, both checked (`offramp doctor`), not on a test here.
- A disk that lies, or one that is lost: a journal lies on the receiver's disk. An OpenTelemetry Collector with a
  persistent  queue in front keeps its own copy.
- Networks that split: there is one database, and who cannot reach it spills.
"""


def table(rows: Sequence[Outcome]) -> str:
    """The rows as a Markdown table."""
    lines = [_HEAD, ("---",) * len(_HEAD), *(_cells(row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def page(rows: Sequence[Outcome], size: str, seconds: float) -> str:
    """The page of docs/."""
    return _PAGE.format(
        table=table(rows),
        size=size,
        minutes=max(1.0, seconds / 60),
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
    )


def _cells(row: Outcome) -> tuple[str, ...]:
    counts = (row.lost, row.doubled, row.wrong)
    told = tuple(f"**{count}**" if count and not row.control else f"{count:,}" for count in counts)
    return (row.fault, row.database, row.done, f"{row.acknowledged:,}" if row.acknowledged else "–", *told, row.also)
