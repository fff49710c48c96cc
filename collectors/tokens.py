"""Token counts under one rule: input is the total with its cached and cache-write parts, reasoning is in output."""

import math
import re
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

# No request of today's models comes near; a larger number is a fault of the sender and would overflow a sum.
MOST_TOKENS = 10**9
MOST_USD = Decimal(10**6)
_WHOLE = re.compile(r"[0-9]{1,12}(?:\.0{1,9})?")
_DECIMAL = re.compile(r"[0-9]{0,12}\.?[0-9]{0,40}(?:[eE][+-]?0*[0-9]{1,3})?")


class BadNumber(ValueError):  # noqa: N818 (named for what is wrong)
    """Not a finite, whole (for tokens), non-negative number within bounds."""


def whole(value: object, most: int = MOST_TOKENS) -> int:
    """A count from a number or its text; BadNumber for negative, fractional, boolean, infinite or huge ones.

    >>> whole("2006"), whole(2006.0)
    (2006, 2006)
    """
    if type(value) is int and 0 <= value <= most:
        return value
    number: int | None = None
    if isinstance(value, str):
        text = value.strip()
        number = int(text.partition(".")[0]) if _WHOLE.fullmatch(text) else None
    elif isinstance(value, float | Decimal):
        # Bounds first: turning a decimal of 10^999999 into an integer would take the memory of the machine.
        number = int(value) if _finite(value) and 0 <= value <= most and value == int(value) else None
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    if number is None or not 0 <= number <= most:
        raise BadNumber
    return number


def _finite(value: float | Decimal) -> bool:
    return value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)


def usd(value: object) -> Decimal:
    """A cost in USD, 0 or more, from a number or its text; BadNumber otherwise."""
    text = str(value).strip() if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool) else ""
    if not text or not _DECIMAL.fullmatch(text):
        raise BadNumber
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise BadNumber from None
    if amount > MOST_USD:
        raise BadNumber
    return amount


class Tokens(NamedTuple):
    """The counts of one call; None where the sender does not say."""

    input: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    output: int | None = None
    reasoning: int | None = None

    def known(self) -> bool:
        """Whether the sender said how large the call was."""
        return self.input is not None or self.output is not None


def canonical(tokens: Tokens) -> Tokens:
    """The counts with totals that hold their parts: a part larger than its total was left out of it, so it is added."""
    total, cached, written, output, reasoning = tokens
    inside = (cached or 0) + (written or 0)
    if inside <= (total or 0) and (reasoning or 0) <= (output or 0):
        return tokens
    if total is not None and inside > total:
        total += inside
    if output is not None and reasoning is not None and reasoning > output:
        output += reasoning
    return Tokens(total, cached, written, output, reasoning)


def with_reasoning(tokens: Tokens) -> Tokens:
    """The counts of a sender whose output leaves reasoning out, with it in their output."""
    if tokens.output is None:
        return tokens
    return tokens._replace(output=tokens.output + (tokens.reasoning or 0))


def with_total(tokens: Tokens, total: object, *, rest: bool) -> Tokens:
    """The counts with what a total has beyond them, where it is the cache or the reasoning that they leave out.

    With `rest` whatever is beyond them is output. A total that is no count says nothing.

    >>> with_total(Tokens(input=36, cached=64, output=20), 120, rest=False).input
    100
    >>> with_total(Tokens(input=100, output=12, reasoning=8), 120, rest=False).output
    20
    """
    if tokens.input is None or tokens.output is None:
        return tokens
    try:
        beyond = whole(total) - tokens.input - tokens.output
    except BadNumber:
        return tokens
    if beyond <= 0:
        return tokens
    if rest or beyond == tokens.reasoning:
        return tokens._replace(output=tokens.output + beyond)
    return with_cache(tokens) if beyond == (tokens.cached or 0) + (tokens.cache_write or 0) else tokens


def with_cache(tokens: Tokens) -> Tokens:
    """The counts of a sender whose input leaves the cache out, with all of it in their input."""
    if tokens.input is None:
        return tokens
    return tokens._replace(input=tokens.input + (tokens.cached or 0) + (tokens.cache_write or 0))
