"""Names as they come from outside, made safe to store, compare and show."""

import unicodedata

FEATURE_LENGTH = 100
MODEL_LENGTH = 200


def clean_name(text: str, most: int) -> str:
    r"""The text in NFC, without control, direction and surrogate characters, trimmed and cut to `most` characters.

    >>> clean_name("  ticket\x00-\u202etriage\n", 100)
    'ticket-triage'
    """
    if text.isascii() and text.isprintable():
        return text.strip()[:most]
    # Cut first: a name of 100 kB must not cost 100 kB of normalising.
    normal = unicodedata.normalize("NFC", text[: most * 4])
    return "".join(char for char in normal if unicodedata.category(char)[0] != "C").strip()[:most]
