"""How much traffic a description states, and what each seed would make of it.

The bands are second opinions: they decide only where the description names their policy, or where no money is known.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from strategy.advice.described import Described
from strategy.kinds import Answer
from strategy.matrix import band
from strategy.policy import Policy

_MONTHS = Decimal(12)
_DAYS_PER_MONTH = {"seed000": Decimal("30.4")}
"""Seed 000's "millions" is read per month of 30.4 days, as `bands` has it; the others' month has 30."""

_BY_LABEL = {
    "seed000": {"low": "low", "medium": "medium", "high": "high"},
    "seed001": {"low": "prompt", "medium": "hybrid", "high": "distill"},
    "seed002": {"low": "prompt", "medium": "prompt", "high": "distill"},
    "seed003": {"low": "prompt", "medium": "prompt", "high": "distill"},
}
"""What each seed says of a volume that is only called low, medium or high: 001 has three bands in that order; 002 says
"Your volume is low-to-medium" and 003 "when inference volume is low to moderate" of prompting."""

_SAYS = {"high": "distill", "medium": "grey", "low": "prompt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedVolume:
    """Calls a day (None where only a word or nothing was said), the word for it, and each seed's vote."""

    calls_per_day: Decimal | None
    label: str | None
    votes: tuple[tuple[str, str], ...]

    def vote(self, policy: str) -> str | None:
        """What a policy says: prompt, hybrid, distill or grey; None where nothing is stated.

        `breakeven` and `seed003` name no number: where money is not known, the matrix's word for the volume stands in.
        """
        votes = dict(self.votes)
        if policy == "breakeven":
            return _SAYS.get(self.label or "")
        return votes.get(policy)

    def pays(self, policy: str) -> Answer | None:
        """Whether a fixed cost is worth paying at this volume, by a policy; None where nothing is stated."""
        answers = {"distill": Answer.YES, "grey": Answer.UNKNOWN, "hybrid": Answer.NO, "prompt": Answer.NO}
        return answers.get(self.vote(policy) or "")


def stated_volume(described: Described, policy: Policy) -> StatedVolume:
    """Read the volume: a number wins over a word, the shortest period over longer ones, a total counts as a month's."""
    label = described.volume
    bands: dict[str, str] = {}
    for seed in sorted(policy.bands):
        calls = _per_day(described, _DAYS_PER_MONTH.get(seed, Decimal(30)))
        if calls is not None:
            bands[seed] = band(calls, seed, policy)
        elif label is not None:
            bands[seed] = _BY_LABEL[seed][label]
    label = bands.get("seed000")
    votes = {seed: _SAYS.get(said, said) for seed, said in bands.items()}
    if label is not None:
        votes["seed003"] = _BY_LABEL["seed003"][described.volume or label]
    return StatedVolume(calls_per_day=_per_day(described, Decimal(30)), label=label, votes=tuple(sorted(votes.items())))


def _per_day(described: Described, days_per_month: Decimal) -> Decimal | None:
    if described.calls_per_day is not None:
        return described.calls_per_day
    months = described.calls_per_month
    if months is None and described.calls_per_year is not None:
        months = described.calls_per_year / _MONTHS
    if months is None:
        months = described.total_calls
    return None if months is None else (months / days_per_month).to_integral_value(ROUND_CEILING)
