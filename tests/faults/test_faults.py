"""The program that breaks things, in short: every promise holds and the negative control is seen."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.faults.outcome import Outcome
from tests.faults.scoreboard import table


@pytest.mark.timeout(1_500)
def test_every_promise_holds_while_things_break() -> None:
    """The short form of `make faults`, without the kills, which have their own test, and the streams."""
    groups = ("outages", "disks", "bodies", "clocks", "controls")
    for group in groups:
        command = [sys.executable, "-m", "tests.faults", "--size", "short", "--only", group]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{group}: {done.stdout}{done.stderr}"


def test_a_broken_promise_is_told() -> None:
    """One call lost is a row that is not right; a control that breaks nothing is not right either."""
    lost = Outcome(fault="f", database="sqlite", done="once", acknowledged=3, lost=1)
    assert not lost.right()
    assert "| f | sqlite | once | 3 | **1** | 0 | 0 |" in table([lost])
    assert not Outcome(fault="control", database="sqlite", done="once", control=True).right()
    assert Outcome(fault="control", database="sqlite", done="once", doubled=2, control=True).right()
