"""The holds of a description: those of the registered profile, and those of a problem that is still being explored."""

from decimal import Decimal

from strategy.advice.described import Described
from strategy.hold import TRAINED, Hold, holds
from strategy.kinds import Strategy
from strategy.policy import Policy

_BUILT = TRAINED | {Strategy.HYBRID}


def described_holds(described: Described) -> tuple[Hold, ...]:
    """Every hold that is stated, in the order in which it is told."""
    found = list(holds(described.task))
    if described.problem_shape_known is False:
        found.append(
            Hold(
                _BUILT,
                "the shape of the problem is not known yet: “Before you build a classifier, a retrieval pipeline, "
                "or a fine-tuned model, you need to understand the data”",
                ("seed000",),
            )
        )
    if described.validated is False:
        found.append(
            Hold(
                _BUILT,
                "the approach is not validated yet: “you start with Strategy 2 (prompt an LLM) to explore the problem "
                "and validate the approach”",
                ("seed000",),
            )
        )
    if described.stable is False:
        found.append(
            Hold(
                TRAINED,
                "the task does not hold still yet: prompting is right “when you are iterating on requirements”",
                ("seed003", "seed000"),
            )
        )
    return tuple(found)


def too_young(described: Described, policy: Policy) -> bool:
    """Whether the feature is younger than the days of traffic the live judge waits for."""
    return described.age_days is not None and described.age_days < Decimal(policy.number("min_days"))
