"""What holds a feature where its behaviour is quick to change, before any gate (decision research, section 2.3).

A hold closes strategies that must be built from data; code and retrieval stay open, for they are changed as fast.
"""

from dataclasses import dataclass

from strategy.kinds import Strategy
from strategy.profile import TaskProfile

TRAINED = frozenset({Strategy.EMBED, Strategy.DISTILL})


@dataclass(frozen=True, slots=True)
class Hold:
    """Closed strategies, why in a sentence, the seeds that say so, and whether one already there must leave."""

    closed: frozenset[Strategy]
    because: str
    seeds: tuple[str, ...]
    leaves: bool = False


def holds(task: TaskProfile) -> tuple[Hold, ...]:
    """The holds that the registered profile states."""
    found: list[Hold] = []
    if task.change_frequency == "high":
        found.append(
            Hold(
                TRAINED,
                "the behaviour must change often, and a prompt is changed in minutes: "
                "“Frequent changes needed: Prompt Engineering — update speed matters more than cost”",
                ("seed001", "seed002", "seed003"),
                leaves=True,
            )
        )
    if task.must_switch_models:
        found.append(
            Hold(
                TRAINED,
                "models must be switched at will, and what is trained is tied to its base: "
                "prompting is right when “you need to switch between models easily”",
                ("seed002", "seed003"),
                leaves=True,
            )
        )
    return tuple(found)
