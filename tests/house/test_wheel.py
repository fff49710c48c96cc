"""What people install: six packages with all their data, and the same whether built from the checkout or the sdist."""

import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.house.sources import PACKAGES, ROOT
from tests.house.test_tools import run_tool

DATA = {".css", ".html", ".json", ".mako", ".md", ".png", ".svg", ".toml", ".txt", ".yaml", ".yml"}


def _build(into: Path, *options: str) -> Path:
    command = (sys.executable, "-m", "build", *options, "--no-isolation", "--outdir", str(into), str(ROOT))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = into.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the checkout, built once and without asking a registry."""
    return _build(tmp_path_factory.mktemp("wheel"), "--wheel")


def _names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_top_level_is_exactly_ours(wheel: Path) -> None:
    """Six packages and the metadata; the same six that import-linter watches and hatchling packs."""
    tops = {name.partition("/")[0] for name in _names(wheel)}
    (metadata,) = {top for top in tops if top.endswith(".dist-info")}
    assert tops - {metadata} == set(PACKAGES)
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert set(tools["importlinter"]["root_packages"]) == set(PACKAGES)
    assert set(tools["hatch"]["build"]["targets"]["wheel"]["packages"]) == set(PACKAGES)


def test_the_data_files_are_in_it(wheel: Path) -> None:
    """Every YAML file, template, migration and setting that the code reads at run time."""
    there = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in DATA and not {".mypy_cache", "__pycache__"} & set(path.parts)
    }
    wanted = {
        "collectors/price_history.yaml",
        "dashboard/.streamlit/config.toml",
        "dashboard/icon.png",
        "db/migrations/script.py.mako",
        "offramp/demo/company.yaml",
        "reports/templates/letter.html",
        "strategy/constants.yaml",
        "strategy/matrix.yaml",
    }
    assert wanted <= there
    assert there - _names(wheel) == set()


def test_nothing_else_is_in_it(wheel: Path) -> None:
    """No cache, no database, no test travels along."""
    stray = {name for name in _names(wheel) if name.endswith((".pyc", ".db")) or "_cache" in name or "/tests/" in name}
    assert stray == set()


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """What a packager builds from the sdist lacks nothing that the checkout has."""
    assert _names(_build(tmp_path)) == _names(wheel)


def test_check_wheel_contents_finds_no_fault(wheel: Path) -> None:
    """Two things are by choice: several top levels (W009), and migrations, which Alembic finds by path (W004)."""
    found = run_tool("check-wheel-contents", "--ignore", "W004,W009", str(wheel))
    assert not found, found
