"""Which source's count of a feature's calls is the figure, where several tell of the same calls.

The order is that of who is nearest to the call: what applications sent or a person loaded, then what passed the calls
on, then tables made from either, then what watched, then whose bill it is (collectors chapter of the design, 0.3).
"""

from collections.abc import Mapping
from enum import IntEnum


class Rank(IntEnum):
    """The place of a source in the order; of a feature's day the lowest that speaks is the record."""

    CHOSEN = -1
    SENDER = 0
    GATEWAY = 1
    WAREHOUSE = 2
    TRACKER = 3
    PROVIDER = 4


# Files by the tool that wrote them, and pulled sources by their kind. Whatever is not named here is a sender.
RANKS: Mapping[str, Rank] = {
    "litellm": Rank.GATEWAY,
    "bedrock": Rank.GATEWAY,
    "warehouse": Rank.WAREHOUSE,
    "langfuse": Rank.TRACKER,
    "openai_usage": Rank.PROVIDER,
}
# A pulled source of kind `openai` is the vendor's usage; the file of that name holds an application's own answers.
_PULLED: Mapping[str, Rank] = {
    **RANKS,
    "litellm_daily": Rank.GATEWAY,
    "openai": Rank.PROVIDER,
    "anthropic": Rank.PROVIDER,
}
# How the name of a pulled source begins.
PULLED = "pull:"
# In place of a source: none steps aside, for they tell of different calls.
EVERY = "all"
MEASURES = ("usage", "latency")


def rank_of(source: str, pulled_as: str | None = None) -> Rank:
    """The place of a source by its name, or, where it is pulled, by its kind.

    >>> rank_of("otlp").name, rank_of("langfuse").name, rank_of("pull:proxy", "litellm").name
    ('SENDER', 'TRACKER', 'GATEWAY')
    """
    return RANKS.get(source, Rank.SENDER) if pulled_as is None else _PULLED.get(pulled_as, Rank.WAREHOUSE)
