"""Nothing is skipped in silence: what tests/conftest.py makes of a skip."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

OPTIONS = ("-q", "-c", str(ROOT / "pyproject.toml"), "-o", "addopts=", "--continue-on-collection-errors")
PLUGINS = ("-p", "tests.conftest", "-p", "no:cacheprovider")


def test_a_skip_is_a_failure_under_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With CI=true a test that skips itself fails, and so does a module."""
    (tmp_path / "test_one.py").write_text("import pytest\n\n\ndef test_one() -> None:\n    pytest.skip('no time')\n")
    (tmp_path / "test_all.py").write_text("import pytest\n\npytest.skip('no time', allow_module_level=True)\n")
    monkeypatch.setenv("CI", "true")
    command = (sys.executable, "-m", "pytest", *OPTIONS, *PLUGINS, str(tmp_path))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 1 error" in done.stdout
