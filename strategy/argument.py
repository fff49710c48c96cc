"""What the sentences of a verdict are made from."""

from dataclasses import dataclass
from decimal import Decimal

from strategy.announced import Decided
from strategy.case import Case
from strategy.core import Finding
from strategy.facts import Retirement
from strategy.gates import GateAnswer
from strategy.kinds import Strategy
from strategy.unknowns import Matter
from strategy.verdict import FlipPoint, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """What the sentences are made from; `said` tells which announced day decided or undid it."""

    case: Case
    finding: Finding
    gates: tuple[GateAnswer, ...]
    money: Money
    flips: tuple[FlipPoint, ...]
    retirement: Retirement | None
    said: Decided
    confidence: Decimal | None
    breakeven: int | None
    bands: tuple[tuple[str, str | None], ...]
    matters: tuple[Matter, ...]

    @property
    def name(self) -> str:
        """The feature as people call it."""
        feature = self.case.snapshot.feature
        return feature.name or feature.slug

    @property
    def now(self) -> Strategy:
        """What it runs on today."""
        return self.case.snapshot.feature.strategy
