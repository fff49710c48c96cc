"""A process in what a container gives it: another user, no rights, a read-only file system, its own environment.

As root on Linux that is a mount namespace, `setpriv` and the image's user; elsewhere the environment alone.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

USER = 10001
_STOPS = 120
_SCRIPT = """
set -e
for folder in $WRITABLE; do mount --bind "$folder" "$folder"; done
mount -o remount,bind,ro /
unset WRITABLE
exec setpriv --reuid {user} --regid {user} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"
"""


@cache
def boxed() -> bool:
    """Whether this machine can shut a process in: root, Linux, and code that another user may read."""
    if sys.platform != "linux" or os.geteuid() != 0 or not (shutil.which("unshare") and shutil.which("setpriv")):
        return False
    command = ["unshare", "--mount", "setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    probe = [*command, sys.executable, "-c", "import sys; open(sys.argv[1]).close()", str(ROOT / "pyproject.toml")]
    return subprocess.run(probe, check=False, capture_output=True, cwd=ROOT).returncode == 0


def boxed_command(
    command: Sequence[str], writable: Sequence[Path], environment: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """The command and environment that run `command` shut in, able to write to `writable` alone."""
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **environment}
    if not boxed():
        return list(command), given
    for folder in writable:
        os.chown(folder, USER, USER)
    inner = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _SCRIPT.format(user=USER), "sh", *command]
    return inner, {**given, "WRITABLE": " ".join(map(str, writable))}


@contextmanager
def running(
    command: Sequence[str], writable: Sequence[Path], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Such a process until the block ends; then it gets SIGTERM and must end by itself."""
    given, told = boxed_command(command, writable, environment)
    with log.open("ab") as output:
        process = subprocess.Popen(given, env=told, stdout=output, stderr=output, cwd="/", start_new_session=True)
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> int:
    """SIGTERM, patience, SIGKILL; the exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOPS)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()
