"""How values are written for people: money, counts, times, options. Unknown is the word, never a zero."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import isnan

from reports.render import escape_markdown
from strategy.money import dollars

UNKNOWN = "unknown"
# In a cell of a table, for what is not known or not there.
MISSING = "–"
# Options that change no strategy: by the strategy alone one would read "prompt to prompt".
OF_ONE_STRATEGY = {"prompt:tuned": "tuned prompt", "prompt:cheaper_model": "cheaper model"}
_STEPS = ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "k"))
_ABBREVIATIONS = {"gpu", "usd"}
_CENTS_COUNT_BELOW = 10
_CENT = 0.01
_LEAST_SHARE = 0.001
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# What Markdown turns into a link by itself, escaped or not; a word joiner, which nobody sees, keeps it text.
_ADDRESS, _JOINER = re.compile(r"(?i)\b(?:https?|ftp|www)(?=\\?[:.])|(?<=\w)&#64;(?=\w)"), "\u2060"
_MINUTE, _HOUR, _DAY, _MONTH = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=30.4)
# Up to which age which unit is spoken; nearly two days is 47 hours, nearly two weeks 13 days.
_AGES: tuple[tuple[timedelta, timedelta | None, str], ...] = (
    (_MINUTE, None, ""),
    (_HOUR, _MINUTE, "minute"),
    (48 * _HOUR, _HOUR, "hour"),
    (14 * _DAY, _DAY, "day"),
    (70 * _DAY, 7 * _DAY, "week"),
)


def usd(amount: Decimal | None) -> str:
    """Money to the cent.

    >>> usd(Decimal("3267.6")), usd(Decimal("-2")), usd(None)
    ('$3,267.60', '-$2.00', 'unknown')
    """
    if amount is None:
        return UNKNOWN
    return f"-{dollars(-amount)}" if amount < 0 else dollars(amount)


def usd_format(amounts: Iterable[float | None]) -> str:
    """The format of a column of money: by the cent, or by the millionth where all of it is less than a cent.

    >>> usd_format([0.003, None, float("nan")]), usd_format([0.003, 12]), usd_format([None]), usd_format([0])
    ('$%.6f', 'dollar', 'dollar', 'dollar')
    """
    most = max((abs(amount) for amount in amounts if amount is not None and not isnan(amount)), default=0)
    return "$%.6f" if 0 < most < _CENT else "dollar"


def usd_whole(amount: Decimal | None) -> str:
    """Money in whole dollars, for a sentence; below ten dollars the cents count.

    >>> usd_whole(Decimal("41200.17")), usd_whole(Decimal("4.2")), usd_whole(Decimal(0))
    ('$41,200', '$4.20', '$0')
    """
    if amount is None or 0 < abs(amount) < _CENTS_COUNT_BELOW:
        return usd(amount)
    return usd(amount.quantize(Decimal(1))).removesuffix(".00")


def usd_short(amount: Decimal | None) -> str:
    """Money for a tight place.

    >>> usd_short(Decimal("41234")), usd_short(Decimal("950")), usd_short(Decimal("2.5"))
    ('$41.2k', '$950', '$2.50')
    """
    if amount is None or abs(amount) < _STEPS[-1][0]:
        return usd_whole(amount)
    return "$" + short(amount)


def short(number: Decimal | float) -> str:
    """A number with at most one decimal and a unit.

    >>> short(Decimal(1234567)), short(940), short(26000.0)
    ('1.2M', '940', '26k')
    """
    exact = Decimal(str(number))
    for size, unit in _STEPS:
        if abs(exact) >= size:
            return f"{exact / size:.1f}".removesuffix(".0") + unit
    return f"{exact:,.0f}"


def count(number: float | None) -> str:
    """A whole number with separators.

    >>> count(18250), count(None)
    ('18,250', 'unknown')
    """
    return UNKNOWN if number is None else f"{number:,.0f}"


def percent(share: Decimal | float | None) -> str:
    """A share as a percentage; what is nearly all or nearly nothing is not rounded to it.

    >>> percent(Decimal("0.957")), percent(None), percent(0.99999), percent(1)
    ('95.7 %', 'unknown', '> 99.9 %', '100 %')
    """
    if share is None:
        return UNKNOWN
    if 0 < share < _LEAST_SHARE:
        return "< 0.1 %"
    if 1 - _LEAST_SHARE < share < 1:
        return "> 99.9 %"
    return f"{float(share) * 100:.1f}".removesuffix(".0") + " %"


def long_day(day: date | None) -> str:
    """A day in a sentence.

    >>> long_day(date(2027, 1, 14))
    '14 January 2027'
    """
    return UNKNOWN if day is None else f"{day.day} {day:%B %Y}"


def short_day(day: date | None) -> str:
    """A day in a table; empty where there is none.

    >>> short_day(date(2027, 1, 4)), short_day(None)
    ('4 Jan 2027', '')
    """
    return "" if day is None else f"{day.day} {day:%b %Y}"


def tight_day(day: date) -> str:
    """A day in a tight place.

    >>> tight_day(date(2027, 1, 14))
    '14 Jan ’27'
    """
    return f"{day.day} {day:%b} ’{day:%y}"


def clock(at: datetime) -> str:
    """An instant, exact to the minute.

    >>> clock(datetime(2026, 11, 21, 6, 30, tzinfo=UTC))
    '21 Nov 2026 06:30 UTC'
    """
    return f"{short_day(at.date())} {at:%H:%M} UTC"


def ago(at: datetime | None, now: datetime) -> str:
    """How long since, in the largest unit that still says something.

    >>> ago(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC))
    '3 weeks ago'
    """
    if at is None:
        return "never"
    passed = now - at
    for limit, size, unit in _AGES:
        if passed < limit:
            return "just now" if size is None else _spoken(round(passed / size), unit)
    return _spoken(round(passed / _MONTH), "month")


def when(at: datetime | None, now: datetime) -> str:
    """How long since, and the instant itself, for places that say nothing on hover.

    >>> when(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC))
    '3 weeks ago (1 Nov 2026 00:00 UTC)'
    """
    return ago(at, now) if at is None else f"{ago(at, now)} ({clock(at)})"


def _spoken(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'} ago"


def plural(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    >>> plural(1, "feature"), plural(3, "feature"), plural(2, "price is", "prices are")
    ('1 feature', '3 features', '2 prices are')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def moves(due: int, dismissed: int) -> str:
    """How many should move, and to how many somebody said no; empty where there is neither.

    >>> moves(5, 1), moves(0, 1), moves(2, 0), moves(0, 0)
    ('5 should move; 1 dismissed', '1 dismissed', '2 should move', '')
    """
    told = (f"{due:,} should move" if due else "", f"{dismissed:,} dismissed" if dismissed else "")
    return "; ".join(part for part in told if part)


def some(names: Sequence[str], most: int) -> str:
    """The names, or the first of many and how many more there are.

    >>> some(["a", "b"], 2), some(["a", "b", "c"], 1)
    ('a, b', 'a and 2 more')
    """
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest:,} more" if rest > 0 else "")


def plain(text: str) -> str:
    r"""Text that people gave as one line that Markdown shows letter for letter, no address in it a link.

    >>> plain("costs $5 or *more*")
    'costs \\$5 or \\*more\\*'
    >>> plain("see www.example.org")
    'see www\u2060\\.example.org'
    """
    return _ADDRESS.sub(lambda found: found[0] + _JOINER, escape_markdown(" ".join(text.split())))


def cell(text: str) -> str:
    """Text for a CSV cell that no spreadsheet takes for a formula.

    >>> cell("=1+1"), cell("checkout")
    ("'=1+1", 'checkout')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def option(name: str | None) -> str:
    """A strategy with its variant, as people read it.

    >>> option("prompt:cheaper_model"), option("distill:own"), option("embed")
    ('cheaper model', 'distill · own', 'embed')
    """
    if name is None:
        return UNKNOWN
    return OF_ONE_STRATEGY.get(name) or name.replace(":", " · ").replace("_", " ")


def words(name: str) -> str:
    """A key as words; what is an abbreviation stays one.

    >>> words("time_to_production"), words("gpu_hour_usd")
    ('Time to production', 'GPU hour USD')
    """
    spaced = " ".join(part.upper() if part in _ABBREVIATIONS else part for part in name.split("_"))
    return spaced[:1].upper() + spaced[1:]


def instant(text: str) -> datetime:
    """The instant of a verdict document.

    >>> instant("2026-11-21T00:00:00Z")
    datetime.datetime(2026, 11, 21, 0, 0, tzinfo=datetime.timezone.utc)
    """
    return datetime.fromisoformat(text).astimezone(UTC)
