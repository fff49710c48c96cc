"""Nothing is skipped in silence: what tests/conftest.py makes of a skip."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

SKIPS = {
    "test": "import pytest\n\n\ndef test_one() -> None:\n    pytest.skip('no time')\n",
    "module": "import pytest\n\npytest.skip('no time', allow_module_level=True)\n",
}


@pytest.mark.parametrize("kind", SKIPS)
@pytest.mark.parametrize("ci", ["true", ""])
def test_a_skip_is_a_failure_under_ci(kind: str, ci: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With CI=true a test or a module that skips itself fails the run; on a laptop it is counted and told."""
    (tmp_path / "test_skipping.py").write_text(SKIPS[kind], encoding="utf-8")
    monkeypatch.setenv("CI", ci)
    options = ("-q", "-c", str(ROOT / "pyproject.toml"), "-p", "tests.conftest", "-p", "no:cacheprovider")
    done = subprocess.run(
        (sys.executable, "-m", "pytest", *options, str(tmp_path)), cwd=ROOT, capture_output=True, text=True, check=False
    )
    failed = done.returncode not in {0, 5}  # 5: nothing was left to run
    assert failed == bool(ci), done.stdout + done.stderr
    assert ("skipped" in done.stdout) == (not ci or kind == "test"), done.stdout
