"""The tools that judge the code, each run as a contributor runs it; pre-commit runs the same ones."""

import shutil
import subprocess
import sys
import sysconfig

import pytest
import yaml

from tests.house.sources import ROOT

TOOLS = {
    "ruff-format": ("ruff", "format", "--check", "."),
    "ruff-check": ("ruff", "check", "--output-format", "concise", "."),
    "mypy": ("mypy",),
    "lint-imports": ("lint-imports",),
    "codespell": ("codespell",),
}


def run_tool(*command: str) -> str:
    """Run one of the environment's programs in the project; what it printed where it found fault, else nothing."""
    program = shutil.which(command[0], path=sysconfig.get_path("scripts"))
    assert program is not None, f"{command[0]} is not installed beside {sys.executable}: pip install -e '.[test]'"
    done = subprocess.run((program, *command[1:]), cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_finds_no_fault(name: str) -> None:
    """Format, rules, types, layers and spelling hold for the whole project."""
    found = run_tool(*TOOLS[name])
    assert not found, found


if sys.platform != "win32":  # hadolint has no wheel there

    def test_the_dockerfile_is_sound() -> None:
        """Hadolint finds no fault in the Dockerfile."""
        found = run_tool("hadolint", "Dockerfile")
        assert not found, found


def test_pre_commit_runs_the_same_tools() -> None:
    """A hook for each tool, in this order, with nothing fetched from elsewhere."""
    content = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (repo,) = content["repos"]
    assert repo["repo"] == "local"
    hooks = {hook["id"]: hook["entry"].split()[0] for hook in repo["hooks"]}
    assert hooks == {name: command[0] for name, command in TOOLS.items()}
