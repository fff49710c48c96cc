"""What the button of a pulled source does: one request, in a callback, and its answer is shown once."""

from dataclasses import dataclass

from dashboard import selection
from offramp.actions.collect import chosen
from offramp.actions.failure import BadInput
from offramp.actions.findings import Finding, amiss
from offramp.actions.sources import ask_sources, configured_sources
from offramp.clock import now


@dataclass(frozen=True, slots=True)
class Asked:
    """What the sources said."""

    findings: tuple[Finding, ...]


def ask(name: str) -> None:
    """Ask one source whether it can be read."""
    selection.press(selection.until_told(f"ask {name}"), lambda: _asked(name), done=lambda _: True)


def _asked(name: str) -> Asked:
    try:
        found = tuple(ask_sources(chosen(configured_sources(), [name]), now()))
    except BadInput as wrong:
        problem = wrong.problems[0]
        found = (amiss(f"source {name}", problem.error, problem.cure or "correct the sources file"),)
    return Asked(found)
