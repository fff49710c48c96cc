"""What is written is true: commands exist with these options, links lead somewhere, decisions have their four parts."""

import ast
import re
from pathlib import Path

import pytest
from typer.core import TyperOption

from tests.house.markdown import SPAN, Written, command_of, group, page, written
from tests.house.sources import ROOT, code, git_files

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\((?!https?://|#)([^)#\s]+)(?:#[^)]*)?\)")
DOCUMENT = re.compile(r"(?<![\w/])(?:[\w-]+/)*[\w-]+\.md\b")
README_LINES, DECISION_LINES = 120, 80
PARTS = ["Context", "Decision", "Consequences", "Alternatives"]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _faults(command: Written) -> str | None:
    """What is wrong with a command as it is written, None where nothing is."""
    called = command_of(command.words)
    if called is None:
        return f"{command.place}: there is no command {command.words[0]}"
    name, known, rest = called
    options = {option for param in known.params if isinstance(param, TyperOption) for option in param.opts}
    options |= {"--help"}
    wrong = [word for word in rest if word.startswith("--") and word.partition("=")[0] not in options]
    if wrong:
        return f"{command.place}: {name} has no {wrong[0]}"
    if command.whole and "--help" not in rest:
        try:
            known.make_context(name, list(rest), parent=group().make_context("offramp", ["--db", "x", name]))
        except Exception as refused:  # noqa: BLE001 (whatever the parser says, the reader would meet)
            return f"{command.place}: offramp {' '.join(command.words)}: {refused}"
    return None


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_every_command_in_a_page_exists(path: Path) -> None:
    """Every `offramp …` names a real command with real options; in a shell example all of it parses."""
    faults = map(_faults, written(_name(path), path.read_text(encoding="utf-8")))
    assert [fault for fault in faults if fault] == []


def test_a_wrong_command_would_be_found() -> None:
    """The check itself: an unknown command, an unknown option, a missing argument and a wrong choice are faults."""
    example = "```sh\nofframp load --set model=x\nofframp report --format pdf\n```\n"
    text = f"`offramp fly` `offramp usage --sideways`\n{example}"
    places = [_faults(command) for command in written("x", text)]
    assert [fault is not None for fault in places] == [True] * 4


def test_every_command_the_program_names_exists() -> None:
    """A cure that sends somebody to a command sends them to one that is there."""
    faults = [
        f"{module.name}:{node.lineno} {fault}"
        for module in code()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for span in SPAN.findall(node.value)
        for command in written("", f"`{span}`")
        if (fault := _faults(command))
    ]
    assert faults == []


def test_the_page_of_commands_is_the_command_line() -> None:
    """docs/commands.md lists every command with its options; make it again where they differ."""
    there = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert there == page(), "run: python -m tests.house.markdown > docs/commands.md"


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_every_link_leads_somewhere(path: Path) -> None:
    """A link inside the project points at a file that is there."""
    targets = LINK.findall(path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_code_refers_to_pages_that_are_there() -> None:
    """A document named in the code is one that a reader of the code has."""
    there = {name for kept in git_files("--cached", "--others", "--exclude-standard") for name in _endings(kept)}
    found = ((module.name, name) for module in code() for name in DOCUMENT.findall(module.text))
    assert [f"{place}: {name}" for place, name in found if name not in there] == []


def _endings(path: str) -> list[str]:
    """A path and what is left of it when folders are taken off its front."""
    parts = path.split("/")
    return ["/".join(parts[start:]) for start in range(len(parts))]


def test_the_readme_is_read_in_one_sitting() -> None:
    """The README has at most 120 lines."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= README_LINES


@pytest.mark.parametrize("path", DECISIONS, ids=_name)
def test_a_decision_has_its_four_parts(path: Path) -> None:
    """Context, decision, consequences, alternatives, on one page."""
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    assert len(text.splitlines()) <= DECISION_LINES


def test_a_decision_keeps_its_number() -> None:
    """0000 is the template; a number is used once (one that is still being written leaves a gap)."""
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == sorted(set(numbers))
    assert (numbers[0], len(numbers) > 1) == (0, True)
