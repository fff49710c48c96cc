"""Texts from outside made safe to stand in one line of a letter, a subject or a chat message."""

import re
import unicodedata

# What turns the reading direction of the text around it: a name must not rewrite its neighbours.
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST = 400


def one_line(text: str, most: int = _LONGEST) -> str:
    r"""The text without control and direction characters, on one line, cut to `most` characters.

    >>> one_line("Ticket\r\nBcc: all\u202e  triage")
    'Ticket Bcc: all triage'
    """
    plain = _DIRECTION.sub("", text[: most * 4])
    spaced = "".join(" " if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char for char in plain)
    line = " ".join(spaced.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
