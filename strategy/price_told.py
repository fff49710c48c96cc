"""A move of a price in words, and which of several is the one to tell."""

from collections.abc import Collection
from datetime import UTC
from decimal import Decimal

from strategy.facts import Price
from strategy.kinds import PriceKind
from strategy.money import rate


def size_of(old: Price, new: Price, carried: Collection[str | None]) -> tuple[bool, Decimal, tuple[int, int, str]]:
    """What a move is ranked by: of a model that carries traffic, by how many times; of equal ones the plainest."""
    return new.model in carried, _factor(old, new), _plainness(new)


def _factor(old: Price, new: Price) -> Decimal:
    """How many times the price moved, either way."""
    low, high = sorted((old.usd_per_mtok, new.usd_per_mtok))
    return high / low if low else Decimal("Infinity")


def _plainness(line: Price) -> tuple[int, int, str]:
    """Of equal moves the plainest is told: the input price of the smallest requests."""
    return -list(PriceKind).index(line.kind), -line.tier_min_input_tokens, line.model


def price_told(old: Price, new: Price, rose: str, fell: str) -> str:
    """The sentence of a move, with the verb for a rise or for a fall."""
    verb = rose if new.usd_per_mtok > old.usd_per_mtok else fell
    day = new.valid_from.astimezone(UTC).date()
    kind = new.kind.replace("_", " ")
    tier = f" above {new.tier_min_input_tokens:,} tokens" if new.tier_min_input_tokens else ""
    said = f"{new.model} {kind}{tier} {verb}"
    return f"{said} from ${rate(old.usd_per_mtok)} to ${rate(new.usd_per_mtok)} per Mtok on {day}."
