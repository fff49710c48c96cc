"""One option that a description points to, and why."""

from dataclasses import dataclass

from strategy.advice.described import strategy_of
from strategy.kinds import Code, Strategy

RETRIEVAL = "hybrid:rag"
CHEAPER = "prompt:cheaper_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One option and why. `code` set: not a move but a thing to do first, at the present strategy.

    `needed`: it does not hang on money. `wanted`: a missing prerequisite of it is worth telling.
    `anyway`: it may lead to a more flexible strategy than the present one. `by_volume`: the volume alone speaks for it.
    """

    option: str
    because: str
    seeds: tuple[str, ...]
    code: Code | None = None
    needed: bool = False
    wanted: bool = True
    anyway: bool = False
    by_volume: bool = False

    @property
    def strategy(self) -> Strategy:
        """The strategy without its variant."""
        return strategy_of(self.option)
