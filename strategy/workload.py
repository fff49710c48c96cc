"""What a feature's traffic carries and costs per call, at one instant's prices.

The mean cost of a call comes from the token mix, each request priced by its own size. Where less than the policy's
share of the calls can be priced, the cost is unknown; the unpriced rest is taken to cost the average, never nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from strategy.facts import Price, Snapshot, TokenMix
from strategy.kinds import PriceKind
from strategy.money import ZERO, token_cost
from strategy.policy import Policy
from strategy.prices import PriceBook, lines_used, mix_cost
from strategy.volume import Volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Traffic and prices at an instant. `usd_per_call` and `tokens_per_call` are means over all calls."""

    calls_per_day: Decimal
    usd_per_call: Decimal | None
    tokens_per_call: Decimal | None
    unpriced_models: tuple[str, ...]
    charged_share: Decimal
    mix: tuple[TokenMix, ...]
    book: PriceBook
    at: datetime
    # The same for every volume and price of today that is tried, which are many.
    _elsewhere: dict[str, Decimal | None] = field(default_factory=dict, repr=False, compare=False)

    def on_model(self, model: str) -> Decimal | None:
        """USD per call if every call went to this model with the same tokens; None where that has no price."""
        if model not in self._elsewhere:
            cost = self.mean(lambda mix: mix_cost(self.book, replace(mix, model=model), self.at))
            self._elsewhere[model] = cost
        return self._elsewhere[model]

    def embedded_by(self, model: str) -> Decimal | None:
        """USD per call if an embedding model read every input once."""
        line = self.book.in_force(model, PriceKind.INPUT, self.at)
        if line is None:
            return None
        return self.mean(lambda mix: token_cost(mix.input_tokens, line.usd_per_mtok))

    def has_output(self) -> bool:
        """Whether the traffic shows how much text is generated."""
        return any(mix.output_tokens for mix in self.mix)

    def lines(self) -> tuple[Price, ...]:
        """The price lines the present cost rests on."""
        return lines_used(self.book, self.mix, self.at)

    def mean(self, cost: Callable[[TokenMix], Decimal | None]) -> Decimal | None:
        """USD per call of what `cost` makes of each part of the traffic; None where it cannot tell one."""
        costs = [cost(mix) for mix in self.mix]
        known = [amount for amount in costs if amount is not None]
        calls = sum(mix.calls for mix in self.mix)
        return sum(known, ZERO) / calls * self.charged_share if calls and len(known) == len(costs) else None


def workload_of(snapshot: Snapshot, volume: Volume, book: PriceBook, at: datetime, policy: Policy) -> Workload:
    """The traffic of a snapshot at the prices in force at `at`."""
    mix = snapshot.usage.mix
    calls = sum(part.calls for part in mix)
    tokens = sum(part.input_tokens + part.output_tokens for part in mix)
    costs = [(part, mix_cost(book, part, at)) for part in mix]
    priced = [(part, cost) for part, cost in costs if cost is not None]
    priced_calls = sum(part.calls for part, _ in priced)
    enough = priced_calls > 0 and priced_calls >= policy.number("priced_share") * calls
    total = sum((cost for _, cost in priced), ZERO)
    return Workload(
        calls_per_day=volume.calls_per_day or ZERO,
        usd_per_call=total / priced_calls * volume.charged_share if enough else None,
        tokens_per_call=Decimal(tokens) / calls if tokens else None,
        unpriced_models=tuple(sorted({part.model or "an unknown model" for part, cost in costs if cost is None})),
        charged_share=volume.charged_share,
        mix=mix,
        book=book,
        at=at,
    )
