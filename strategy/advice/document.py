"""An advice as a value, and as the JSON document of every verdict with `id`, `strategy` and `policy` beside it."""

from dataclasses import dataclass

from strategy.verdict import Verdict, document


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A verdict on a description; `strategy` is the target, or the present strategy where it stays there."""

    id: str
    strategy: str
    policy: str
    verdict: Verdict


def advice_document(advice: Advice) -> dict[str, object]:
    """The contract's JSON document."""
    return {"id": advice.id, "strategy": advice.strategy, "policy": advice.policy, **document(advice.verdict)}
