"""Notices between two letters: a new alert, a price in quarantine. What waits for one recipient goes as one message."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from reports.channels import Kind
from reports.lines import one_line
from reports.message import Message
from reports.words import count

_NOUNS = {
    Kind.NEW_ALERT: ("new alert", "new alerts"),
    Kind.QUARANTINED_PRICE: ("price in quarantine", "prices in quarantine"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing that happened: its sentence, what to know about it, and the page that shows it."""

    kind: str
    title: str
    lines: tuple[str, ...]
    page: str


def written(notice: Notice) -> str:
    """The one text of a notice, as the outbox keeps it."""
    return json.dumps(asdict(notice), sort_keys=True, ensure_ascii=False)


def read(text: str) -> Notice:
    """The notice that `written` wrote.

    Raises:
        ValueError: it is not such a text.
    """
    try:
        given = json.loads(text)
        return Notice(kind=given["kind"], title=given["title"], lines=tuple(given["lines"]), page=given["page"])
    except (KeyError, TypeError) as problem:
        raise ValueError(f"not a stored notice: {problem!r}") from problem


def notices_message(notices: Sequence[Notice], link: str | None = None) -> Message:
    """One message of notices: alone its sentence is the subject, together they are counted."""
    parts = [_told(notice, link) for notice in notices]
    text = "\n\n".join(parts) + "\n"
    return Message(subject=one_line(f"Offramp: {_subject(notices)}"), text=text, short=text.rstrip())


def _subject(notices: Sequence[Notice]) -> str:
    if len(notices) == 1:
        return notices[0].title
    numbers = Counter(notice.kind for notice in notices)
    return ", ".join(count(numbers[kind], *nouns) for kind, nouns in _NOUNS.items() if numbers[kind])


def _told(notice: Notice, link: str | None) -> str:
    more = [*notice.lines, *([f"{link}/{notice.page}"] if link else [])]
    return "\n".join([notice.title, *(f"  {line}" for line in more)])
