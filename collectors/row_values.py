"""One cell of a row to a value, or a WrongField that names what would be right.

A cell is text (CSV), a JSON value, or a typed value (Parquet). Empty text and null are "not given".
An error shows a value only where it is a short single word, so that no prompt text slips into a message.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from collectors.names import clean_name
from collectors.tokens import BadNumber, usd, whole

Row = Mapping[str, object]

# Also as PostgreSQL and DuckDB (+00), BigQuery (UTC), Java (+0000) and Azure's bills (no seconds) export it.
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?) ?(Z|UTC|[+-]\d\d(?::?\d\d)?)", re.IGNORECASE
)
_UNIX = re.compile(r"[0-9]{9,13}(?:\.[0-9]{1,9})?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,18}\.?[0-9]{0,40}|\.[0-9]{1,40})(?:[eE][+-]?0*[0-9]{1,2})?")
_HARMLESS = re.compile(r"[\w.,:+/-]{1,40}", re.ASCII)
_TWO_WORDS = re.compile(r"[\w.,:+/@-]{1,100}(?: [\w.,:+/@-]{1,40})?", re.ASCII)
# Unix seconds reach this in the year 5138; milliseconds passed it in 1973.
_MILLISECONDS_FROM = 100_000_000_000
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_TRUE, _FALSE = ("1", "true", "yes"), ("0", "false", "no")
NO_ZONE = "has no time zone"
_TIME_CURE = "write it as 2026-11-21T10:00:00Z (with Z or an offset), or as unix seconds or milliseconds"


class WrongField(Exception):  # noqa: N818 (a verdict on one cell; readers turn it into a Rejected)
    """One cell that cannot be taken: the field, what is wrong, what would be right."""

    def __init__(self, field: str, error: str, cure: str) -> None:
        super().__init__(f"{field} {error}; {cure}")
        self.field, self.error, self.cure = field, error, cure


def cell(row: Row, field: str) -> object | None:
    """The cell's value, None where it is not given."""
    value = row.get(field)
    return None if isinstance(value, str) and not value.strip() else value


def shown(value: object) -> str:
    """A value for an error message: itself where it is one short word, else only its size.

    >>> shown("12.5"), shown("Summarise ticket 42")
    ("'12.5'", 'a text of 19 characters')
    """
    text = str(value)
    return f"'{text}'" if _HARMLESS.fullmatch(text) else f"a text of {len(text)} characters"


def harmless(value: object) -> str:
    """A value as a file of refused rows may hold it: two words at most, else only its size.

    >>> harmless("2026-11-21 10:00"), harmless("Please summarise ticket 42")
    ('2026-11-21 10:00', '(a text of 26 characters)')
    """
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return text if not text or _TWO_WORDS.fullmatch(text) else f"(a text of {len(text)} characters)"


def text_cell(row: Row, field: str, most: int) -> str | None:
    """A name without control characters; WrongField where it is longer than `most` or not UTF-8."""
    value = cell(row, field)
    if value is None:
        return None
    if not isinstance(value, str | int | float | Decimal) or isinstance(value, bool):
        raise WrongField(field, f"is a {type(value).__name__}", "write one name as text")
    text = str(value)
    if len(text) > most:
        raise WrongField(field, f"has {len(text)} characters", f"use at most {most} characters")
    if not text.isascii():
        _check_utf8(field, text)
    return clean_name(text, most) or None


def _check_utf8(field: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise WrongField(field, "is not UTF-8", "save the file as UTF-8") from None


def whole_cell(row: Row, field: str, most: int) -> int | None:
    """A count, 0 or more."""
    value = cell(row, field)
    if value is None:
        return None
    try:
        return whole(value, most)
    except BadNumber:
        raise WrongField(
            field, f"is {shown(value)}", f"write a whole number from 0 to {most}, or leave it empty where it is unknown"
        ) from None


def usd_cell(row: Row, field: str) -> Decimal | None:
    """An amount in USD, 0 or more."""
    value = cell(row, field)
    if value is None:
        return None
    try:
        return usd(value)
    except BadNumber:
        raise WrongField(
            field, f"is {shown(value)}", "write US dollars as a plain number such as 0.0123, or leave it empty"
        ) from None


def number_cell(row: Row, field: str) -> Decimal | None:
    """A finite number of either sign."""
    value = cell(row, field)
    if value is None:
        return None
    if not isinstance(value, bool) and _NUMBER.fullmatch(str(value).strip()):
        return Decimal(str(value).strip())
    raise WrongField(field, f"is {shown(value)}", "write a plain number such as 0.93, with a point and no separators")


def flag_cell(row: Row, field: str, *, default: bool) -> bool:
    """True or false in one of the usual spellings."""
    value = cell(row, field)
    if value is None:
        return default
    word = str(value).strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise WrongField(field, f"is {shown(value)}", "write true or false")


def time_cell(row: Row, field: str, newest: datetime | None) -> datetime:
    """An instant from RFC 3339, unix seconds or milliseconds, or a typed timestamp (without a zone: UTC)."""
    value = cell(row, field)
    if value is None:
        raise WrongField(field, "is missing", _TIME_CURE)
    at = _instant(field, value)
    if not _EARLIEST <= at <= (newest or _LATEST):
        raise WrongField(field, f"is {at:%Y-%m-%dT%H:%M:%SZ}", "use a time after 2000 that is not in the future")
    return at


def _instant(field: str, value: object) -> datetime:
    text = str(value).strip()
    try:
        if isinstance(value, datetime):
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, str | int | float | Decimal) and _UNIX.fullmatch(text):
            return _from_unix(Decimal(text))
        if isinstance(value, str) and (written := _RFC3339.fullmatch(text)):
            zone = "Z" if written[2].isalpha() else written[2]
            return datetime.fromisoformat(written[1].upper() + zone).astimezone(UTC)
        if isinstance(value, str) and _RFC3339.fullmatch(text + "Z"):
            raise WrongField(field, NO_ZONE, _TIME_CURE)
    except (ValueError, OverflowError):
        pass
    raise WrongField(field, f"is {shown(value)}", _TIME_CURE)


def _from_unix(number: Decimal) -> datetime:
    seconds = number / 1000 if number >= _MILLISECONDS_FROM else number
    microseconds = int(seconds * 1_000_000)
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(microsecond=microseconds % 1_000_000)
