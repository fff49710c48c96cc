"""Reads the `offramp` commands out of texts, and writes docs/commands.md from the command line itself.

`python -m tests.house.markdown` prints the page as it has to be.
"""

import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import typer.main
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from offramp.cli.main import app

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^ {4}(offramp .*)$", re.MULTILINE)
SPAN = re.compile(r"(?<!`)`(offramp [^`\n]+)`(?!`)")
SHELLS = {"bash", "console", "sh", "shell"}
HEAD = """# Commands

`offramp [--db URL] COMMAND`. The database is `--db`, else `OFFRAMP_DATABASE_URL`, else a SQLite file in the user's data
folder; its address is told on stderr. `offramp COMMAND --help` says the same as this page.

Exit codes: 0 done; 1 failed; 2 bad usage or unreadable input, nothing was written; 3 done, but something needs a person
(rejected rows, no price in force). With `--json` an error is `{"error", "row", "field", "cure"}`, too.

This page is made from the command line itself, and a test holds the two together
(`python -m tests.house.markdown > docs/commands.md`).
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A command as a text writes it; `whole` where it stands in a shell example and must be complete."""

    place: str
    words: tuple[str, ...]
    whole: bool


def group() -> TyperGroup:
    """The command line."""
    found = typer.main.get_command(app)
    assert isinstance(found, TyperGroup)
    return found


def commands() -> dict[str, TyperCommand]:
    """Every command by name; one of a group has two words, and the group's `show` stands for the group itself."""
    found: dict[str, TyperCommand] = {}
    for name, command in group().commands.items():
        inner = command.commands.items() if isinstance(command, TyperGroup) else [("", command)]
        for word, each in inner:
            assert isinstance(each, TyperCommand)
            found[name if word in {"", "show"} else f"{name} {word}"] = each
    return found


def command_of(words: tuple[str, ...]) -> tuple[str, TyperCommand, tuple[str, ...]] | None:
    """The command that these words call, by its name, with the words left for it; None where there is none."""
    known = commands()
    for length in (2, 1):
        name = " ".join(words[:length])
        if name in known:
            return name, known[name], words[length:]
    return None


def written(place: str, text: str) -> Iterator[Written]:
    """The commands in a Markdown text: shell examples line by line, and single ones in running text."""
    for language, body in FENCE.findall(text):
        if language in SHELLS:
            lines = body.replace("\\\n", " ").splitlines()
            yield from (Written(place, words, whole=True) for line in lines for words in _calls(line))
    text = FENCE.sub("", text)
    yield from (Written(place, words, whole=True) for line in INDENTED.findall(text) for words in _calls(line))
    for span in SPAN.findall(text):
        yield from (Written(place, words, whole=False) for words in _calls(span))


def _calls(line: str) -> Iterator[tuple[str, ...]]:
    """The words behind each `offramp` of a shell line, without `--db URL` and up to the end of that command."""
    if "offramp" not in line:
        return
    for part in re.split(r"&&|\|\||[|;]", line.removeprefix("$ ")):
        words = shlex.split(part, comments=True)
        if "offramp" not in words:
            continue
        found = words[words.index("offramp") + 1 :]
        end = next((number for number, word in enumerate(found) if word in {">", ">>", "&", "2>", "<"}), len(found))
        found = found[2:end] if found[:1] == ["--db"] else found[:end]
        if found and re.fullmatch(r"[a-z]+", found[0]):
            yield tuple(found)


def page() -> str:
    """docs/commands.md."""
    return "\n".join([HEAD, *(_section(name, command) for name, command in commands().items())])


def _section(name: str, command: TyperCommand) -> str:
    arguments = [param for param in command.params if isinstance(param, TyperArgument)]
    words = [_placeholder(param) if param.required else f"[{_placeholder(param)}]" for param in arguments]
    title = " ".join(["offramp", name, *words])
    rows = [_row(param) for param in command.params if isinstance(param, TyperArgument | TyperOption)]
    table = ["", "| argument or option | meaning |", "|---|---|", *rows] if rows else []
    return "\n".join([f"## `{title}`", "", (command.help or "").strip(), *table, ""])


def _placeholder(param: TyperArgument) -> str:
    return (param.name or "").upper() + ("…" if param.nargs == -1 else "")


def _row(param: TyperArgument | TyperOption) -> str:
    if isinstance(param, TyperArgument):
        return f"| `{_placeholder(param)}` | {param.help} |"
    names = ", ".join(f"`{name}`" for name in param.opts)
    choices = " · ".join(f"`{word}`" for word in _choices(param))
    values = f" {choices}." if choices else ""
    default = "" if param.is_flag or param.default is None else f" Default: `{param.default}`."
    again = " May be repeated." if param.multiple else ""
    return f"| {names} | {param.help}{values}{default}{again} |"


def _choices(param: TyperOption) -> tuple[object, ...]:
    annotation = param.type_descriptor.annotation
    parts = [annotation, *get_args(annotation)]
    literals = [part for part in parts if getattr(part, "__origin__", None) is not None and get_args(part)]
    return next((get_args(part) for part in literals if all(isinstance(word, str) for word in get_args(part))), ())


if __name__ == "__main__":
    sys.stdout.write(page())
