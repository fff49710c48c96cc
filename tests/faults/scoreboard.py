"""The scoreboard as a table and as the page docs/faults.md, in which each row is that of its latest run."""

import platform
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import ROOT
from tests.faults.outcome import Outcome

PAGE = ROOT / "docs" / "faults.md"
GOALS = {
    "kill -9 of a receiver": "10,000 kills (PostgreSQL 5,000), 0 lost, 0 doubled",
    "SIGSTOP while holding the write lock": "others wait, freed by kill -9",
    "database killed or restarted mid-write": "1,000 kills, 0 lost, 0 doubled",
    "SIGSTOP and SIGCONT of a receiver": "0 lost, 0 doubled",
    "power cut, database": "10,000 cuts, 0 lost, 0 corrupt",
    "power cut, journal of a receiver": "10,000 cuts, 0 lost, 0 corrupt",
    "disk full, the journal's too": "refused with 503, 0 lost",
    "disk of the database full": "0 lost, 0 refused",
    "any order, split, doubled": "any permutation: the same figures",
    "two receivers, the same body at once": "0 doubled",
    "two of everything, restarted in turn": "10 minutes, the figures of one process",
    "late and future spans": "refused and counted",
    "corrupted bodies, through the door": "0 answered 5xx, below 300 MB",
    "corrupted bodies, behind the door": "100 million, 0 answered 5xx",
    "hostile names": "refused or harmless",
    "clock jumps": "0 missing, 0 doubled",
    "changes of the clock, every zone": "0 missed, 0 doubled in 5 years",
    "job slots, two workers killed -9": "10,000 slots, 0 missing, 0 doubled",
    "letters, senders killed -9": "0 lost, 0 doubled, each unsure one shown",
    "locked errors": "0",
    "deadlocks": "0",
    "planted secrets and prompts": "0 found in any output",
    "foreign origins and hosts": "0 accepted",
    "price recomputed: twice, killed, at once": "byte for byte the same",
}
"""Faults in the order of the page, each with the goal that is set for it."""

_HEAD = ("fault", "database", "how often", "acknowledged", "lost", "doubled", "else wrong", "goal", "beside it")
_PAGE = """# What happens when things break

Written by `make faults`: it breaks real processes on real databases, and counts. *Acknowledged* is what a client
was told is kept (calls, slots or letters); *lost* and *doubled* are held against what the database says
afterwards; *else wrong* counts any other broken promise: a wrong token, another feature, an answer that should
not be. *Goal* is what the project wants to hold in the long run; how far a run went stands beside it.

{table}
Each row is that of its latest run, on two shared and busy cores, Python {python}, SQLite {sqlite}. `make faults` runs
them all but the fleet of two of everything, which is `make fleet`; `make faults SIZE=long` is for a night, `make faults
ONLY=kills,power` runs some, `make kills N=2000` as many kills as that. Every build runs a short form
(`tests/faults/test_faults.py`). A row that begins with *control* breaks a promise on purpose: were it not seen, none of
the other rows would mean anything.

## Fuzzers

On 2026-11-22, none of them with a find:

| command | what | how much |
| --- | --- | --- |
| `make schemathesis` | the OpenAPI page: by coverage, at random, in sequence | 1,054 cases, all passed |
| `make atheris RUNS=100000` | OTLP bodies and files, guided by coverage | 100,000 inputs each |

## What this does not show

- A disk that lies about having flushed, or one that is lost: a journal lies on the receiver's disk. An OpenTelemetry
  Collector with a persistent queue in front keeps its own copy.
- A power cut under PostgreSQL: that its commits are flushed rests on `fsync` and `synchronous_commit`, which
  `offramp doctor` checks.
- Networks that split: there is one database, and who cannot reach it spills.
"""


def table(rows: Sequence[Outcome]) -> str:
    """The rows as a Markdown table."""
    return _table([_cells(row) for row in rows])


def write(rows: Sequence[Outcome], page: Path = PAGE) -> None:
    """Put these rows into the page; rows of other faults or databases stay as they are."""
    found = {cells[:2]: cells for cells in _read(page) if _is_known(cells[0])} | {
        cells[:2]: cells for cells in map(_cells, rows)
    }
    order = {fault: place for place, fault in enumerate(GOALS)}
    lines = sorted(found.values(), key=lambda cells: (order.get(cells[0], len(order)), cells[0], cells[1] != "sqlite"))
    text = _PAGE.format(table=_table(lines), python=platform.python_version(), sqlite=sqlite3.sqlite_version)
    page.write_text(text, encoding="utf-8")


def _is_known(fault: str) -> bool:
    return fault in GOALS or fault.startswith("control: ")


def _read(page: Path) -> list[tuple[str, ...]]:
    lines = page.read_text(encoding="utf-8").splitlines() if page.exists() else []
    cells = [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines if line.startswith("| ")]
    return [row for row in cells[2:] if len(row) == len(_HEAD)]


def _table(lines: Sequence[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in (_HEAD, ("---",) * len(_HEAD), *lines))


def _cells(row: Outcome) -> tuple[str, ...]:
    counts = (row.lost, row.doubled, row.wrong)
    told = tuple(f"**{count}**" if count and not row.control else f"{count:,}" for count in counts)
    acknowledged = f"{row.acknowledged:,}" if row.acknowledged else "–"
    goal = "must be seen" if row.control else GOALS[row.fault]
    return (row.fault, row.database, row.done, acknowledged, *told, goal, row.also)
