"""The programs that break things on purpose, in short: nothing is lost and nothing happens twice."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT


def _runs(program: str, *arguments: str) -> str:
    command = [sys.executable, str(ROOT / "benchmarks" / program), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(600)
def test_job_slots_take_effect_once_though_workers_are_killed() -> None:
    """200 slots, ten kills, two workers."""
    assert _runs("job_slots.py", "--slots", "200", "--kills", "10") == (
        "200 slots, 10 workers killed: 0 missing, 0 double\n"
    )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("policy", ["hold", "resend"])
def test_messages_arrive_once_though_servers_fail_and_senders_are_killed(policy: str) -> None:
    """Forty messages, three kills: what is unsure is counted, the others are neither lost nor doubled."""
    told = _runs("deliveries.py", "--messages", "40", "--kills", "3", "--if-unsure", policy)
    assert told.startswith("40 messages, 3 senders killed: ")
    assert told.endswith("lost 0, doubled 0, not counted 0\n")
