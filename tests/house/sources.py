"""What the house tests look at: our packages, their modules, and the files that git keeps."""

import ast
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("collectors", "dashboard", "db", "offramp", "reports", "strategy")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file: where it is, what it says, and what that means."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The path inside the project, with forward slashes."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def lines(self) -> int:
        """How long it is."""
        return len(self.text.splitlines())

    def functions(self) -> Iterator[Function]:
        """Every function and method, the inner ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """The Python files under these folders of the project."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    texts = ((path, path.read_text(encoding="utf-8")) for path in paths)
    return tuple(Module(path, text, ast.parse(text)) for path, text in texts)


def code() -> tuple[Module, ...]:
    """Our own code, without migrations: one is as long as the change it makes, and is never touched again."""
    return tuple(module for module in modules(*PACKAGES) if "db/migrations/versions/" not in module.name)


def git_files(*options: str) -> list[str]:
    """What `git ls-files` lists."""
    git = shutil.which("git")
    assert git is not None, "git is missing: these tests ask it which files the project keeps"
    command = (git, "ls-files", "-z", *options)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, encoding="utf-8")
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]
