"""A command ends at once, and leaves nothing half done: its words are out, its database is closed, its code is kept."""

import json
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE


def offramp(base: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command on this SQLite file, in a process of its own."""
    command = [sys.executable, "-m", "offramp", "--db", f"sqlite:///{base}", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_command_leaves_one_file_and_says_all_of_it(tmp_path: Path) -> None:
    """No log lies beside the database that somebody copies, and what it printed is a whole document."""
    base = tmp_path / "a.db"
    assert offramp(base, "migrate").returncode == 0
    told = offramp(base, "features", "--json")
    assert (told.returncode, json.loads(told.stdout)) == (0, [])
    assert [file.name for file in tmp_path.iterdir()] == ["a.db"]


def test_its_exit_code_is_the_commands(tmp_path: Path) -> None:
    """2 where nothing was done, and 0 for help."""
    assert offramp(tmp_path / "none.db", "features").returncode == 2
    assert offramp(tmp_path / "none.db", "load", "nowhere.csv").returncode == 2
    assert offramp(tmp_path / "none.db", "no-such-command").returncode == 2
    assert offramp(tmp_path / "none.db", "--help").returncode == 0


def test_who_stops_reading_sees_no_trace_of_python(tmp_path: Path) -> None:
    """`offramp features --json` whose reader has gone ends with 1, as a command does that could not say its words."""
    base = tmp_path / "a.db"
    assert offramp(base, "migrate").returncode == 0
    command = [sys.executable, "-m", "offramp", "--db", f"sqlite:///{base}", "features", "--json"]
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert (said, process.returncode) == (f"database: sqlite:///{base}\n", 1)
