"""Prices by time of day: which hours of the week a price holds for, and what such a price is called.

A price's context is its processing and, where it holds for some hours only, those hours: `standard@16:30-00:30`,
`standard@Mon-Fri 01:00-04:00,06:00-10:00`. Hours are UTC; a window that crosses midnight belongs to the day on which
it begins. Usage is kept by the hour, so an hour counts at the price in force when it begins: a window that cuts an
hour in two is half an hour late at its start and at its end.
"""

import re
from datetime import UTC, datetime
from functools import cache

HOURS_A_WEEK = 168
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES
_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_FORM = re.compile(rf"(?:({'|'.join(_DAYS)})-({'|'.join(_DAYS)}) )?({_TIME}-{_TIME}(?:,{_TIME}-{_TIME})*)")


def in_hours(processing: str, hours: str) -> str:
    """What a price of these hours is called.

    Raises:
        ValueError: they are not written as `16:30-00:30` or `Mon-Fri 01:00-04:00,06:00-10:00`.
    """
    if _FORM.fullmatch(hours) is None:
        message = f"{hours[:60]!r} are no hours: write 16:30-00:30 or Mon-Fri 01:00-04:00,06:00-10:00 (UTC)"
        raise ValueError(message)
    return f"{processing}@{hours}"


def plain(context: str) -> str:
    """The processing of a context, whatever its hours.

    >>> plain("standard@16:30-00:30"), plain("batch")
    ('standard', 'batch')
    """
    return context.partition("@")[0]


def hours_of(context: str) -> str:
    """The hours of a context, '' where it holds at any."""
    return context.partition("@")[2]


def said(context: str) -> str:
    """A context in words, '' for the standard price of any hour.

    >>> said("standard"), said("batch"), said("standard@16:30-00:30")
    ('', 'batch', '16:30-00:30 UTC')
    """
    words = (plain(context).replace("standard", ""), f"{hours_of(context)} UTC" if hours_of(context) else "")
    return ", ".join(word for word in words if word)


def holds_at(context: str, at: datetime) -> bool:
    """Whether the hours of a context hold at an instant, to the minute; one without hours always does."""
    at = at.astimezone(UTC)
    return _holds(context, at.weekday() * _DAY_MINUTES + at.hour * 60 + at.minute)


@cache
def week_of(context: str) -> frozenset[int]:
    """The hours of the week (0 to 167) that begin within the hours of a context."""
    return frozenset(hour for hour in range(HOURS_A_WEEK) if _holds(context, hour * 60))


def _holds(context: str, minute: int) -> bool:
    return not hours_of(context) or any(
        (minute - start) % _WEEK_MINUTES < length for start, length in _windows(hours_of(context))
    )


@cache
def _windows(hours: str) -> tuple[tuple[int, int], ...]:
    """Each window of the week: the minute of the week at which it begins, and its minutes."""
    form = _FORM.fullmatch(hours)
    if form is None:
        return ()
    first, last = (_DAYS.index(form[1]), _DAYS.index(form[2])) if form[1] else (0, len(_DAYS) - 1)
    days = [(first + step) % len(_DAYS) for step in range((last - first) % len(_DAYS) + 1)]
    spans = [[int(part[:2]) * 60 + int(part[3:]) for part in span.split("-")] for span in form[3].split(",")]
    return tuple(
        (day * _DAY_MINUTES + start, (end - start) % _DAY_MINUTES or _DAY_MINUTES)
        for day in days
        for start, end in spans
    )
