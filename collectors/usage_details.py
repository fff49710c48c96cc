"""Usage as one text: JSON in the provider's own shape (Langfuse's SDK) or in Langfuse's, LangSmith's or MLflow's.

Genkit tells it only inside the text of an answer, of which nothing else is looked at.

Langfuse's `input` is meant to leave cached tokens out but double-counts in some integrations
(langfuse/langfuse#12306), so its `total` is preferred where it is given. Its `output` is meant to leave reasoning out
likewise, as its SDKs for LangChain and JavaScript do; the total says whether it did.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from collectors.json_text import object_in
from collectors.tokens import Tokens, usd, whole, with_cache, with_reasoning, with_total

_INPUT = ("prompt_tokens", "input_tokens")
_OUTPUT = ("completion_tokens", "output_tokens", "output")
_DETAILS_IN = ("prompt_tokens_details", "input_tokens_details", "input_token_details")
_DETAILS_OUT = ("completion_tokens_details", "output_tokens_details", "output_token_details")
_CACHED = (
    "cache_read_input_tokens",
    "input_cached_tokens",
    "input_cache_read",
    "input_cached",
    "cache_read",
    "prompt_cached_tokens",
)
_WRITTEN = (
    "cache_creation_input_tokens",
    "input_cache_creation",
    "input_cache_write",
    "cache_creation",
    "prompt_cache_creation_tokens",
)
# What was written for five minutes and for an hour: the sum above them, which LangChain then makes zero.
_WRITTEN_FOR = re.compile(
    r"(?:input_)?ephemeral_(?:5m|1h)_input_tokens|(?:input|prompt)_cache_creation_(?:5m|1h)(?:_tokens)?"
)
_REASONING = ("output_reasoning_tokens", "output_reasoning", "reasoning_tokens", "completion_reasoning_tokens")
# Langfuse's own shape has a part for each kind of token, beside input and output.
_PART = re.compile(r"_(?:modality_\w+|(?:audio|image|video|document|text)(?:_tokens)?)", re.ASCII | re.IGNORECASE)

# As the makers of models call them whose input leaves the cache out; as Vercel's SDK and they call its parts.
_MAKERS_WITHOUT_CACHE = frozenset({"anthropic", "bedrock"})
_METADATA_CACHED = (
    "cache_read_input_tokens",
    "cacheReadInputTokens",
    "cachedContentTokenCount",
    "cachedPromptTokens",
    "promptCacheHitTokens",
)
_METADATA_WRITTEN = ("cache_creation_input_tokens", "cacheCreationInputTokens", "cacheWriteInputTokens")
_METADATA_REASONING = ("thoughtsTokenCount", "reasoningTokens")

# Genkit's answers: what it made of a provider's, its own name for that one, and their usage. They hold the answer
# twice, so that the longest of a model's is some 400,000 letters; a picture in one is longer.
_ANSWERED = frozenset({"usage", "message", "candidates", "embeddings"})
_USAGE, _RAW = ("usage",), ("raw", "custom")
_MOST_ANSWER = 2**20


def usage_from_details(text: object) -> Tokens:
    """The counts in a usage_details text; BadNumber where one is no count, all None where it is no JSON object."""
    given = object_in(text, _MOST_ANSWER)
    if not _ANSWERED.isdisjoint(given):
        return _from_answer(given)
    # LangSmith and LiteLLM write Python's repr of a dictionary of numbers.
    return _from_usage(given or object_in(str(text).replace("'", '"').replace("None", "null")))


def _from_answer(given: dict[str, Any]) -> Tokens:
    # The provider's own usage says more: Genkit's leaves out what OpenAI's cache had, and Anthropic's in its input.
    for raw in filter(None, (_group(_group(given, (name,)), _USAGE) for name in _RAW)):
        if (found := _from_usage(raw)).known():
            return found
    usage = _group(given, _USAGE)
    names = "inputTokens", "cachedContentTokens", "", "outputTokens", "thoughtsTokens"
    counts = Tokens(*(_count(usage, (name,)) for name in names))
    return with_total(counts, usage.get("totalTokens"), rest=False)


def _from_usage(given: dict[str, Any]) -> Tokens:
    inside, outside = _group(given, _DETAILS_IN), _group(given, _DETAILS_OUT)
    cached = _count(given, _CACHED)
    written = _written(given, _WRITTEN)
    reasoning = _first_known(_count(given, _REASONING), _count(outside, ("reasoning_tokens", "reasoning")))
    beside = (cached or 0) + (written or 0) + _parts(given, "input")
    output = _output(given, beside, (reasoning or 0) + _parts(given, "output"))
    return Tokens(
        input=_input(given, output, beside),
        cached=cached if cached is not None else _count(inside, ("cached_tokens", "cache_read")),
        cache_write=written if written is not None else _written(inside, ("cache_write_tokens", "cache_creation")),
        output=output,
        reasoning=reasoning,
    )


def cost_from_details(text: object) -> Decimal | None:
    """The total of a cost_details text, or the sum of its parts; BadNumber where one is no amount."""
    given = object_in(text)
    total = next((given[name] for name in ("total", "total_cost") if given.get(name) is not None), None)
    if total is not None:
        return usd(total)
    parts = [usd(value) for value in given.values() if value is not None]
    return sum(parts, Decimal(0)) if parts else None


def with_metadata(tokens: Tokens, text: object) -> Tokens:
    """The counts of Vercel's SDK before version 6, with what they lack of the cache and of reasoning.

    `text` is the provider's own word beside them, as JSON by maker; BadNumber where one in it is no count.
    """
    for maker, given in object_in(text).items():
        if not isinstance(given, dict):
            continue
        said = {**given, **_group(given, ("usage", "usageMetadata"))}
        tokens = tokens._replace(
            cached=_first_known(tokens.cached, _count(said, _METADATA_CACHED)),
            cache_write=_first_known(tokens.cache_write, _count(said, _METADATA_WRITTEN)),
            reasoning=_first_known(tokens.reasoning, _count(said, _METADATA_REASONING)),
        )
        if maker in _MAKERS_WITHOUT_CACHE:
            return with_cache(tokens)
        if "usageMetadata" in given:
            # Google's: its candidates are the output, and its thoughts beside them.
            return with_reasoning(tokens)
    return tokens


def _output(given: dict[str, Any], beside_input: int, beside: int) -> int | None:
    output = _count(given, _OUTPUT)
    if output is None or _count(given, _OUTPUT[:-1]) is not None:
        return output
    # Langfuse's own shape. Its parts sum to its total, unless an integration left some of them in.
    total, uncached = _count(given, ("total", "total_tokens")), _count(given, ("input",))
    inside = total is not None and total - output - (uncached or 0) in {0, beside_input}
    return output if inside else output + beside


def _input(given: dict[str, Any], output: int | None, beside: int) -> int | None:
    total_input = _count(given, _INPUT)
    if total_input is not None:
        # Anthropic's own shape leaves the cache out of input_tokens and names it beside; it has no total.
        apart = "cache_read_input_tokens" in given and "total_tokens" not in given
        return total_input + beside if apart else total_input
    total, uncached = _count(given, ("total", "total_tokens")), _count(given, ("input",))
    if total is not None and output is not None and total >= output:
        return total - output
    return None if uncached is None else uncached + beside


def _written(given: dict[str, Any], names: tuple[str, ...]) -> int | None:
    told = _count({name: given[name] for name in names if not isinstance(given.get(name, {}), dict)}, names)
    return told or _sum(given, lambda name: _WRITTEN_FOR.fullmatch(name) is not None) or told


def _parts(given: dict[str, Any], side: str) -> int:
    """What Langfuse's own shape has beside a side, but for the cache and the reasoning."""
    if side not in given:
        return 0
    return _sum(given, lambda name: name.startswith(side) and _PART.fullmatch(name, len(side)) is not None) or 0


def _sum(given: dict[str, Any], counts: Callable[[str], bool]) -> int | None:
    found = [whole(value) for name, value in given.items() if value is not None and counts(name)]
    return sum(found) if found else None


def _group(given: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return next((given[name] for name in names if isinstance(given.get(name), dict)), {})


def _count(given: dict[str, Any], names: tuple[str, ...]) -> int | None:
    return next((whole(given[name]) for name in names if given.get(name) is not None), None)


def _first_known(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
