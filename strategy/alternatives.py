"""The honest alternatives inside prompting that a migration must beat: a cheaper model, and the same prompt tuned.

- `prompt:cheaper_model` is every request on its model's next cheaper sibling by the same vendor (`cheaper_models` in
  the constants): same key, same API, same prompt. Whether it is good enough, an eval says.
- `prompt:tuned` claims only what the traffic and the price book show: a prefix read from the cache where prompts are
  long enough and none is, and batch prices where the answer may take a day. A shorter prompt and a response cache count
  by the shares the policy names, which are nothing until somebody measured them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache

from strategy.facts import Retirement, TokenMix
from strategy.kinds import PriceKind
from strategy.policy import Level, Policy
from strategy.prices import mix_cost
from strategy.workload import Workload

CHEAPER = "prompt:cheaper_model"
TUNED = "prompt:tuned"
ALTERNATIVES = (CHEAPER, TUNED)
"""In the order of effort: a name to change, then a prompt to rearrange."""

_BATCH_WAIT_MS = 86_400_000
_OPPOSITE: Mapping[Level, Level] = {"low": "high", "base": "base", "high": "low"}


@cache
def _siblings(pairs: str) -> Mapping[str, str]:
    return dict(pair.split(">") for pair in pairs.split())


def siblings(models: Iterable[str], policy: Policy) -> frozenset[str]:
    """The next cheaper models of these, where the policy names one."""
    known = _siblings(policy.text("cheaper_models"))
    return frozenset(known[model] for model in models if model in known)


def cheaper_unit(load: Workload, retirements: tuple[Retirement, ...], policy: Policy) -> Decimal | None:
    """USD a call if each request went to its model's cheaper sibling; None where there is none, or none that lasts."""
    known = _siblings(policy.text("cheaper_models"))
    last = policy.number("horizon_days")
    dying = {each.model for each in retirements if (each.on - load.at.date()).days < last}
    new = {mix.model: known.get(mix.model or "") for mix in load.mix}
    if dying & set(new.values()) or not any(new.values()):
        return None
    return load.mean(lambda mix: mix_cost(load.book, replace(mix, model=new[mix.model] or mix.model), load.at))


def tuned_share(load: Workload, latency_budget_ms: int | None, policy: Policy, level: Level) -> Decimal | None:
    """What the same prompt costs tuned, as a share of what it costs now; None where nothing can be claimed for it."""
    now = load.mean(lambda mix: mix_cost(load.book, mix, load.at))
    waits = latency_budget_ms is not None and latency_budget_ms >= _BATCH_WAIT_MS
    shorter = 1 - policy.number("shorter_prompt_share")
    cached = policy.number("cacheable_share", _OPPOSITE[level])
    then = load.mean(lambda mix: _tuned(load, mix, cached, shorter, batched=waits))
    if not now or then is None:
        return None
    share = then / now * (1 - policy.number("response_cache_share"))
    return share if share < 1 else None


def _tuned(load: Workload, mix: TokenMix, cached: Decimal, shorter: Decimal, *, batched: bool) -> Decimal | None:
    """What a mix would cost tuned: shortened, its prefix from the cache, in batch where that has a price."""
    kept = int(mix.input_tokens * shorter)
    mix = replace(mix, input_tokens=kept, cached_input_tokens=min(mix.cached_input_tokens, kept))
    cacheable = mix.model is not None and not mix.cached_input_tokens and kept >= _LEAST_PREFIX * mix.calls
    if (
        mix.model is not None
        and cacheable
        and load.book.in_force(mix.model, PriceKind.CACHED_INPUT, load.at, tier=mix.tier)
    ):
        mix = replace(mix, cached_input_tokens=int(kept * cached))
    batch = mix_cost(load.book, replace(mix, processing="batch"), load.at) if batched else None
    return mix_cost(load.book, mix, load.at) if batch is None else batch


# The shortest prompt of which a vendor caches a prefix (OpenAI's and Anthropic's documentation).
_LEAST_PREFIX = 1_024
