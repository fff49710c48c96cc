"""The three measured set-ups of seed 003: a strong model prompted, a weak one fine-tuned, a weak one prompted.

"The quality hierarchy is typically: strong model + good prompt > fine-tuned weak model > weak model + good prompt."
Measured scores decide; the hierarchy itself is only the prior, and never enough for a move.
"""

from decimal import Decimal

from strategy.advice.described import Described
from strategy.policy import Policy


def margin_of(described: Described, policy: Policy) -> Decimal:
    """The loss of quality that is accepted: stated, or the cited default for the cost of an error."""
    stated = described.margin
    return policy.number(f"margin_{described.task.error_cost or 'medium'}") if stated is None else stated


def tuned_is_worse(described: Described, policy: Policy) -> bool:
    """Whether the fine-tuned weak model was measured, and falls short of the prompted strong one or of the floor."""
    return described.ft_weak is not None and not _holds(described.ft_weak, described, policy)


def tuned_is_better(described: Described, policy: Policy) -> bool:
    """Whether only the fine-tuned model is good enough, or it beats the prompted strong one by more than the margin."""
    tuned, strong, floor = described.ft_weak, described.strong_prompt, described.required_score
    if tuned is None or strong is None or tuned_is_worse(described, policy):
        return False
    return tuned > strong + margin_of(described, policy) or (floor is not None and strong < floor)


def cheaper_holds(described: Described, policy: Policy) -> bool:
    """Whether the same prompt on the weak model is good enough: the cheap alternative that training must beat."""
    weak, strong = described.weak_prompt, described.strong_prompt
    return weak is not None and strong is not None and _holds(weak, described, policy)


def _holds(score: Decimal, described: Described, policy: Policy) -> bool:
    strong, floor = described.strong_prompt, described.required_score
    within = strong is None or score >= strong - margin_of(described, policy)
    return within and (floor is None or score >= floor)
