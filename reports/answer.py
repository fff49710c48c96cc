"""What came of handing a message over: taken, refused for now or for good, or nobody knows."""

from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """The four ends. Only after `UNKNOWN` may the recipient's side have a message that we do not count as sent."""

    TAKEN = "taken"
    REFUSED = "refused"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """The end, and the other side's words, which may be stored and shown."""

    fate: Fate
    words: str
