"""What git keeps: nothing of one machine, nothing of a registry, nothing that was made by running."""

import re

from tests.house.sources import ROOT, git_files

# Pieced together so that this file does not find itself.
STRAY = {
    "a path of one machine": r"(?<![\w.])/(?:work|root|home|tmp|Users)/\w|\b[A-Z]:\\Users",
    "an address of a registry": r"python[h]osted|/simple[/]|index[-]url|find[-]links|registry\.\w+\.",
    "a note to somebody else": r"\bhand[b]ook\b|\bsub[-]?agents?\b|[Cc]o-authored[-]by|\bTO[D]O\b|\bFIX[M]E\b",
}


def test_nothing_of_one_machine_is_kept() -> None:
    """No tracked text names a folder of somebody's machine, a registry, or a conversation about the work."""
    found = []
    for name in git_files():
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name}:{place}" for place in _stray(text)]
    assert found == []


def _stray(text: str) -> list[str]:
    hits = ((what, match) for what, pattern in STRAY.items() for match in re.finditer(pattern, text))
    return [f"{text.count(chr(10), 0, match.start()) + 1} {what}: {match.group()}" for what, match in hits]


def test_nothing_made_is_kept() -> None:
    """Git keeps no file that .gitignore names."""
    assert git_files("--cached", "--ignored", "--exclude-standard") == []


def test_constraints_name_no_address() -> None:
    """The constraints pin names and versions only: they mean the same with every registry."""
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(pins) > 50
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==[\w.+!-]+( ; .+)?", pin)] == []
    assert "://" not in text
