"""The program that breaks things, in short: every promise holds and the negative control is seen."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.faults.outcome import Outcome
from tests.faults.scoreboard import table, write


@pytest.mark.timeout(1_500)
def test_every_promise_holds_while_things_break() -> None:
    """The short form of `make faults`, but for what has a test of its own: kills, streams, jobs, prices, secrets."""
    groups = "outages,disks,power,contention,bodies,clocks,controls"
    command = [sys.executable, "-m", "tests.faults", "--size", "short", "--only", groups]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def test_a_broken_promise_is_told() -> None:
    """One call lost is a row that is not right; a control that breaks nothing is not right either."""
    lost = Outcome(fault="deadlocks", database="sqlite", done="once", acknowledged=3, lost=1)
    assert not lost.right()
    assert "| deadlocks | sqlite | once | 3 | **1** | 0 | 0 |" in table([lost])
    assert not Outcome(fault="control", database="sqlite", done="once", control=True).right()
    assert Outcome(fault="control", database="sqlite", done="once", doubled=2, control=True).right()


def test_a_row_replaces_that_of_the_run_before(tmp_path: Path) -> None:
    """The page keeps the rows of other faults and databases; a fault that there is no more goes."""
    page = tmp_path / "faults.md"
    rows = [Outcome(fault="deadlocks", database=name, done="once") for name in ("sqlite", "postgresql")]
    write([*rows, Outcome(fault="control: of old", database="sqlite", done="once", wrong=1, control=True)], page)
    page.write_text(page.read_text().replace("control: of old", "of old"))
    write([Outcome(fault="deadlocks", database="postgresql", done="twice")], page)
    lines = [line for line in page.read_text().splitlines() if " once " in line or " twice " in line]
    assert [line.split(" | ")[:3] for line in lines] == [
        ["| deadlocks", "sqlite", "once"],
        ["| deadlocks", "postgresql", "twice"],
    ]
