"""A past to be judged day by day: what was reported when, which evals came when, and what each option costs.

Days are whole numbers from a common day 0. Prices are USD per million tokens. Floats throughout: this is what the
procedure estimates from, not a ledger.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from strategy.npv import Stakes
from strategy.paired import Paired


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What an option costs: tokens per call on a model, the share of calls that reach it, and USD beyond that."""

    option: str
    eligible: bool
    model: str
    tokens_in: float
    tokens_out: float
    call_share: float
    usd_per_call: float
    one_off_usd: float
    lead_days: int
    usd_per_year: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The calls of a day as told on the day `as_of`; None where they were missing."""

    day: int
    as_of: int
    calls: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """A paired eval of an option against the prompt, known from this day on."""

    day: int
    option: str
    paired: Paired


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One feature's past; `kind` is its kind of task, by which the fleet's record is kept."""

    feature: str
    launched: int
    kind: str
    stakes: Stakes
    ways: Mapping[str, Way]
    reports: tuple[Reported, ...]
    evals: tuple[Evaluated, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceStep:
    """A model's price from a day on."""

    model: str
    day: int
    usd_per_mtok_in: float
    usd_per_mtok_out: float


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A portfolio's past until a day (exclusive); where it is `acted`, a due move begins on the day it is due."""

    until: int
    acted: bool
    start: str
    pasts: tuple[Past, ...]
    prices: tuple[PriceStep, ...]
