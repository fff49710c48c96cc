"""Costs 10 million calls as Offramp does, against genai-prices asked per call and against the bare multiplication.

`python benchmarks/costing.py [--calls N] [--sample N]`. Offramp counts calls into rollups, prices each (model, period,
tier) group once; what is timed is grouping the calls in memory and pricing the groups. genai-prices' `calc_price` is
asked for a stated sample, and its time for all calls extrapolated. The bound is one numpy multiplication per token kind
on prices that are already there: nothing that reads every call can beat it.
"""

import argparse
import time
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
from genai_prices import Usage, calc_price

from collectors.price_history import book_prices
from strategy.facts import TokenMix, size_tier
from strategy.prices import PriceBook, mix_cost

MODELS = ("openai/gpt-5.6-luna", "google/gemini-2.5-pro", "openai/gpt-4o-mini", "anthropic/claude-sonnet-4-5")
AT = datetime(2026, 11, 1, tzinfo=UTC)


def main() -> None:
    """Time the three, print seconds and ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--sample", type=int, default=20_000)
    asked = parser.parse_args()
    random = np.random.default_rng(4)
    model = random.integers(0, len(MODELS), asked.calls)
    tokens_in = random.integers(50, 4_000, asked.calls)
    tokens_out = random.integers(1, 800, asked.calls)
    book = PriceBook(tuple(line for line in book_prices() if line.model in MODELS))

    start = time.perf_counter()
    total = _offramp(book, model, tokens_in, tokens_out)
    ours = time.perf_counter() - start

    rates = [[float(_rate(book, name, kind)) for name in MODELS] for kind in ("input", "output")]
    unit_in, unit_out = np.array(rates[0])[model], np.array(rates[1])[model]
    start = time.perf_counter()
    bound_total = float((tokens_in * unit_in + tokens_out * unit_out).sum()) / 1e6
    bound = time.perf_counter() - start

    start = time.perf_counter()
    for row in range(asked.sample):
        provider, _, name = MODELS[model[row]].partition("/")
        used = Usage(input_tokens=int(tokens_in[row]), output_tokens=int(tokens_out[row]))
        calc_price(used, name, provider_id=provider, genai_request_timestamp=AT)
    peer = (time.perf_counter() - start) / asked.sample * asked.calls

    assert abs(float(total) - bound_total) < 1e-6 * bound_total
    print(f"{asked.calls:,} calls cost ${total:,.2f}")
    print(f"offramp        {ours:8.2f} s")
    print(f"genai-prices   {peer:8.2f} s  ({peer / ours:,.0f} times as long; from {asked.sample:,} calls)")
    print(f"multiplication {bound:8.2f} s  (offramp takes {ours / bound:.1f} times the bound)")


def _offramp(book: PriceBook, model: np.ndarray, tokens_in: np.ndarray, tokens_out: np.ndarray) -> Decimal:
    """The exact cost: tokens summed per group of one price, each group priced once."""
    bounds = sorted({0, *(line.tier_min_input_tokens for line in book.lines)})
    tier = np.searchsorted(bounds, tokens_in, side="left") - 1
    group = model * len(bounds) + tier
    size = len(MODELS) * len(bounds)
    calls = np.bincount(group, minlength=size)
    # Sums of whole tokens stay exact in a double below 2**53.
    sums = [np.bincount(group, weights=tokens, minlength=size).astype(np.int64) for tokens in (tokens_in, tokens_out)]
    total = Decimal(0)
    for place in np.flatnonzero(calls):
        name, bound = MODELS[place // len(bounds)], bounds[place % len(bounds)]
        cost = mix_cost(
            book,
            TokenMix(
                model=name,
                tier=size_tier(bound + 1),
                processing="standard",
                calls=int(calls[place]),
                input_tokens=int(sums[0][place]),
                cached_input_tokens=0,
                cache_write_tokens=0,
                output_tokens=int(sums[1][place]),
            ),
            AT,
        )
        assert cost is not None
        total += cost
    return total


def _rate(book: PriceBook, model: str, kind: str) -> Decimal:
    line = next(
        line for line in book.lines if (line.model, line.kind) == (model, kind) and line.processing == "standard"
    )
    found = book.in_force(model, line.kind, AT)
    assert found is not None
    return found.usd_per_mtok


if __name__ == "__main__":
    main()
