"""An error as one line that may be stored and shown: its kind and first line, without passwords, keys or SQL."""

import re

from db.failures import DatabaseError, database_words

_LONGEST = 300
_SECRETS = (
    (re.compile(r"(://[^/\s:@]*):[^@\s]+@"), r"\1:***@"),
    (
        re.compile(r"(?i)\b(bearer|token|password|passwd|secret|api[-_ ]?key|authorization)\b(\s*[=:]\s*|\s+)\S+"),
        r"\1\2***",
    ),
    (re.compile(r"\b(?:sk|pk|ofr|ghp|xox[a-z])[-_][\w-]{8,}"), "***"),
)


def error_words(error: Exception) -> str:
    """What went wrong, in one line.

    >>> error_words(ValueError("cannot reach postgresql://app:hunter2@db/offramp"))
    'ValueError: cannot reach postgresql://app:***@db/offramp'
    """
    if isinstance(error, DatabaseError):
        text = database_words(error)
    else:
        text = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text[:_LONGEST].rstrip(": ")
