"""What others call our columns. A guess is told, as the option that would rename the column, and never applied.

Only names that can hold nothing else are here: an `id` may be unique within its day only, a `status` may say 200 of a
good call, a `latency` may be seconds, and tokens read from a cache may stand beside the input instead of in it.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from collectors.renames import option

_OTHER_NAMES = {
    "timestamp": "ts time date datetime created created_at start_time started_at event_time request_time logged_at",
    "model": "llm model_name model_id llm_model",
    "feature": "feature_name use_case",
    "provider": "vendor llm_provider model_provider provider_name",
    "input_tokens": "prompt_tokens tokens_in in_tokens input_token_count prompt_token_count num_input_tokens",
    "output_tokens": "completion_tokens tokens_out out_tokens output_token_count completion_token_count",
    "cached_input_tokens": "cached_tokens cached_prompt_tokens",
    "calls": "n_calls num_calls call_count requests num_requests request_count",
    "cost_usd": "cost usd total_cost cost_total spend",
    "latency_ms": "duration_ms elapsed_ms response_time_ms",
    "error": "failed is_error error_type error_code exception",
    "call_id": "request_id response_id completion_id generation_id",
    "processing": "service_tier",
    "metric": "metric_name",
    "n": "samples num_samples sample_count examples",
    "day": "date",
    "amount_usd": "amount cost total usd",
}
_SIGNS = re.compile(r"[\W_]")


def rename_cure(names: Iterable[str], known: Iterable[str], needed: Collection[str] | None = None) -> str:
    """The options that would make columns of a file the `known` ones that it lacks; empty where no `needed` one is.

    >>> rename_cure(["promptTokens", "model"], ["model", "input_tokens"])
    'did you mean --rename promptTokens=input_tokens?'
    """
    found = _meant(tuple(names), tuple(known))
    if found.keys().isdisjoint(found if needed is None else needed):
        return ""
    return f"did you mean {' '.join(option(theirs, ours) for ours, theirs in found.items())}?"


def misspelt(names: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Our columns that are not among the names, by those that are the same but for signs and large letters.

    >>> misspelt(["Input Tokens", "outputTokens", "cost_usd"], ["input_tokens", "output_tokens", "cost_usd"])
    {'Input Tokens': 'input_tokens', 'outputTokens': 'output_tokens'}
    """
    there = tuple(names)
    lacking = {_plain(ours): ours for ours in known if ours not in there}
    return {name: lacking[word] for name in there if (word := _plain(name)) in lacking}


# Every row of a file of millions may be refused, with the same columns.
@lru_cache(maxsize=64)
def _meant(names: tuple[str, ...], known: tuple[str, ...]) -> Mapping[str, str]:
    """By our columns that are not among the names: the name that each seems to go by."""
    left, found = list(names), dict[str, str]()
    for ours in known:
        if ours in left:
            continue
        likely = [_plain(name) for name in (ours, *_OTHER_NAMES.get(ours, "").split())]
        there = [(likely.index(word), name) for name in left for word in _words(name) if word in likely]
        if there:
            _, found[ours] = min(there, key=lambda each: each[0])
            left.remove(found[ours])
    return found


def _words(name: str) -> tuple[str, str]:
    """A name, and what it ends in: `usage.prompt_tokens` are prompt tokens."""
    return _plain(name), _plain(name.rpartition(".")[2])


def _plain(name: str) -> str:
    return _SIGNS.sub("", name).lower()
