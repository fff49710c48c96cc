"""The rules in force as one value: constants with their sources, the matrix, the order of the gates, the bands.

`offramp.policy.load_policy` reads it from the YAML files beside this module; nothing here does I/O.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Literal

from strategy.kinds import Gate, Property, Strategy

Level = Literal["low", "base", "high"]
"""Which estimate of a constant: `low` (10th percentile), `base` or `high` (90th)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """One number (or model name) in force; `low` and `high` equal the value where no range is known."""

    key: str
    value: str
    low: str
    high: str
    unit: str
    grade: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What the matrix says of one strategy at one property; `values` is empty where `lo` and `hi` hold."""

    text: str
    lo: str
    hi: str
    values: tuple[str, ...]
    hard: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything a judgement needs besides the facts."""

    constants: Mapping[str, Constant]
    cells: Mapping[tuple[Property, Strategy], Cell]
    units: Mapping[Property, str]
    ordinals: Mapping[Property, tuple[str, ...]]
    gates: tuple[Gate, ...]
    bands: Mapping[str, tuple[tuple[str, Decimal], ...]]

    def number(self, key: str, level: Level = "base") -> Decimal:
        """The constant as an exact decimal, at the wanted level of its range."""
        constant = self.constants[key]
        return _exact(constant.value if level == "base" else constant.low if level == "low" else constant.high)

    def text(self, key: str) -> str:
        """The constant as it is written: a model name or a date."""
        return self.constants[key].value

    def frozen(self) -> tuple[tuple[str, str], ...]:
        """The numbers in force as a snapshot keeps them, sorted by key; the inverse of `with_constants`."""
        lines: list[tuple[str, str]] = []
        for key, constant in self.constants.items():
            lines += [(key, constant.value), (f"{key}.high", constant.high), (f"{key}.low", constant.low)]
        return tuple(sorted(lines))

    def with_constants(self, lines: Iterable[tuple[str, str]]) -> "Policy":
        """This policy with a snapshot's numbers in place of its own; keys it does not know are ignored."""
        given = dict(lines)
        constants = {key: _as_given(constant, given) for key, constant in self.constants.items()}
        same = all(constant is self.constants[key] for key, constant in constants.items())
        return self if same else replace(self, constants=constants)


def _as_given(constant: Constant, given: Mapping[str, str]) -> Constant:
    """The constant with the numbers that are given for it; itself where they are its own."""
    key, own = constant.key, (constant.value, constant.low, constant.high)
    told = given.get(key, own[0]), given.get(f"{key}.low", own[1]), given.get(f"{key}.high", own[2])
    return constant if told == own else replace(constant, value=told[0], low=told[1], high=told[2])


@cache
def _exact(text: str) -> Decimal:
    """A constant is read many thousand times a judgement; its decimal is made once."""
    return Decimal(text)
